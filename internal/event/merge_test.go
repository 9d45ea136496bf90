package event_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/event"
)

type bag map[string]any

// Proves CAP-11.
func TestFieldsAreMergedIntoObjects(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		draft    event.Draft
		defaults object
		want     object
	}{
		"groups alone": {
			event.Draft{Groups: object{"company": "acme"}}, nil, object{"$groups": object{"company": "acme"}},
		},
		"groups over the caller's property, one by one": {
			event.Draft{Groups: object{"company": "acme"}, Properties: object{"$groups": object{"company": "x", "team": "blue"}}},
			nil, object{"$groups": object{"company": "acme", "team": "blue"}},
		},
		"groups over a property of a named type": {
			event.Draft{Groups: object{"company": "acme"}, Properties: object{"$groups": bag{"team": "blue"}}},
			nil, object{"$groups": object{"company": "acme", "team": "blue"}},
		},
		"groups over a property of texts": {
			event.Draft{Groups: object{"company": "acme"}, Properties: object{"$groups": map[string]string{"team": "blue"}}},
			nil, object{"$groups": object{"company": "acme", "team": "blue"}},
		},
		"groups over the context's property": {
			event.Draft{Groups: object{"company": "acme"}, Context: object{"$groups": object{"team": "blue"}}},
			nil, object{"$groups": object{"company": "acme", "team": "blue"}},
		},
		"the caller's property hides the context's": {
			event.Draft{Groups: object{"a": "1"}, Properties: object{"$groups": object{"b": "2"}}, Context: object{"$groups": object{"c": "3"}}},
			nil, object{"$groups": object{"a": "1", "b": "2"}},
		},
		"groups over a property that is no object": {
			event.Draft{Groups: object{"company": "acme"}, Properties: object{"$groups": "blue"}},
			nil, object{"$groups": object{"company": "acme"}},
		},
		"groups over a default": {
			event.Draft{Groups: object{"company": "acme"}}, object{"$groups": object{"company": "x"}},
			object{"$groups": object{"company": "acme"}},
		},
		"the caller's property alone": {
			event.Draft{Properties: object{"$groups": object{"team": "blue"}}}, nil, object{"$groups": object{"team": "blue"}},
		},
		"person properties over the caller's": {
			event.Draft{
				Set: object{"plan": "pro"}, SetOnce: object{"seen": 1},
				Properties: object{"$set": object{"plan": "free", "seats": 2}, "$set_once": object{"seen": 0}},
			}, nil, object{"$set": object{"plan": "pro", "seats": 2.0}, "$set_once": object{"seen": 1.0}},
		},
		"a person property that JSON cannot carry does not uncover the caller's": {
			event.Draft{Set: object{"plan": func() {}, "seats": 2}, Properties: object{"$set": object{"plan": "free"}}},
			nil, object{"$set": object{"seats": 2.0}},
		},
		"an owned object is not merged": {
			event.Draft{Set: object{"plan": "pro"}, Owned: []event.Field{{Key: "$set", Value: object{"plan": "owned"}}}},
			nil, object{"$set": object{"plan": "owned"}},
		},
		"a reserved object is not written": {
			event.Draft{Set: object{"plan": "pro"}, Reserved: []string{"$set"}}, nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireProperties(t, tc.draft, tc.defaults, tc.want)
		})
	}
}

// Proves GRP-3.
func TestAnOwnedObjectWithoutMembersIsWritten(t *testing.T) {
	t.Parallel()
	requireProperties(t, event.Draft{Owned: []event.Field{{Key: "$group_set", Value: object{}}}},
		nil, object{"$group_set": object{}})
}

type (
	account int64
	shard   uint16
	ratio   float32
)

func TestGroupKeysAreText(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ key, want any }{
		"text":               {"acme", "acme"},
		"int":                {-7, "-7"},
		"int8":               {int8(-8), "-8"},
		"int16":              {int16(-16), "-16"},
		"int32":              {int32(7), "7"},
		"int64":              {int64(1) << 62, "4611686018427387904"},
		"uint":               {uint(7), "7"},
		"uint8":              {uint8(8), "8"},
		"uint16":             {uint16(16), "16"},
		"uint32":             {uint32(7), "7"},
		"uint64":             {uint64(1) << 63, "9223372036854775808"},
		"float32":            {float32(0.1), "0.1"},
		"whole float64":      {7.0, "7"},
		"large float64":      {1e21, "1000000000000000000000"},
		"named int":          {account(7), "7"},
		"named uint":         {shard(7), "7"},
		"named float":        {ratio(0.5), "0.5"},
		"anything else":      {true, true},
		"nothing, like null": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := event.GroupKey(tc.key); got != tc.want {
				t.Errorf("GroupKey(%v): got %#v, want %#v", tc.key, got, tc.want)
			}
			requireProperties(t, event.Draft{Groups: object{"company": tc.key}}, nil,
				object{"$groups": object{"company": tc.want}})
		})
	}
}
