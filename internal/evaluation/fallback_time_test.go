package evaluation_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// variant is a reply with the flag plan in a variant.
func variant(name string) reply {
	return reply{body: `{"flags":{"plan":{"enabled":true,"variant":"` + name + `"}}}`}
}

// ask asks for one flag, or for all.
func (w *world) ask(all bool) {
	w.Helper()
	var err error
	if all {
		_, err = w.All(w.Context(), person("u-1"))
	} else {
		_, err = w.One(w.Context(), "plan", person("u-1"))
	}
	if err != nil {
		w.Fatal(err)
	}
}

// Of what is known of a flag by itself and among all, the newer counts.
func TestTheNewerOfTwoEntriesCounts(t *testing.T) {
	t.Parallel()
	for _, allLast := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := open(t, remembering(""))
			w.server.answer(variant("old"))
			w.ask(!allLast)
			wait(time.Second)
			w.server.answer(variant("new"))
			w.ask(allLast)
			w.server.answer(reply{err: errRefused})
			if got := w.one("plan", "u-1", evaluation.Found, evaluation.Stale, "connection_error").Variant; got != "new" {
				t.Errorf("all asked last: %v; the last known variant is %q, want new", allLast, got)
			}
		})
	}
}

// An answer from the cache does not make what is stored younger.
func TestTheCacheStoresNothing(t *testing.T) {
	t.Parallel()
	for _, all := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := remembering("")
			s.CacheTTL, s.CacheSize, s.FallbackTTL = time.Hour, 10, time.Minute
			w := open(t, s)
			stored := time.Now()
			w.server.answer(variant("x"))
			w.ask(all)
			wait(30 * time.Minute)
			w.ask(all)
			wait(29 * time.Minute)
			w.server.answer(reply{err: errRefused})
			later := evaluation.New(evaluation.Config{
				Endpoint: "http://example.com", Key: "phc_test", Remote: w.remote, Fallback: s.Fallback,
			})
			r, err := later.One(t.Context(), "plan", person("u-1"))
			if err != nil || r.Variant != "x" || !r.EvaluatedAt.Equal(stored) {
				t.Errorf("asked for all: %v; the last known record is %+v, error %v, want x of %v", all, r, err, stored)
			}
		})
	}
}

// What strict evaluation leaves open does not replace what is known of it.
func TestStrictEvaluationStoresNoGaps(t *testing.T) {
	t.Parallel()
	w := open(t, remembering(definitions))
	w.server.answer(variant("x"))
	w.ask(true)
	r := person("u-1")
	r.OnlyLocally = true
	if _, err := w.All(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.server.answer(reply{err: errRefused})
	if got := w.one("plan", "u-1", evaluation.Found, evaluation.Stale, "connection_error"); got.Inconclusive == nil {
		t.Errorf("the last known record is %+v, want to know why the definitions leave it open", got)
	}
}

// Where the server failed on one flag, the others are as it says.
func TestOnlyTheFailedFlagIsStale(t *testing.T) {
	t.Parallel()
	w := open(t, remembering(""))
	w.server.answer(reply{body: full})
	w.ask(true)
	w.server.answer(reply{body: `{"flags":{"plan":{"failed":true},"far":{"enabled":false}}}`})
	s, err := w.All(t.Context(), person("u-1"))
	if got := described(s.Lookup("plan")) + ", " + described(s.Lookup("far")); err != nil || got != "plan=gold stale: evaluation_failed, far=false remote" {
		t.Errorf("All has %s, error %v", got, err)
	}
	if got := described(s.Lookup("on")); got != "on is missing: flag_missing" {
		t.Errorf("All has %s, which the answer does not", got)
	}
}

// What a partial answer lacks is as it was last known, for a question about all flags as for one about some.
func TestWhatAPartialAnswerLacksIsStale(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{"all": nil, "some": {"plan", "on"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, remembering(definitions))
			w.server.answer(reply{body: full})
			r := person("u-1")
			r.Keys = keys
			if _, err := w.All(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			w.server.answer(reply{body: `{"flags":{},"errorsWhileComputingFlags":true}`})
			s, err := w.All(t.Context(), r)
			if got := described(s.Lookup("plan")); err != nil || got != "plan=gold stale: errors_while_computing_flags,flag_missing" {
				t.Errorf("All has %s, error %v", got, err)
			}
			if got := described(s.Lookup("on")); got != "on=true local" {
				t.Errorf("All has %s, which is known", got)
			}
		})
	}
}

// What did not fit while the store was slow is stored when it is asked for again.
func TestWhatDidNotFitIsStoredLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{wait: 500 * time.Millisecond}
		w := open(t, setup{definitions: definitions, Config: evaluation.Config{Fallback: store}})
		const many = 300
		for range 2 {
			for i := range many {
				w.one("on", fmt.Sprint("u-", i), evaluation.Found, evaluation.Local, "")
			}
			wait(4 * time.Minute)
		}
		store.mu.Lock()
		defer store.mu.Unlock()
		if len(store.entries) != many {
			t.Errorf("%d entries are stored, want %d", len(store.entries), many)
		}
	})
}
