package posthogtest

import (
	"fmt"
	"testing"
)

// What is remembered of identities shows in no exported name, so this test
// counts it inside.
func TestKeepBoundsIdentities(t *testing.T) {
	t.Parallel()
	const keep = 3
	for name, token := range map[string]func(n int) string{
		"many projects": func(n int) string { return fmt.Sprintf("phc_%d", n) },
		"one project":   func(int) string { return "phc_test" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRecord(keep)
			for n := range 100 {
				r.accept(new(Request), item{event: Event{
					Name:       "$identify",
					DistinctID: fmt.Sprintf("user %d", n),
					UUID:       fmt.Sprintf("uuid %d", n),
					Token:      token(n),
					Properties: map[string]any{"$anon_distinct_id": fmt.Sprintf("device %d", n)},
				}})
				persons := 0
				for _, p := range r.projects {
					persons += len(p.persons)
				}
				if held := 2 * keep; len(r.seen) > held || len(r.projects) > held || persons > 2*held {
					t.Fatalf("after %d events: got %d uuids, %d projects and %d distinct ids remembered, want at most %d, %d and %d",
						n+1, len(r.seen), len(r.projects), persons, held, held, 2*held)
				}
			}
		})
	}
}
