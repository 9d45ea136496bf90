package posthogtest

import (
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"
)

// sheet is the body of a request to [RouteAnalytics].
type sheet struct {
	historical bool
	lines      []line
}

// line is one event of a sheet, decoded but not judged. Of the texts, "" is
// absent.
type line struct {
	raw                               json.RawMessage
	name, uuid, distinctID, timestamp string
	sessionID, windowID               string
	options, properties               json.RawMessage
}

// readSheet decodes a body as strictly as the service: a member of the wrong
// type, or a uuid that is missing, none or there twice, refuses all of it.
// Members it does not know are ignored.
func readSheet(text []byte) (sheet, *refusal) {
	if len(text) == 0 {
		return sheet{}, reject(http.StatusBadRequest, "empty_body", "the body decompresses to nothing")
	}
	var body fields
	if !utf8.Valid(text) {
		return sheet{}, unparsable("the body is not UTF-8 text")
	}
	if err := json.Unmarshal(text, &body); err != nil {
		return sheet{}, unparsable("the body is not a JSON object: %v", err)
	}
	sh := sheet{}
	created, ok := body.strict("created_at")
	if !ok || created == "" {
		return sheet{}, unparsable("created_at is %s, want a string", excerptOr(body["created_at"], "missing"))
	}
	for _, flag := range []struct {
		name string
		into *bool
	}{{"historical_migration", &sh.historical}, {"capture_internal", new(bool)}} {
		if raw := body[flag.name]; !isNull(raw) && json.Unmarshal(raw, flag.into) != nil {
			return sheet{}, unparsable("%s is %s, want true or false", flag.name, excerpt(raw))
		}
	}
	var batch []json.RawMessage
	if raw := body["batch"]; isNull(raw) || json.Unmarshal(raw, &batch) != nil {
		return sheet{}, unparsable("batch is %s, want an array", excerptOr(raw, "missing"))
	}
	for i, raw := range batch {
		l, refused := readLine(raw)
		if refused != nil {
			return sheet{}, refused.inEvent(i, len(batch))
		}
		sh.lines = append(sh.lines, l)
	}
	if _, err := time.Parse(time.RFC3339, created); err != nil {
		return sheet{}, reject(http.StatusBadRequest, "invalid_batch", "created_at is %s, want an RFC 3339 time", quote(created))
	}
	if len(batch) == 0 {
		return sheet{}, reject(http.StatusBadRequest, "empty_batch", "the batch is empty")
	}
	if refused := sh.identify(); refused != nil {
		return sheet{}, refused
	}
	return sh, nil
}

// identify normalises the uuids of the events.
func (sh *sheet) identify() *refusal {
	first := make(map[string]int, len(sh.lines))
	for i := range sh.lines {
		l := &sh.lines[i]
		sent := l.uuid
		if sent == "" {
			return reject(http.StatusBadRequest, "missing_event_uuid", "the event has no uuid").inEvent(i, len(sh.lines))
		}
		var ok bool
		if l.uuid, ok = normalUUID(sent); !ok {
			refused := reject(http.StatusBadRequest, "invalid_event_uuid", "uuid %s is not a UUID", quote(sent))
			refused.kind = InvalidUUID
			return refused.inEvent(i, len(sh.lines))
		}
		if at, again := first[l.uuid]; again {
			return reject(http.StatusBadRequest, "duplicate_event_uuid", "uuid %s is event %d's as well", l.uuid, at+1).inEvent(i, len(sh.lines))
		}
		first[l.uuid] = i
	}
	return nil
}

func readLine(raw json.RawMessage) (line, *refusal) {
	var f fields
	if isNull(raw) || json.Unmarshal(raw, &f) != nil {
		return line{}, unparsable("the event is %s, want an object", excerpt(raw))
	}
	l := line{raw: raw, options: f["options"], properties: f["properties"]}
	for _, member := range []struct {
		name     string
		into     *string
		optional bool
	}{
		{"event", &l.name, false},
		{"uuid", &l.uuid, false},
		{"distinct_id", &l.distinctID, false},
		{"timestamp", &l.timestamp, false},
		{"session_id", &l.sessionID, true},
		{"window_id", &l.windowID, true},
	} {
		if member.optional && isNull(f[member.name]) {
			continue
		}
		var ok bool
		if *member.into, ok = f.strict(member.name); !ok {
			return line{}, unparsable("%s is %s, want a string", member.name, excerpt(f[member.name]))
		}
	}
	return l, nil
}

// strict returns a member that is a string, or "" where it is absent. null is
// not a string.
func (f fields) strict(name string) (value string, ok bool) {
	raw, there := f[name]
	if !there {
		return "", true
	}
	return value, !isNull(raw) && json.Unmarshal(raw, &value) == nil
}

func unparsable(format string, args ...any) *refusal {
	return reject(http.StatusBadRequest, "request_parsing_error", format, args...)
}

// excerptOr is excerpt with a word for an absent member.
func excerptOr(raw []byte, absent string) string {
	if len(raw) == 0 {
		return absent
	}
	return excerpt(raw)
}
