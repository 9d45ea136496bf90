package event_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/uuid7"
	"github.com/hedgerow/posthog/internal/wire"
)

var noon = time.Date(2026, 8, 22, 12, 0, 0, 123456789, time.UTC)

// object is a shorter name for what drafts are made of.
type object = map[string]any

// static returns the static properties of a client with these defaults, which
// must all be encodable.
func static(t testing.TB, defaults object) *event.Static {
	t.Helper()
	s, losses := event.NewStatic("hedgerow", "1.2.3", defaults)
	if len(losses) > 0 {
		t.Fatalf("NewStatic of %v: got losses %v, want none", defaults, losses)
	}
	return s
}

// complete gives a draft what its envelope needs.
func complete(d event.Draft) *event.Draft {
	d.Event, d.DistinctID, d.Timestamp = "order paid", "user_42", noon
	d.UUID, _ = uuid7.Parse("0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22")
	return &d
}

// written returns the properties that Append writes.
func written(t testing.TB, d *event.Draft, s *event.Static) object {
	t.Helper()
	var e wire.Encoder
	var got struct {
		Properties object `json:"properties"`
	}
	text, tail := event.Append(nil, &e, d, s)
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("Append wrote %s, which is no JSON: %v", text, err)
	}
	requireNoDuplicates(t, text)
	requireSpecialsLast(t, text, tail)
	requireOtherForm(t, text, tail, got.Properties)
	return got.Properties
}

// requireOtherForm fails the test unless the event can become one for the
// analytics endpoint, with the same ordinary properties and no others.
func requireOtherForm(t testing.TB, text []byte, tail int, properties object) {
	t.Helper()
	var got struct {
		Properties object `json:"properties"`
		Options    object `json:"options"`
	}
	other, ok := wire.AppendEventV1(nil, text, tail)
	if err := json.Unmarshal(other, &got); err != nil || !ok || got.Options == nil {
		t.Fatalf("AppendEventV1(%s, %d) = %s, %v, want an event with options: %v", text, tail, other, ok, err)
	}
	want := maps.Clone(properties)
	maps.DeleteFunc(want, func(key string, _ any) bool { return wire.Special(key) >= 0 })
	if !reflect.DeepEqual(got.Properties, want) {
		t.Fatalf("AppendEventV1(%s, %d) has the properties %v, want %v", text, tail, got.Properties, want)
	}
	requireNoDuplicates(t, other)
}

// requireSpecialsLast fails the test unless the properties of an event are
// the ordinary ones up to tail and the special ones from there on.
func requireSpecialsLast(t testing.TB, text []byte, tail int) {
	t.Helper()
	members := func(text string) (keys []string) {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte("{"+strings.TrimPrefix(text, ",")+"}"), &object); err != nil {
			t.Fatalf("the event %s is no JSON on both sides of byte %d: %v", text, tail, err)
		}
		return slices.Collect(maps.Keys(object))
	}
	_, properties, _ := bytes.Cut(text, []byte(`"properties":{`))
	begin, end := len(text)-len(properties), len(text)-len("}}")
	for _, key := range members(string(text[begin:tail])) {
		if wire.Special(key) >= 0 {
			t.Fatalf("the special property %q stands before byte %d of %s", key, tail, text)
		}
	}
	for _, key := range members(string(text[tail:end])) {
		if wire.Special(key) < 0 {
			t.Fatalf("the ordinary property %q stands behind byte %d of %s", key, tail, text)
		}
	}
}

// built returns the properties that Build returns, as JSON carries them.
func built(t testing.TB, d *event.Draft, s *event.Static) object {
	t.Helper()
	var e wire.Encoder
	text := append(e.AppendProperties([]byte("{"), event.Build(d, s)), '}')
	var got object
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("what Build returns encodes as %s, which is no JSON: %v", text, err)
	}
	return got
}

// requireProperties fails the test unless Append and Build agree that the
// event has the properties want and the library's name.
func requireProperties(t *testing.T, d event.Draft, defaults, want object) {
	t.Helper()
	s := static(t, defaults)
	expected := object{"$lib": "hedgerow", "$lib_version": "1.2.3"}
	for key, value := range want {
		expected[key] = value
	}
	if got := written(t, complete(d), s); !reflect.DeepEqual(got, expected) {
		t.Errorf("Append of %+v over %v: got %v, want %v", d, defaults, got, expected)
	}
	if got := built(t, complete(d), s); !reflect.DeepEqual(got, expected) {
		t.Errorf("Build of %+v over %v: got %v, want %v", d, defaults, got, expected)
	}
}

// requireNoDuplicates fails the test if an object in text has a key twice,
// which decoding alone would hide.
func requireNoDuplicates(t testing.TB, text []byte) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	var open []map[string]bool // nil for a list
	key := true
	for {
		token, err := decoder.Token()
		if err != nil {
			return // the end
		}
		switch v := token.(type) {
		case json.Delim:
			switch v {
			case '{':
				open, key = append(open, map[string]bool{}), true
				continue
			case '[':
				open = append(open, nil)
				continue
			default:
				open = open[:len(open)-1]
			}
		case string:
			if inside := open[len(open)-1]; inside != nil && key {
				if inside[v] {
					t.Fatalf("key %q occurs twice in %s", v, text)
				}
				inside[v], key = true, false
				continue
			}
		}
		key = true
	}
}
