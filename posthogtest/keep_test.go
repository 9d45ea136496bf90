package posthogtest_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestIdentitiesLastAsLongAsTheirEvents(t *testing.T) {
	t.Parallel()
	fiveTypes := `{"event":"a","distinct_id":"u","properties":{"$groups":{"a":"k","b":"k","c":"k","d":"k","e":"k"}}}`
	for name, c := range map[string]struct {
		first, second string
		about         posthogtest.WarningKind
	}{
		"an identified person": {identify("u", "anon"), identify("v", "u"), posthogtest.MergeOfIdentified},
		"a project's groups":   {fiveTypes, `{"event":"a","distinct_id":"u","properties":{"$groups":{"f":"k"}}}`, posthogtest.TooManyGroupTypes},
		"a uuid":               {event("a", "u", 1), event("b", "u", 1), posthogtest.UUIDReused},
	} {
		for _, between := range []struct {
			state         string
			before, after int // other events
			remembered    bool
		}{
			{"is remembered while nothing is forgotten", 0, 0, true},
			{"is remembered while its event is kept", 3, 1, true},
			{"is forgotten with its event", 0, 4, false},
		} {
			t.Run(name+" "+between.state, func(t *testing.T) {
				t.Parallel()
				s := posthogtest.NewServer(t, &posthogtest.Config{Keep: 2})
				n := 100
				others := func(count int) {
					for range count {
						n++
						post(t, s, batch(event("other", "somebody", n)), 200)
					}
				}
				others(between.before)
				post(t, s, batch(c.first), 200)
				others(between.after)
				post(t, s, batch(c.second), 200)
				if got := slices.Contains(kinds(s), c.about); got != between.remembered {
					t.Errorf("%s, %d other events, %s: got warnings %v, want %s among them: %t",
						c.first, between.after, c.second, kinds(s), c.about, between.remembered)
				}
			})
		}
	}
}

func TestAnEventIsRememberedByItsResend(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, &posthogtest.Config{Keep: 2})
	for _, n := range []int{1, 2, 1, 3} { // the fourth makes the server forget the first two
		post(t, s, batch(event("a", "u", n)), 200)
	}
	post(t, s, batch(event("b", "u", 1)), 200)
	if got, want := kinds(s), []posthogtest.WarningKind{posthogtest.UUIDReused}; !slices.Equal(got, want) {
		t.Errorf("got warnings %v, want %v: the resend of uuid %s is kept", got, want, uuid(1))
	}
}

func TestTheLargestKeepKeepsAll(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, &posthogtest.Config{Keep: math.MaxInt})
	for n := range 3 {
		post(t, s, batch(event(fmt.Sprintf("e%d", n), "u", n)), 200)
	}
	if e, r := len(s.Events()), len(s.Requests()); e != 3 || r != 3 {
		t.Errorf("got %d events and %d requests, want 3 and 3", e, r)
	}
}
