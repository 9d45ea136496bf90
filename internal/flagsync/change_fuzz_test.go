package flagsync_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/flagsync"
)

// Whatever two documents hold, the change between them comes to an end, names each key once and in order, and goes
// both ways.
func FuzzChange(f *testing.F) {
	f.Add([]byte(document("a", "b")), []byte(document("b", "c")))
	f.Add([]byte(documentJSON(cohorts(inCohort2, inCohort1), flagJSON("a", inCohort1))), []byte(documentJSON(cohorts(pro, inCohort1), flagJSON("a", inCohort1))))
	f.Add([]byte(documentJSON("", flagJSON("parent", afterParent))), []byte(documentJSON("", flagJSON("parent", pro))))
	f.Add([]byte(`{"flags":[{"key":""},{"key":1},null]}`), []byte(`{"flags":[]}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		from, to := stateOf(a), stateOf(b)
		if from == nil || to == nil {
			return
		}
		there, back := flagsync.Difference(from, to), flagsync.Difference(to, from)
		for _, list := range [][]string{there.Added, there.Removed, there.Changed} {
			if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
				t.Errorf("got %q, want sorted and each key once", list)
			}
		}
		if !slices.Equal(there.Added, back.Removed) || !slices.Equal(there.Removed, back.Added) {
			t.Errorf("got %+v there and %+v back", there, back)
		}
		if same := flagsync.Difference(from, from); len(same.Added)+len(same.Removed)+len(same.Changed) > 0 {
			t.Errorf("got %+v between a document and itself", same)
		}
	})
}

// stateOf returns a State of a document, nil if it is none.
func stateOf(document []byte) *flagsync.State {
	definitions, err := flags.Parse(document)
	if err != nil {
		return nil
	}
	return &flagsync.State{Program: flags.Compile(definitions, flags.Options{}), Generation: 1}
}
