package posthogtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"time"
)

// draft is an event decoded but not judged.
type draft struct {
	raw        json.RawMessage
	name       string
	uuid       string
	token      string
	hasToken   bool
	timestamp  string
	offset     *int64 // milliseconds
	distinctID json.RawMessage
	properties map[string]any
}

// draftAll decodes the events of a request; one that cannot be decoded refuses
// them all.
func draftAll(e envelope, engage bool) ([]draft, *refusal) {
	drafts := make([]draft, 0, len(e.events))
	for i, raw := range e.events {
		d, refused := newDraft(raw, engage && !e.wrapped)
		if refused != nil {
			return nil, refused.inEvent(i, len(e.events))
		}
		drafts = append(drafts, d)
	}
	return drafts, nil
}

func newDraft(raw json.RawMessage, engage bool) (draft, *refusal) {
	var f fields
	if isNull(raw) || json.Unmarshal(raw, &f) != nil {
		return draft{}, malformed("the event is %s, want an object", excerpt(raw))
	}
	d := draft{raw: raw, distinctID: f["distinct_id"]}
	if isNull(d.distinctID) {
		d.distinctID = f["$distinct_id"]
	}
	var err error
	read := func(names ...string) (value string, ok bool) {
		if err == nil {
			value, ok, err = f.text(names...)
		}
		return value, ok
	}
	d.name, _ = read("event")
	d.uuid, _ = read("uuid")
	d.timestamp, _ = read("timestamp")
	d.token, d.hasToken = read("token", "$token", "api_key")
	if err == nil {
		d.properties, err = f.properties()
	}
	if err != nil {
		return draft{}, malformed("%v", err)
	}
	if offset := f["offset"]; !isNull(offset) && json.Unmarshal(offset, &d.offset) != nil {
		return draft{}, malformed("offset is %s, want a whole number of milliseconds", excerpt(offset))
	}
	if _, named := f["event"]; !named && engage {
		d.name = "$identify"
	}
	return d, nil
}

// properties returns the event's properties with a top-level $set and
// $set_once merged in.
func (f fields) properties() (map[string]any, error) {
	properties, err := f.object("properties")
	if err != nil {
		return nil, err
	}
	if properties == nil {
		properties = make(map[string]any)
	}
	for _, name := range []string{"$set", "$set_once"} {
		if isNull(f[name]) {
			continue
		}
		set, err := f.object(name)
		if err != nil {
			return nil, err
		}
		if inner, ok := properties[name].(map[string]any); ok {
			maps.Copy(inner, set)
		} else {
			properties[name] = set
		}
	}
	return properties, nil
}

// accept judges the event and makes it what the project stores.
func (d draft) accept(from origin) (item, *refusal) {
	c := from.clock
	if d.name == "" {
		return item{}, malformed("the event has no name")
	}
	distinctID, cut, refused := d.chooseDistinctID()
	if refused != nil {
		return item{}, refused
	}
	uuid, refused := chooseUUID(d.uuid, c.now)
	if refused != nil {
		return item{}, refused
	}
	switch d.properties["$cookieless_mode"].(type) {
	case nil, bool:
	default:
		return item{}, malformed("$cookieless_mode is neither true nor false")
	}
	it := item{event: Event{
		Name:          d.name,
		DistinctID:    distinctID,
		UUID:          uuid,
		SentTimestamp: d.timestamp,
		Properties:    d.properties,
		Route:         from.route,
		Token:         from.token,
		Historical:    from.historical,
		Received:      c.now,
		Raw:           d.raw,
	}}
	ignore, _ := d.properties["$ignore_sent_at"].(bool)
	var kind WarningKind
	it.event.Timestamp, it.event.sent, kind = c.stored(d.timestamp, d.offset, ignore)
	if kind != "" {
		it.warn(kind, "timestamp "+quote(d.timestamp)+" is stored as "+it.event.Timestamp.Format(time.RFC3339Nano))
	}
	if cut {
		it.warn(DistinctIDCut, "the distinct id is cut at 200 characters")
	}
	inspect(&it)
	return it, nil
}

// chooseDistinctID takes the top-level id, else the one in the properties, and
// reports whether it had to be cut.
func (d draft) chooseDistinctID() (id string, cut bool, refused *refusal) {
	if !isNull(d.distinctID) {
		if json.Unmarshal(d.distinctID, &id) != nil {
			var text bytes.Buffer
			_ = json.Compact(&text, d.distinctID) // it was parsed before
			id = text.String()
		}
	} else {
		switch value := d.properties["distinct_id"].(type) {
		case nil:
		case string:
			id = value
		default:
			id = compact(value)
		}
	}
	if strings.TrimSpace(id) == "" {
		return "", false, malformed("the event has no distinct id")
	}
	id = strings.ReplaceAll(id, "\x00", "\uFFFD")
	if r := []rune(id); len(r) > maxDistinctID {
		return string(r[:maxDistinctID]), true, nil
	}
	return id, false, nil
}
