package event_test

import (
	"reflect"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
)

func TestCloneSharesNoMapAndNoSlice(t *testing.T) {
	t.Parallel()
	fresh := func() object {
		return object{
			"object": object{"a": object{"b": 1}},
			"named":  bag{"a": bag{"b": 1}},
			"texts":  map[string]string{"a": "b"},
			"list":   []any{object{"a": 1}, []any{2}, nil, []byte("bytes")},
			"maps":   []map[string]any{{"a": 1}, nil},
			"bags":   map[int][]bag{7: {{"a": 1}}},
			"lists":  [][]int{{1}, nil},
			"array":  [2]any{object{"a": 1}, []any{2}},
			"arrays": [][1]bag{{{"a": 1}}},
			"table":  map[string][1][1]object{"a": {{{"a": 1}}}},
			"bytes":  [2]byte{1, 2},
			"nil":    nil, "nil map": object(nil), "nil slice": []int(nil), "empty": []int{},
		}
	}
	original := fresh()
	clone := event.Clone(original)
	if !reflect.DeepEqual(clone, original) {
		t.Fatalf("got %#v, want %#v", clone, original)
	}
	clone["object"].(object)["a"].(object)["b"] = 2
	clone["named"].(bag)["a"].(bag)["b"] = 2
	clone["texts"].(map[string]string)["a"] = "c"
	clone["list"].([]any)[0].(object)["a"] = 2
	clone["list"].([]any)[1].([]any)[0] = 3
	clone["list"].([]any)[3].([]byte)[0] = 'B'
	clone["maps"].([]map[string]any)[0]["a"] = 2
	clone["bags"].(map[int][]bag)[7][0]["a"] = 2
	clone["lists"].([][]int)[0][0] = 2
	clone["array"].([2]any)[0].(object)["a"] = 2
	clone["array"].([2]any)[1].([]any)[0] = 3
	clone["arrays"].([][1]bag)[0][0]["a"] = 2
	clone["table"].(map[string][1][1]object)["a"][0][0]["a"] = 2
	delete(clone, "nil")
	if want := fresh(); !reflect.DeepEqual(original, want) {
		t.Errorf("after the clone was changed: got the original %#v, want %#v", original, want)
	}
}

func TestCloneOfNothingIsEmpty(t *testing.T) {
	t.Parallel()
	if got := event.Clone(nil); got == nil || len(got) > 0 {
		t.Errorf("got %#v, want an empty map", got)
	}
}

func TestCloneSharesStructsAndPointers(t *testing.T) {
	t.Parallel()
	pointer := &struct{ n int }{1}
	type line struct{ tags []string }
	tags := []string{"a"}
	clone := event.Clone(object{"pointer": pointer, "line": line{tags}})
	if clone["pointer"] != pointer || &clone["line"].(line).tags[0] != &tags[0] {
		t.Errorf("got %#v, want the very pointer and slice of the original", clone)
	}
}

func TestCloneKeepsCyclesAndSharedParts(t *testing.T) {
	t.Parallel()
	cycle := object{}
	cycle["self"] = cycle
	list := []any{nil}
	list[0] = list
	named := bag{}
	named["self"] = named
	shared := []int{1, 2, 3}
	clone := event.Clone(object{"cycle": cycle, "list": list, "named": named, "a": shared, "b": shared, "part": shared[:2]})

	inner := clone["cycle"].(object)
	inner["mark"] = 1
	if inner["self"].(object)["mark"] != 1 || cycle["mark"] != nil {
		t.Errorf("got map %v, want one that contains itself and not the original", inner)
	}
	copied := clone["list"].([]any)
	if &copied[0].([]any)[0] != &copied[0] || &copied[0] == &list[0] {
		t.Error("got a list that does not contain itself, or the original")
	}
	own := clone["named"].(bag)
	own["mark"] = 1
	if own["self"].(bag)["mark"] != 1 || named["mark"] != nil {
		t.Errorf("got map %v, want one that contains itself and not the original", own)
	}
	if a, b := clone["a"].([]int), clone["b"].([]int); &a[0] != &b[0] {
		t.Error("got two copies of a shared slice, want one")
	}
	if got := clone["part"]; !reflect.DeepEqual(got, []int{1, 2}) {
		t.Errorf("got %v of a shared slice's beginning, want [1 2]", got)
	}
}

// Without a memory of what was copied, this would take 2 to the power of 50
// steps.
func TestCloneOfPartsSharedManyTimes(t *testing.T) {
	t.Parallel()
	m := object{"leaf": true}
	for range 50 {
		m = object{"left": m, "right": bag{"m": m}}
	}
	clone := event.Clone(m)
	for range 50 {
		clone = clone["left"].(object)
	}
	if clone["leaf"] != true {
		t.Errorf("got %v at the bottom, want the leaf", clone)
	}
}
