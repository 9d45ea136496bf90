package wire_test

import (
	"math"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

const tooDeep = "nested deeper than 64 levels or cyclic"

type node struct {
	Name string
	Next *node
	Any  any
}

func TestCyclesAreLost(t *testing.T) {
	t.Parallel()
	m := map[string]any{"a": 1}
	m["self"] = m

	list := []any{1, nil}
	list[1] = list

	named := properties{}
	named["deeper"] = map[string]any{"up": named}

	typed := map[int]any{}
	typed[1] = typed

	var pointed any
	pointed = &pointed

	linked := &node{Name: "a"}
	linked.Next = linked

	crossed := &node{Name: "a"}
	crossed.Any = map[string]any{"back": crossed}

	for name, tc := range map[string]struct {
		value     any
		want, key string
	}{
		"a map in itself":                       {m, `{"a":1}`, "self"},
		"a list in itself":                      {list, `[1,null]`, "1"},
		"a named map below itself":              {named, `{"deeper":{}}`, "deeper.up"},
		"a map with int keys in itself":         {typed, `{}`, "1"},
		"a pointer to itself":                   {pointed, ``, ""},
		"a struct that points to itself":        {linked, `{"Name":"a","Any":null}`, "Next"},
		"a struct that reaches itself by a map": {crossed, `{"Name":"a","Next":null,"Any":{}}`, "Any.back"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, losses := encode(t, tc.value)
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if len(losses) != 1 || losses[0].Key != tc.key || losses[0].Reason != tooDeep {
				t.Errorf("got losses %v, want one for %q: %s", losses, tc.key, tooDeep)
			}
		})
	}
}

