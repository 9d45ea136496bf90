package evaluation_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// Proves FO-06: what does not exist is asked for once, until the definitions were looked for again.
func TestAKeyThatDoesNotExistIsAskedForOnce(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions, polled: true})
	w.server.answer(answers())
	for _, id := range []string{"u-1", "u-2", "u-1"} {
		w.one("typo", id, evaluation.Missing, evaluation.None, "flag_missing")
	}
	r := person("u-3")
	r.Keys = []string{"on", "typo"}
	if s, err := w.All(t.Context(), r); err != nil || s.Lookup("typo").State != evaluation.Missing || !s.Lookup("on").Enabled {
		t.Errorf("All is %+v, error %v, want typo missing and on found", s, err)
	}
	r.OnlyLocally = true
	if got, err := w.One(t.Context(), "typo", r); err != nil || got.State != evaluation.Missing {
		t.Errorf("One, only locally, is %+v, error %v, want it missing", got, err)
	}
	w.wantRequests(1)

	if err := w.loader.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.one("typo", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
	w.one("typo", "u-2", evaluation.Missing, evaluation.None, "flag_missing")
	w.wantRequests(1)
}

// Proves FO-06 and FR-12: only an answer that is whole proves that there is no flag.
func TestWhatDoesNotProveAbsence(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]reply{
		"a partial answer":                   {body: `{"flags":{},"errorsWhileComputingFlags":true}`},
		"an answer without what is off":      {body: `{"featureFlags":{"a":true}}`},
		"over the quota":                     {body: `{"flags":{},"quotaLimited":["feature_flags"]}`},
		"a failure":                          {status: http.StatusUnauthorized},
		"an answer with the flag, which was": {body: `{"flags":{"typo":{"failed":true}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, setup{definitions: definitions})
			w.server.answer(reply)
			for range 3 {
				if r, err := w.One(t.Context(), "typo", person("u-1")); r.State != evaluation.Unresolved || err == nil {
					t.Errorf("One is %+v, error %v, want it unresolved", r, err)
				}
			}
			w.wantRequests(3)
		})
	}
}

// Nothing is learned without definitions: they are what knowledge is worth as much as.
func TestNothingIsLearnedWithoutDefinitions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, setup{})
		w.server.answer(reply{body: `{"flags":{}}`, after: time.Second})
		begin := time.Now()
		for range 2 {
			var asking sync.WaitGroup
			for range 10 {
				asking.Go(func() { w.one("typo", "u-1", evaluation.Missing, evaluation.None, "flag_missing") })
			}
			asking.Wait()
		}
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("ten questions, twice, took %v, want 2s", took)
		}
		w.wantRequests(20)
	})
}

// Proves FO-06: a flag that appears in an answer exists, whoever asked for what.
func TestAFlagThatAppearsIsFound(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions})
	w.server.answer(answers("plan"))
	w.one("new", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
	w.server.answer(answers("plan", "new"))
	w.one("new", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
	w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
	w.one("new", "u-1", evaluation.Found, evaluation.Remote, "")
}

// Proves FO-06: an answer that was on its way while definitions were loaded teaches nothing.
func TestAnAnswerThatIsOlderThanTheDefinitionsTeachesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, setup{definitions: definitions, polled: true})
		w.server.respond(func(body) reply { r := answers(); r.after = time.Second; return r })
		var asking sync.WaitGroup
		asking.Go(func() { w.one("typo", "u-1", evaluation.Missing, evaluation.None, "flag_missing") })
		wait(time.Second / 2)
		if err := w.loader.Reload(t.Context()); err != nil {
			t.Error(err)
		}
		asking.Wait()
		w.one("typo", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
		w.wantRequests(2)
	})
}

// Proves FO-06: definitions that are never looked for again do not make a flag missing for ever.
func TestWhatDoesNotExistMayExistLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, setup{definitions: definitions})
		w.server.answer(answers())
		w.one("late", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
		w.server.answer(answers("late"))
		wait(5*time.Minute - time.Second)
		w.one("late", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
		w.wantRequests(1)
		wait(time.Second)
		w.one("late", "u-1", evaluation.Found, evaluation.Remote, "")
		w.wantRequests(1)
	})
}

// Proves FO-06: what is remembered is bounded.
func TestTheKnowledgeIsBounded(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions})
	w.server.answer(answers())
	const many = 10_000
	r := person("u-1")
	for i := range many + 1 {
		r.Keys = append(r.Keys, fmt.Sprint("typo-", i))
	}
	if _, err := w.All(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.wantRequests(1)
	w.one("typo-0", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
	w.wantRequests(1)
	w.one(fmt.Sprint("typo-", many), "u-1", evaluation.Missing, evaluation.None, "flag_missing")
	w.wantRequests(0)

	w.server.answer(answers("plan")) // which is defined, so that nothing is to be remembered of it
	w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
	w.one("typo-2", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
	w.wantRequests(1)
}

// Proves the rule against stampedes: of many who ask for a key that nobody knows, one asks the server.
func TestOneProbeForAKeyThatDoesNotExist(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, setup{definitions: definitions})
		w.server.answer(reply{body: `{"flags":{}}`, after: time.Second})
		var asking sync.WaitGroup
		begin := time.Now()
		for i := range 1000 {
			asking.Go(func() {
				if i%2 == 0 {
					w.one("typo", fmt.Sprint("u-", i), evaluation.Missing, evaluation.None, "flag_missing")
					return
				}
				r := person(fmt.Sprint("u-", i))
				r.Keys = []string{"on", "typo"}
				if s, err := w.All(t.Context(), r); err != nil || s.Lookup("typo").State != evaluation.Missing {
					t.Errorf("All is %+v, error %v, want typo missing", s, err)
				}
			})
		}
		asking.Wait()
		if took := time.Since(begin); took != time.Second {
			t.Errorf("all that took %v, want 1s", took)
		}
		w.wantRequests(1)
	})
}

// A probe that finds the flag, or learns nothing, costs those who waited one request each, all at the same time, and
// those who come later do not wait for anybody once the flag is known to exist.
func TestAProbeThatFindsTheFlag(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body   string
		state  evaluation.State
		source evaluation.Source
		words  string
		again  time.Duration
	}{
		"the flag exists":   {`{"flags":{"far":{"enabled":true}}}`, evaluation.Found, evaluation.Remote, "", time.Second},
		"nothing is learnt": {`{"flags":{},"errorsWhileComputingFlags":true}`, evaluation.Unresolved, evaluation.None, "errors_while_computing_flags,flag_missing", 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, setup{definitions: definitions})
				w.server.answer(reply{body: tc.body, after: time.Second})
				for _, want := range []time.Duration{2 * time.Second, tc.again} {
					var asking sync.WaitGroup
					begin := time.Now()
					for i := range 50 {
						asking.Go(func() { w.one("far", fmt.Sprint("u-", i), tc.state, tc.source, tc.words) })
					}
					asking.Wait()
					if took := time.Since(begin); took != want {
						t.Errorf("50 questions took %v, want %v", took, want)
					}
					w.wantRequests(50)
				}
			})
		})
	}
}

// A probe that fails has failed for all who wait for it, unless it may have been the question that was wrong.
func TestAProbeThatFails(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{
		http.StatusInternalServerError: 1, http.StatusTooManyRequests: 1, http.StatusBadRequest: 20, http.StatusRequestEntityTooLarge: 20,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, setup{definitions: definitions})
				w.server.answer(reply{status: status, after: time.Second})
				var asking sync.WaitGroup
				for i := range 20 {
					asking.Go(func() {
						w.one("far", fmt.Sprint("u-", i), evaluation.Unresolved, evaluation.None, fmt.Sprint("api_error_", status))
					})
				}
				asking.Wait()
				w.wantRequests(want)
			})
		})
	}
}

// A probe whose leader gives up is taken over, and those who wait have their own deadlines.
func TestAProbeThatIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, setup{definitions: definitions})
		w.server.answer(reply{body: `{"flags":{}}`, after: time.Second})
		var asking sync.WaitGroup
		ask := func(limit time.Duration, want error, after time.Duration) {
			asking.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				begin := time.Now()
				r, err := w.One(ctx, "typo", person("u-1"))
				if took := time.Since(begin); !errors.Is(err, want) || took != after || err != nil && r.Errors != "timeout" {
					t.Errorf("One with %v is %+v, error %v after %v; want %v after %v", limit, r, err, took, want, after)
				}
			})
			synctest.Wait()
		}
		ask(500*time.Millisecond, context.DeadlineExceeded, 500*time.Millisecond) // leads
		ask(200*time.Millisecond, context.DeadlineExceeded, 200*time.Millisecond) // waits, and gives up
		ask(time.Minute, nil, 1500*time.Millisecond)                              // takes over
		ask(time.Minute, nil, 1500*time.Millisecond)                              // waits twice
		asking.Wait()
		w.wantRequests(2)
	})
}

// Unrelated keys do not wait for each other.
func TestProbesOfDifferentKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, setup{definitions: definitions})
		w.server.answer(reply{body: `{"flags":{}}`, after: time.Second})
		var asking sync.WaitGroup
		begin := time.Now()
		for i := range 20 {
			asking.Go(func() { w.one(fmt.Sprint("typo-", i), "u-1", evaluation.Missing, evaluation.None, "flag_missing") })
		}
		asking.Wait()
		if took := time.Since(begin); took != time.Second {
			t.Errorf("20 different keys took %v, want 1s", took)
		}
		w.wantRequests(20)
	})
}
