package evaluation_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
)

// remembering is a setup with a Fallback in memory.
func remembering(definitions string) setup {
	return setup{definitions: definitions, Config: evaluation.Config{Fallback: evaluation.NewMemoryFallback(0)}}
}

// Proves PY-28 and C-24: the last known answer serves whenever the request fails, and says so.
func TestTheLastKnownAnswerServesInAnOutage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reply reply
		words string
	}{
		"the server is away":   {reply{err: errRefused}, "connection_error"},
		"the server is slow":   {reply{after: time.Hour}, "timeout"},
		"the server is broken": {reply{status: http.StatusInternalServerError}, "api_error_500"},
		"the key is refused":   {reply{status: http.StatusUnauthorized}, "api_error_401"},
		"the answer is none":   {reply{body: `[]`}, "unknown_error"},
		"over the quota":       {reply{body: `{"quotaLimited":["feature_flags"]}`}, "quota_limited"},
		"the flag failed":      {reply{body: `{"flags":{"plan":{"failed":true},"far":{"failed":true}}}`}, "evaluation_failed"},
		"the answer is partial": {
			reply{body: `{"flags":{},"errorsWhileComputingFlags":true}`}, "errors_while_computing_flags,flag_missing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, remembering(""))
				w.server.answer(reply{body: full})
				w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
				stored := time.Now()
				wait(time.Minute)
				w.server.answer(tc.reply)
				got := w.one("plan", "u-1", evaluation.Found, evaluation.Stale, tc.words)
				want := evaluation.Record{
					Key: "plan", State: evaluation.Found, Enabled: true, Variant: "gold", Payload: "[1]", Reason: "Matched condition set 2",
					Code: "condition_match", ConditionIndex: 1, ID: 33, Version: 8, HasExperiment: evaluation.Yes,
					Source: evaluation.Stale, EvaluatedAt: stored, Minimal: true, Errors: tc.words,
				}
				got.EvaluatedAt = got.EvaluatedAt.In(stored.Location())
				want.EvaluatedAt = stored.Truncate(time.Millisecond)
				if got != want {
					t.Errorf("the last known record is\n%+v, want\n%+v", got, want)
				}
				w.one("plan", "u-2", evaluation.Unresolved, evaluation.None, tc.words)
				w.one("far", "u-1", evaluation.Unresolved, evaluation.None, tc.words)
				w.wantRequests(4)
			})
		})
	}
}

// Proves FO-07: a Set has what is known and what was known.
func TestASetInAnOutage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		definitions  string
		before, keys []string
		want         []string
		fails        bool
	}{
		"all, after all":          {"", nil, nil, []string{"far=true stale: connection_error", "on=false stale: connection_error", "plan=gold stale: connection_error"}, false},
		"all, after some":         {"", []string{"far"}, nil, nil, true},
		"some, after all":         {"", nil, []string{"far", "plan"}, []string{"far=true stale: connection_error", "plan=gold stale: connection_error"}, false},
		"some, after some":        {"", []string{"far", "plan"}, []string{"plan", "nowhere"}, []string{"plan=gold stale: connection_error"}, true},
		"open ones, after all":    {definitions, nil, nil, []string{"far=true stale: connection_error", "off=false local", "on=true local", "plan=gold stale: connection_error", "split=blue local", "zeal=true local"}, false},
		"open ones, after one":    {definitions, []string{"plan"}, nil, []string{"off=false local", "on=true local", "plan=gold stale: connection_error", "split=blue local", "zeal=true local"}, false},
		"open ones, after others": {definitions, []string{"on"}, nil, []string{"off=false local", "on=true local", "split=blue local", "zeal=true local"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, remembering(tc.definitions))
			w.server.answer(reply{body: full})
			r := person("u-1")
			r.Keys = tc.before
			if _, err := w.All(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			w.server.answer(reply{err: errRefused})
			r.Keys = tc.keys
			s, err := w.All(t.Context(), r)
			var got []string
			for r := range s.All() {
				got = append(got, described(r))
			}
			if plan := s.Lookup("plan"); tc.definitions != "" && plan.Inconclusive == nil {
				t.Errorf("the record of plan is %+v, want to know why it is open", plan)
			}
			if !slices.Equal(got, tc.want) || (err != nil) != tc.fails {
				t.Errorf("after All(%q), All(%q) has\n%q, error %v; want\n%q, an error: %v", tc.before, tc.keys, got, err, tc.want, tc.fails)
			}
		})
	}
}

