package event_test

import (
	"reflect"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/wire"
)

// around are the ways to put a value one level deeper.
var around = map[string]func(any) any{
	"maps":       func(v any) any { return object{"k": v} },
	"named maps": func(v any) any { return bag{"k": v} },
	"int maps":   func(v any) any { return map[int]any{1: v} },
	"lists":      func(v any) any { return []any{v} },
	"arrays":     func(v any) any { return [1]any{v} },
}

// nest puts core into as many containers as there are levels.
func nest(core any, levels int, around func(any) any) any {
	for range levels {
		core = around(core)
	}
	return core
}

// A stack that overflows cannot be recovered from: it ends the host. Here it
// may grow to 1 MiB only, which a recursion over so many levels exceeds.
func TestDepthCostsNoStack(t *testing.T) {
	limit := debug.SetMaxStack(1 << 20)
	t.Cleanup(func() { debug.SetMaxStack(limit) })
	for name, around := range around {
		t.Run(name, func(t *testing.T) {
			deep := object{"deep": nest("core", 20_000, around)}
			event.Clone(deep)
			event.Build(complete(event.Draft{
				Properties: deep, Context: deep, Set: deep, Owned: []event.Field{{Key: "owned", Value: deep}},
			}), static(t, nil))
			event.NewStatic("hedgerow", "1.2.3", deep)
		})
	}
}

// What an event can carry is copied whole, and what it cannot is found by the
// encoder in the copy as in the original.
func TestCloneIsAsDeepAsAnEvent(t *testing.T) {
	t.Parallel()
	encode := func(m object) (string, []wire.Loss) {
		var e wire.Encoder
		return string(e.AppendProperties(nil, m)), e.Losses()
	}
	for name, around := range around {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for levels := 63; levels <= 70; levels++ {
				m := object{"deep": nest(object{"core": []any{1}}, levels-2, around)}
				want, lost := encode(m)
				got, gotLost := encode(event.Clone(m))
				if got != want || !slices.Equal(gotLost, lost) || (lost != nil) != (levels > 64) {
					t.Errorf("%d levels: the clone is written as %s with losses %v, want %s with %v", levels, got, gotLost, want, lost)
				}
			}
		})
	}
}

// A part that occurs near the bottom as well as at the top has levels left at
// the top.
func TestCloneOfAPartThatIsHighAndLow(t *testing.T) {
	t.Parallel()
	shared := nest("core", 20, around["maps"])
	for range 20 { // the order of a map is Go's
		clone := event.Clone(object{"low": nest(shared, 60, around["maps"]), "high": shared, "also low": nest(shared, 59, around["lists"])})
		if !reflect.DeepEqual(clone["high"], shared) {
			t.Fatalf("got %v, want all of %v", clone["high"], shared)
		}
	}
}
