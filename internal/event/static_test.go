package event_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/wire"
)

// Proves CAP-16.
func TestUnencodableDefaultsAreDroppedAndReported(t *testing.T) {
	t.Parallel()
	s, losses := event.NewStatic("hedgerow", "1.2.3", object{
		"callback": func() {}, "plan": "pro", "$flow": make(chan int), "ratio": math.NaN(), "deep": object{"f": func() {}, "n": 1},
	})
	var lost []string
	for _, l := range losses {
		lost = append(lost, l.Key)
	}
	if want := []string{"$flow", "callback", "deep.f"}; !reflect.DeepEqual(lost, want) {
		t.Errorf("got losses %v, want %v", lost, want)
	}
	if m := event.Build(complete(event.Draft{}), s); m["callback"] != nil || m["$flow"] != nil {
		t.Errorf("Build: got %v, want nothing that was dropped", m)
	}
	want := object{"plan": "pro", "ratio": nil, "deep": object{"n": 1.0}, "$lib": "hedgerow", "$lib_version": "1.2.3"}
	if got := written(t, complete(event.Draft{}), s); !reflect.DeepEqual(got, want) {
		t.Errorf("Append: got %v, want %v", got, want)
	}
	if got := built(t, complete(event.Draft{}), s); !reflect.DeepEqual(got, want) {
		t.Errorf("Build: got %v, want %v", got, want)
	}
}

// Proves CAP-16.
func TestUnencodablePropertiesAreDroppedAndReported(t *testing.T) {
	t.Parallel()
	var e wire.Encoder
	d := complete(event.Draft{Properties: object{"callback": func() {}, "plan": "pro"}})
	event.Append(nil, &e, d, static(t, nil))
	if losses := e.Losses(); len(losses) != 1 || losses[0].Key != "callback" {
		t.Errorf("got losses %v, want one of %q", losses, "callback")
	}
	requireProperties(t, *d, object{"callback": "default"}, object{"plan": "pro"})
}

func TestStaticKeepsNothingOfTheCallers(t *testing.T) {
	t.Parallel()
	defaults := object{"plan": object{"name": "pro"}, "$lib": "mine", "$is_server": false}
	s := static(t, defaults)
	if got, want := len(defaults), 3; got != want {
		t.Errorf("got %d defaults after NewStatic, want %d: the map is the caller's", got, want)
	}
	defaults["plan"].(object)["name"] = "free"
	event.Build(complete(event.Draft{}), s)["plan"].(object)["name"] = "changed by a hook"
	want := object{"plan": object{"name": "pro"}, "$lib": "hedgerow", "$lib_version": "1.2.3"}
	if got := built(t, complete(event.Draft{}), s); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheZeroStaticAddsNothing(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]event.Draft{
		"an event without properties": {},
		"an event with properties":    {Properties: object{"a": 1.0, "$b": "c"}},
		"an event with owned ones":    {Owned: []event.Field{{Key: "a", Value: 1.0}}},
		"an event with plain ones":    {Properties: object{"a": 1.0}},
		"a library's name":            {Properties: object{"$lib": "x", "$lib_version": "y"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := written(t, complete(d), new(event.Static)), built(t, complete(d), new(event.Static))
			if !reflect.DeepEqual(got, want) || got["$lib"] != nil {
				t.Errorf("Append: got %v, want %v, as Build has it", got, want)
			}
		})
	}
}

func TestSystem(t *testing.T) {
	t.Parallel()
	m := event.System()
	for key, value := range m {
		if text, ok := value.(string); !ok || text == "" {
			t.Errorf("got %s = %#v, want some text", key, value)
		}
	}
	for _, key := range []string{"$os", "$go_version"} {
		if m[key] == nil {
			t.Errorf("got no %s, want one", key)
		}
	}
}
