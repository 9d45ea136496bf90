package main

import (
	"errors"
	"runtime"
	"testing"
)

// A place that is there twice would make a stack cheaper than a real one.
func TestEachCallOfAStackIsAtAPlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[uintptr]bool{}
	count := 0
	failure := errors.New("from below")
	take := func() error {
		pcs := make([]uintptr, 2*stackDepth)
		pcs = pcs[:runtime.Callers(1, pcs)]
		count = len(pcs)
		for _, pc := range pcs {
			seen[pc] = true
		}
		return failure
	}
	if err := atDepth(func() error { return take() }); !errors.Is(err, failure) {
		t.Errorf("got error %v, want %v", err, failure)
	}
	if want := stackDepth + 1; count != want || len(seen) != want { // with the runtime's beginning of a goroutine
		t.Errorf("got %d calls at %d places, want %d of each", count, len(seen), want)
	}
}
