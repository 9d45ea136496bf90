package posthogtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// fields are the members of a JSON object, still encoded. Names are matched
// exactly, unlike encoding/json's struct fields.
type fields map[string]json.RawMessage

// envelope is a request body of any accepted shape.
type envelope struct {
	token      string
	wrapped    bool // token is the wrapper's
	sentAt     string
	historical bool
	events     []json.RawMessage
}

// parse recognises the shape of a body: a list of events, a wrapper around
// one, or a lone event.
func parse(text []byte, engage bool) (envelope, *refusal) {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] == '[' {
		var e envelope
		if err := json.Unmarshal(text, &e.events); err != nil {
			return envelope{}, malformed("the body is not JSON: %v", err)
		}
		return e, nil
	}
	var body fields
	if err := json.Unmarshal(text, &body); err != nil {
		return envelope{}, malformed("the body is not a JSON object or array: %v", err)
	}
	if batch, ok := body["batch"]; ok {
		return parseWrapper(body, batch)
	}
	if _, ok := body["event"]; !ok && !engage {
		return envelope{}, malformed("the body is neither a batch nor an event: it has no batch and no event")
	}
	return envelope{events: []json.RawMessage{text}}, nil
}

func parseWrapper(body fields, batch json.RawMessage) (envelope, *refusal) {
	e := envelope{wrapped: true}
	if isNull(batch) || json.Unmarshal(batch, &e.events) != nil {
		return envelope{}, malformed("batch is not an array")
	}
	token, ok, err := body.text("api_key", "token")
	if err != nil {
		return envelope{}, malformed("%v", err)
	}
	if !ok {
		return envelope{}, malformed("the batch has no api_key and no token")
	}
	e.token = token
	if e.sentAt, _, err = body.text("sent_at"); err != nil {
		return envelope{}, malformed("%v", err)
	}
	if flag := body["historical_migration"]; !isNull(flag) && json.Unmarshal(flag, &e.historical) != nil {
		return envelope{}, malformed("historical_migration is %s, want true or false", excerpt(flag))
	}
	return e, nil
}

// text returns the first of the named members that is a string. null counts
// as absent; another type is an error.
func (f fields) text(names ...string) (value string, ok bool, err error) {
	for _, name := range names {
		raw := f[name]
		if isNull(raw) {
			continue
		}
		if json.Unmarshal(raw, &value) != nil {
			return "", false, fmt.Errorf("%s is %s, want a string", name, excerpt(raw))
		}
		return value, true, nil
	}
	return "", false, nil
}

// object returns the named member as a map, nil if absent.
func (f fields) object(name string) (map[string]any, error) {
	raw := f[name]
	if len(raw) == 0 {
		return nil, nil
	}
	if raw[0] != '{' {
		return nil, fmt.Errorf("%s is %s, want an object", name, excerpt(raw))
	}
	var m map[string]any
	if err := unmarshalExact(raw, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// unmarshalExact is json.Unmarshal that keeps every digit of a number.
func unmarshalExact(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v)
}

// isNull reports an absent member or a null.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// excerpt shortens JSON for a sentence.
func excerpt(raw []byte) string {
	const most = 40
	s := strings.ToValidUTF8(string(raw), "")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