// What was decided locally is remembered, too: the definitions are gone when the quota is used up.
func TestWhatWasDecidedLocallyIsRemembered(t *testing.T) {
	t.Parallel()
	memory := evaluation.NewMemoryFallback(0)
	before := open(t, setup{definitions: definitions, Config: evaluation.Config{Fallback: memory}})
	before.one("split", "u-1", evaluation.Found, evaluation.Local, "")
	r := person("u-2")
	r.Keys = []string{"zeal"}
	if _, err := before.All(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	before.server.answer(reply{body: full})
	if _, err := before.All(t.Context(), person("u-3")); err != nil {
		t.Fatal(err)
	}
	after := open(t, setup{Config: evaluation.Config{Fallback: memory}})
	before.server.answer(answers("plan")) // without the gate that the definitions have
	if _, err := before.All(t.Context(), person("u-4")); err != nil {
		t.Fatal(err)
	}
	before.SetOverrides(map[string]evaluation.Override{"on": {}, "brand-new": {Enabled: true}})
	if _, err := before.All(t.Context(), person("u-5")); err != nil {
		t.Fatal(err)
	}
	got := after.one("split", "u-1", evaluation.Found, evaluation.Stale, "connection_error")
	if got.Variant != "blue" || got.Payload != "7" || got.Version != 3 || got.Reason != "Evaluated locally" {
		t.Errorf("the last known record is %+v", got)
	}
	after.one("zeal", "u-2", evaluation.Found, evaluation.Stale, "connection_error")
	for _, key := range []string{"off", "on", "split", "zeal", "far", "plan"} {
		after.one(key, "u-3", evaluation.Found, evaluation.Stale, "connection_error")
	}
	if !got.Minimal {
		t.Errorf("the last known record is %+v, want it minimal", got)
	}
	if got := after.one("split", "u-4", evaluation.Found, evaluation.Stale, "connection_error"); got.Minimal {
		t.Errorf("the last known record is %+v, want it not minimal, because plan was not", got)
	}
	after.one("zeal", "u-5", evaluation.Found, evaluation.Stale, "connection_error")
	after.one("on", "u-5", evaluation.Unresolved, evaluation.None, "connection_error")
	after.one("brand-new", "u-5", evaluation.Unresolved, evaluation.None, "connection_error")
}

// A healthy request is never answered from memory, and a flag that is gone is gone.
func TestAHealthyAnswerBeatsTheLastKnown(t *testing.T) {
	t.Parallel()
	w := open(t, remembering(""))
	w.server.answer(answers("a"))
	w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
	w.server.answer(answers())
	w.one("a", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
	w.wantRequests(2)
}

// What is stored is only what an answer without any trouble has.
func TestWhatIsNotRemembered(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]reply{
		"a partial answer":              {body: `{"flags":{"a":{"enabled":true}},"errorsWhileComputingFlags":true}`},
		"an answer without what is off": {body: `{"featureFlags":["a"]}`},
		"an answer with a failed flag":  {body: `{"flags":{"a":{"enabled":true},"b":{"failed":true}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, remembering(""))
			w.server.answer(bad)
			for _, keys := range [][]string{nil, {"a"}} {
				r := person("u-1")
				r.Keys = keys
				if s, _ := w.All(t.Context(), r); !s.Lookup("a").Enabled {
					t.Errorf("All(%q) does not have a", keys)
				}
			}
			if r, err := w.One(t.Context(), "a", person("u-1")); err != nil || !r.Enabled {
				t.Errorf("One is %+v, error %v", r, err)
			}
			w.server.answer(reply{err: errRefused})
			w.one("a", "u-1", evaluation.Unresolved, evaluation.None, "connection_error")
		})
	}
}

// An answer is forgotten when it is too old, and is as old as the last time it was right.
func TestTheAgeOfTheLastKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := remembering("")
		s.FallbackTTL, s.FallbackStale = time.Minute, 10*time.Minute
		w := open(t, s)
		w.server.answer(answers("a"))
		w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
		wait(30 * time.Second) // not stored again
		w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
		w.server.answer(reply{err: errRefused})
		wait(9*time.Minute + 29*time.Second)
		w.one("a", "u-1", evaluation.Found, evaluation.Stale, "connection_error")
		wait(time.Second)
		w.one("a", "u-1", evaluation.Unresolved, evaluation.None, "connection_error")

		w.server.answer(answers("a"))
		w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
		wait(time.Minute) // stored again
		w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
		w.server.answer(reply{err: errRefused})
		wait(9 * time.Minute)
		w.one("a", "u-1", evaluation.Found, evaluation.Stale, "connection_error")
	})
}

// A value that changes is stored at once.
func TestAChangeIsStoredAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t, remembering(""))
	for _, flag := range []string{
		`"enabled":true`, `"enabled":true,"variant":"x"`, `"enabled":true,"variant":"y"`, `"enabled":true`, `"enabled":false`,
		`"enabled":false,"metadata":{"payload":"1"}`, `"enabled":false,"metadata":{"payload":"2"}`,
	} {
		w.server.answer(reply{body: `{"flags":{"a":{` + flag + `},"b":{"enabled":true}}}`})
		now := w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
		w.server.answer(reply{err: errRefused})
		last := w.one("a", "u-1", evaluation.Found, evaluation.Stale, "connection_error")
		if last.Enabled != now.Enabled || last.Variant != now.Variant || last.Payload != now.Payload {
			t.Errorf("the last known record is %+v, want %+v", last, now)
		}
	}
	for _, flags := range []string{`"a":{"enabled":true},"b":{"enabled":false}`, `"a":{"enabled":false},"b":{"enabled":true}`} {
		w.server.answer(reply{body: `{"flags":{` + flags + `}}`})
		now, err := w.All(t.Context(), person("u-2"))
		if err != nil {
			t.Fatal(err)
		}
		w.server.answer(reply{err: errRefused})
		last, err := w.All(t.Context(), person("u-2"))
		if got, want := last.Lookup("a").Enabled, now.Lookup("a").Enabled; got != want || err != nil {
			t.Errorf("the last known a is %v, error %v, want %v", got, err, want)
		}
	}
}

// Whoever gives up gets nothing in place of the answer.
func TestNobodyWaitsForASubstitute(t *testing.T) {
	t.Parallel()
	w := open(t, remembering(""))
	w.server.answer(answers("a"))
	w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := w.One(ctx, "a", person("u-1")); r.State != evaluation.Unresolved || !errors.Is(err, context.Canceled) {
		t.Errorf("One is %+v, error %v, want context.Canceled", r, err)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if r, err := w.One(t.Context(), "a", person("u-1")); r.State != evaluation.Unresolved || !errors.Is(err, evaluation.ErrClosed) {
		t.Errorf("One after Close is %+v, error %v, want ErrClosed", r, err)
	}
}

// shelf is a Fallback like those outside of the process: it may wait, fail and panic.
type shelf struct {
	mu      sync.Mutex
	entries map[string][]byte
	sets    int
	gets    int
	wait    time.Duration
	err     error
	panics  bool
}

func (s *shelf) Get(ctx context.Context, key string) ([]byte, bool, error) {
	s.mu.Lock()
	s.gets++
	s.mu.Unlock()
	if err := s.trouble(ctx); err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.entries[key]
	return entry, ok, nil
}

func (s *shelf) Set(ctx context.Context, key string, entry []byte, _ time.Duration) error {
	s.mu.Lock()
	s.sets++
	s.mu.Unlock()
	if err := s.trouble(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = make(map[string][]byte)
	}
	s.entries[key] = entry
	return nil
}

// trouble is what every call has.
func (s *shelf) trouble(ctx context.Context) error {
	s.mu.Lock()
	wait, err, panics := s.wait, s.err, s.panics
	s.mu.Unlock()
	if panics {
		panic("no shelf")
	}
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// Proves PY-28: a store that hangs holds up nobody who has an answer, and others for a moment only.
func TestAStoreThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{wait: time.Hour}
		w := open(t, setup{Config: evaluation.Config{Fallback: store}})
		w.server.answer(answers("a"))
		begin := time.Now()
		for _, id := range []string{"u-1", "u-2", "u-3"} {
			w.one("a", id, evaluation.Found, evaluation.Remote, "")
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("answers took %v, want 0s", took)
		}
		w.server.answer(reply{status: http.StatusInternalServerError})
		for _, want := range []time.Duration{250 * time.Millisecond, 0, 0} {
			begin := time.Now()
			w.one("a", "u-1", evaluation.Unresolved, evaluation.None, "api_error_500")
			if took := time.Since(begin); took != want {
				t.Errorf("a failure took %v, want %v", took, want)
			}
		}
		wait(time.Minute)
		if reports := w.reported(); len(reports) != 4 || !strings.Contains(reports[0], "cannot read") || !strings.Contains(reports[1], "cannot store") {
			t.Errorf("reported is %q, want one failed read and three failed writes", reports)
		}
	})
}

// A store that fails is reported, and used again when it has recovered.
func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]*shelf{"with an error": {err: errRefused}, "with a panic": {panics: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, setup{Config: evaluation.Config{Fallback: broken}})
				w.server.answer(answers("a"))
				w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
				synctest.Wait()
				w.server.answer(reply{err: errRefused})
				w.one("a", "u-1", evaluation.Unresolved, evaluation.None, "connection_error")
				if reports := w.reported(); len(reports) != 2 {
					t.Errorf("reported is %q, want a failed write and a failed read", reports)
				}
				broken.mu.Lock()
				broken.err, broken.panics = nil, false
				broken.mu.Unlock()
				w.server.answer(answers("a"))
				w.one("a", "u-1", evaluation.Found, evaluation.Remote, "") // what was not stored is not taken for stored
				synctest.Wait()
				wait(time.Second)
				w.server.answer(reply{err: errRefused})
				w.one("a", "u-1", evaluation.Found, evaluation.Stale, "connection_error")
			})
		})
	}
}

// What is in a store may be anything.
func TestAStoreWithOtherThings(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `null`, `{}`, `{"stored_at":1}`, `{"flags":{"a":{"enabled":true}}}`, `{"stored_at":"x","flags":{"a":{"enabled":true}}}`,
		`{"stored_at":-1,"flags":{"a":{"enabled":true}}}`, `{"stored_at":1,"flags":{"a":{"enabled":true}}}`, `<html>`,
		`{"stored_at":946684800000,"flags":{"a":{"failed":true}}}`} { // the time in the bubble {
		synctest.Test(t, func(t *testing.T) {
			store := &shelf{}
			w := open(t, setup{Config: evaluation.Config{Fallback: store}})
			w.server.answer(answers("a"))
			w.one("a", "u-1", evaluation.Found, evaluation.Remote, "")
			synctest.Wait()
			store.mu.Lock()
			for key := range maps.Clone(store.entries) {
				store.entries[key] = []byte(text)
			}
			store.mu.Unlock()
			w.server.answer(reply{err: errRefused})
			w.one("a", "u-1", evaluation.Unresolved, evaluation.None, "connection_error")
		})
	}
}

// A store is not asked for what the server answers, and not told what it knows.
func TestAStoreHasLittleToDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := open(t, setup{definitions: definitions, Config: evaluation.Config{Fallback: store}})
		w.server.answer(reply{body: full})
		for range 5 {
			w.one("on", "u-1", evaluation.Found, evaluation.Local, "")
			w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
			if _, err := w.All(t.Context(), person("u-1")); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if store.sets != 3 || store.gets != 0 {
			t.Errorf("the store is told %d things and asked for %d, want 3 and 0", store.sets, store.gets)
		}
	})
}

// Entries of different identities, flags and projects differ, and keys say nothing about either.
func TestKeysOfEntries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := open(t, setup{Config: evaluation.Config{Fallback: store}})
		w.server.respond(func(b body) reply { return answers(b.Keys...) })
		for _, r := range []*evaluation.Request{person("u-1"), person("u-2"), {Subject: flags.Subject{DistinctID: "u-1", PersonProperties: map[string]any{"a": 1}}}} {
			for _, key := range []string{"a", "b", "*"} {
				if _, err := w.One(t.Context(), key, r); err != nil {
					t.Fatal(err)
				}
			}
		}
		r := person("u-1")
		w.server.answer(answers("a"))
		if _, err := w.All(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(store.entries) != 10 {
			t.Errorf("there are %d entries, want 10", len(store.entries))
		}
		for key := range store.entries {
			if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
				t.Errorf("the key of an entry is %q, want 32 hexadecimal digits", key)
			}
		}
	})
}