func TestOneValueInTwoPlacesIsNoCycle(t *testing.T) {
	t.Parallel()
	shared := map[string]any{"a": 1}
	list := []any{1, nil}
	list[1] = list[:1] // begins where list begins, and does not hold it
	number := 7
	for name, tc := range map[string]struct {
		value any
		want  string
	}{
		"a map twice in a list":          {[]any{shared, shared}, `[{"a":1},{"a":1}]`},
		"the beginning of a list in it":  {list, `[1,[1]]`},
		"a pointer twice":                {[]*int{&number, &number}, `[7,7]`},
		"an empty list in an empty list": {[]any{[]any{}, []string{}}, `[[],[]]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, losses := encode(t, tc.value); got != tc.want || losses != nil {
				t.Errorf("got %s with losses %v, want %s", got, losses, tc.want)
			}
		})
	}
}

// nest puts core into as many containers as there are levels.
func nest(core any, levels int, around func(any) any) any {
	for range levels {
		core = around(core)
	}
	return core
}

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	for name, around := range map[string]func(any) any{
		"maps":       func(v any) any { return map[string]any{"k": v} },
		"lists":      func(v any) any { return []any{v} },
		"named maps": func(v any) any { return properties{"k": v} },
		"int maps":   func(v any) any { return map[int]any{1: v} },
		"arrays":     func(v any) any { return [1]any{v} },
		"pointers":   func(v any) any { return &v },
		"structs":    func(v any) any { return unwritable{math.NaN(), v} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, losses := encode(t, nest("core", 64, around)); !strings.Contains(got, "core") || losses != nil {
				t.Errorf("64 levels: got %s with losses %v, want all of it", got, losses)
			}
			if got, losses := encode(t, nest("core", 65, around)); strings.Contains(got, "core") || len(losses) != 1 || losses[0].Reason != tooDeep {
				t.Errorf("65 levels: got %s with losses %v, want the innermost lost", got, losses)
			}
		})
	}
}

// unwritable is a struct encoding/json refuses for its number.
type unwritable struct {
	Number float64
	Value  any
}

func TestDepthIsBoundedForEveryKindOfContainer(t *testing.T) {
	t.Parallel()
	for name, container := range map[string]any{
		"a map":               map[string]any{"a": 1},
		"a list":              []any{1},
		"a list of maps":      []map[string]any{{}},
		"a map with int keys": map[int]any{1: 1},
		"an array":            [1]int{1},
		"a list of pointers":  []*int{nil},
		"a pointer":           pointer(1),
		"a struct":            unwritable{Number: math.NaN()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			around := func(v any) any { return []any{v} }
			got, losses := encode(t, nest(container, 64, around))
			if !strings.Contains(got, "[null]") || len(losses) != 1 || losses[0].Reason != tooDeep {
				t.Errorf("in 64 lists: got %s with losses %v, want it null", got, losses)
			}
		})
	}
}

// Forty maps, each of which holds the next one twice, would be a million million texts if written out.
func TestAValueThatIsEndlessInTextIsCutOff(t *testing.T) {
	t.Parallel()
	value := map[string]any{"text": strings.Repeat("x", 1<<20)}
	for range 40 {
		value = map[string]any{"left": value, "right": value}
	}
	var encoder wire.Encoder
	out, ok := encoder.AppendValue(nil, value)
	if !ok || len(out) < 15<<20 || len(out) > 16<<20+1<<10 {
		t.Errorf("got %d bytes, %t, want 15 to 16 MiB, true", len(out), ok)
	}
	losses := encoder.Losses()
	if len(losses) == 0 || losses[0].Reason != "larger than 16 MiB" {
		t.Errorf("got losses %v, want one for the size", losses)
	}
}

// encoding/json would follow these to the end, and the stack or the memory would end first.
func TestAStructThatIsTooMuchForTheStandardLibraryIsCutOff(t *testing.T) {
	t.Parallel()
	chain := &node{Name: "end"}
	for range 10_000 {
		chain = &node{Name: "link", Next: chain}
	}
	twice := any(strings.Repeat("x", 1<<20))
	for range 40 {
		twice = []any{twice, twice}
	}
	type tree []tree
	deep := tree{}
	for range 1000 {
		deep = tree{deep}
	}
	for name, tc := range map[string]struct {
		value  any
		reason string
	}{
		"a long chain":            {chain, tooDeep},
		"a deep tree of slices":   {struct{ Tree tree }{deep}, tooDeep},
		"lists that share a list": {struct{ V any }{twice}, "larger than 16 MiB"},
		"deep maps of a struct":   {struct{ M map[string]any }{nest(nil, 300, func(v any) any { return map[string]any{"k": v} }).(map[string]any)}, tooDeep},
		"a chain by value":        {pointerNode{Next: chain}, tooDeep},
		"an array of chains":      {struct{ A [1]node }{[1]node{*chain}}, tooDeep},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var encoder wire.Encoder
			out, ok := encoder.AppendValue(nil, tc.value)
			losses := encoder.Losses()
			if !ok || len(out) > 16<<20+1<<10 || len(losses) == 0 || losses[0].Reason != tc.reason {
				t.Errorf("got %d bytes, %t, %d losses, want the loss: %s", len(out), ok, len(losses), tc.reason)
			}
		})
	}
}

// pointerNode marshals itself by its pointer only: by value, encoding/json looks inside.
type pointerNode struct{ Next *node }

func (*pointerNode) MarshalJSON() ([]byte, error) { return []byte(`"by pointer"`), nil }

// A struct may hold what is guarded by a lock. Only what encoding/json would read is read: the race detector
// watches this test, in which another goroutine writes the rest.
func TestFieldsThatAreNotWrittenAreNotRead(t *testing.T) {
	t.Parallel()
	type guarded struct {
		Any     any
		private map[string]int
		Left    *node `json:"-"`
	}
	value := &guarded{Any: []any{1}, private: map[string]int{}}
	started, stop, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		close(started)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				value.private["k"] = i
				value.Left = &node{}
			}
		}
	}()
	<-started
	got, losses := encode(t, value)
	close(stop)
	<-done
	if got != `{"Any":[1]}` || losses != nil {
		t.Errorf("got %s with losses %v, want %s", got, losses, `{"Any":[1]}`)
	}
}
