package wire_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

func TestAppendPropertySeparatesMembers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ before, want string }{
		"no comma after an opening brace":           {`{`, `{"plan":"pro"`},
		"a comma after a string":                    {`{"a":"{"`, `{"a":"{","plan":"pro"`},
		"a comma after an object":                   {`{"a":{}`, `{"a":{},"plan":"pro"`},
		"a comma in front of a fragment of its own": {``, `,"plan":"pro"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var encoder wire.Encoder
			if got := string(encoder.AppendProperty([]byte(tc.before), "plan", "pro")); got != tc.want {
				t.Errorf("after %q: got %s, want %s", tc.before, got, tc.want)
			}
		})
	}
}

// Proves CAP-16.
func TestALostPropertyLeavesNoTrace(t *testing.T) {
	t.Parallel()
	var encoder wire.Encoder
	out := encoder.AppendProperty([]byte("{"), "callback", func() {})
	out = encoder.AppendProperty(out, "plan", "pro")
	out = encoder.AppendProperty(out, "events", make(chan int))
	if got, want := string(out), `{"plan":"pro"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := []wire.Loss{
		{Key: "callback", Reason: "func has no JSON form"},
		{Key: "events", Reason: "chan has no JSON form"},
	}
	if got := encoder.Losses(); !slices.Equal(got, want) {
		t.Errorf("got losses %v, want %v", got, want)
	}
	encoder.Reset()
	if got := encoder.Losses(); got != nil {
		t.Errorf("after Reset: got losses %v, want nil", got)
	}
}

func TestAppendValueLeavesNothingOfALostValue(t *testing.T) {
	t.Parallel()
	var encoder wire.Encoder
	out, ok := encoder.AppendValue([]byte("before"), complex(1, 2))
	if string(out) != "before" || ok {
		t.Errorf("got %q, %t, want %q, false", out, ok, "before")
	}
	if got, want := encoder.Losses(), []wire.Loss{{Reason: "complex128 has no JSON form"}}; !slices.Equal(got, want) {
		t.Errorf("got losses %v, want %v", got, want)
	}
}

func TestLossesNameThePath(t *testing.T) {
	t.Parallel()
	reason := "func has no JSON form"
	for name, tc := range map[string]struct {
		value any
		want  string
		lost  []wire.Loss
	}{
		"in a map": {
			map[string]any{"done": func() {}}, `{}`, []wire.Loss{{Key: "top.done", Reason: reason}},
		},
		"in a list it is null": {
			[]any{1, func() {}, 3}, `[1,null,3]`, []wire.Loss{{Key: "top.1", Reason: reason}},
		},
		"deep down": {
			map[string]any{"steps": []any{map[string]any{"run": func() {}}}}, `{"steps":[{}]}`,
			[]wire.Loss{{Key: "top.steps.0.run", Reason: reason}},
		},
		"in a typed map and a typed list": {
			map[string][]func(){"hooks": {nil}}, `{"hooks":[null]}`, []wire.Loss{{Key: "top.hooks.0", Reason: reason}},
		},
		"in a list of maps": {
			[]map[string]any{{"a": 1}, {"b": func() {}}}, `[{"a":1},{}]`, []wire.Loss{{Key: "top.1.b", Reason: reason}},
		},
		"in a struct": {
			struct {
				Name string `json:"name"`
				Run  func() `json:"run"`
			}{Name: "x"}, `{"name":"x"}`, []wire.Loss{{Key: "top.run", Reason: reason}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var encoder wire.Encoder
			out := encoder.AppendProperty([]byte("{"), "top", tc.value)
			if got, want := string(out), `{"top":`+tc.want; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := encoder.Losses(); !slices.Equal(got, tc.lost) {
				t.Errorf("got losses %v, want %v", got, tc.lost)
			}
		})
	}
}

func TestLossesAreBounded(t *testing.T) {
	t.Parallel()
	list := make([]any, 10_000)
	for i := range list {
		list[i] = errorFunc
	}
	_, losses := encode(t, list)
	if len(losses) != 65 || losses[64].Reason != "further values were lost" {
		t.Errorf("got %d losses, the last %v, want 65 and one that stands for the rest", len(losses), losses[len(losses)-1])
	}
}

func errorFunc() error { return errors.New("never called") }

func TestNotANumberIsNull(t *testing.T) {
	t.Parallel()
	value := []any{math.NaN(), math.Inf(1), math.Inf(-1), float32(math.Inf(1)), []float64{math.NaN(), 1}}
	got, losses := encode(t, value)
	if want := `[null,null,null,null,[null,1]]`; got != want || losses != nil {
		t.Errorf("got %s with losses %v, want %s", got, losses, want)
	}
}
