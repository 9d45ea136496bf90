package event_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/wire"
)

// Proves CAP-11.
func TestWhatTheMergeLosesIsReported(t *testing.T) {
	t.Parallel()
	const replaced, noForm = "no object, so the message's field replaces it", "func has no JSON form"
	f := func() {}
	for name, tc := range map[string]struct {
		draft event.Draft
		want  []wire.Loss
	}{
		"a property that is no object": {
			event.Draft{Set: object{"plan": "pro"}, Properties: object{"$set": "text"}},
			[]wire.Loss{{Key: "$set", Reason: replaced}},
		},
		"a property of the context that is no object": {
			event.Draft{SetOnce: object{"plan": "pro"}, Context: object{"$set_once": []any{1}}},
			[]wire.Loss{{Key: "$set_once", Reason: replaced}},
		},
		"a property that is a struct": {
			event.Draft{Groups: object{"company": "acme"}, Properties: object{"$groups": struct{ Team string }{"blue"}}},
			[]wire.Loss{{Key: "$groups", Reason: replaced}},
		},
		"a property that is null loses nothing": {
			event.Draft{Set: object{"plan": "pro"}, Properties: object{"$set": nil}}, nil,
		},
		"a property of a named type loses nothing": {
			event.Draft{Set: object{"plan": "pro"}, Properties: object{"$set": bag{"seats": 1}}}, nil,
		},
		"a property that no field replaces loses nothing": {
			event.Draft{Properties: object{"$set": "text"}}, nil,
		},
		"a member of the field": {
			event.Draft{Set: object{"plan": f}}, []wire.Loss{{Key: "$set.plan", Reason: noForm}},
		},
		"a member of the property": {
			event.Draft{Set: object{"plan": "pro"}, Properties: object{"$set": object{"seats": []any{f}}}},
			[]wire.Loss{{Key: "$set.seats.0", Reason: noForm}},
		},
		"a group": {
			event.Draft{Groups: object{"company": f}}, []wire.Loss{{Key: "$groups.company", Reason: noForm}},
		},
		"several": {
			event.Draft{Properties: object{"a": f, "$set": 1}, Set: object{"b": f}, SetOnce: object{"c": f}},
			[]wire.Loss{{Key: "a", Reason: noForm}, {Key: "$set", Reason: replaced}, {Key: "$set.b", Reason: noForm}, {Key: "$set_once.c", Reason: noForm}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e wire.Encoder
			text, _ := event.Append(nil, &e, complete(tc.draft), static(t, nil))
			if got := e.Losses(); !slices.Equal(got, tc.want) {
				t.Errorf("got losses %v in %s, want %v", got, text, tc.want)
			}
		})
	}
}
