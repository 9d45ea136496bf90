package stack

import (
	"runtime"
	"slices"
	"testing"
)

func TestTheAtlasStartsOver(t *testing.T) {
	t.Parallel()
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	for name, fill := range map[string]func(*Rules){
		"when there are too many places": func(r *Rules) {
			r.atlas.places = make(map[uintptr]*place)
			for i := range maxPlaces {
				r.atlas.places[uintptr(i)] = &place{}
			}
		},
		"when there is too much JSON": func(r *Rules) {
			r.at(nil, []uintptr{1})
			r.atlas.grow(maxAtlas)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := NewRules(nil, Options{})
			fill(r)
			list := r.at(nil, pcs[:])
			if len(list) != 1 || len(r.atlas.places) != 1 || r.atlas.places[pcs[0]] != list[0] {
				t.Errorf("got %d places, want the one that came last", len(r.atlas.places))
			}
			if want := len(list[0].frame.json); r.atlas.size != want {
				t.Errorf("got %d bytes, want %d", r.atlas.size, want)
			}
		})
	}
}

func TestTheFirstPlaceStays(t *testing.T) {
	t.Parallel()
	var a atlas
	pcs := []uintptr{1, 2}
	first, second := []*place{{}, {}}, []*place{{}, {}}
	a.add(first[:1], pcs[:1])
	a.add(second, pcs)
	if second[0] != first[0] {
		t.Error("got another place of an address that was known")
	}
	found := make([]*place, 3)
	if all := a.find(found, []uintptr{1, 2, 3}); all || !slices.Equal(found, []*place{first[0], second[1], nil}) {
		t.Errorf("got places %v, all of them: %v", found, all)
	}
	if all := a.find(found[:2], pcs); !all {
		t.Error("got not all places, want both")
	}
}

// With cgo, an address may stand for several functions of C.
func TestOneAddressOfSeveralCalls(t *testing.T) {
	t.Parallel()
	r := NewRules(nil, Options{})
	inner, outer := r.place(runtime.Frame{Function: "c_inner"}), r.place(runtime.Frame{Function: "c_outer"})
	inner.next = outer
	r.atlas.add([]*place{{}, inner, {}}, []uintptr{1, 2, 3})
	if got := r.at(nil, []uintptr{1, 2, 3, 2}); !slices.Equal(got, []*place{inner, outer, inner, outer}) {
		t.Errorf("got %d places, want twice two of one address and none of the others", len(got))
	}
}
