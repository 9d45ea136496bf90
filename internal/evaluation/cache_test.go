package evaluation_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
)

// cached is the configuration of a cache.
func cached(ttl time.Duration, size int) setup {
	return setup{Config: evaluation.Config{CacheTTL: ttl, CacheSize: size}}
}

// Proves ZIG-13 and ZIG-14.
func TestAnAnswerServesAnIdentityForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, cached(time.Minute, 2))
		w.server.answer(reply{body: full})
		w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
		if b := w.wantRequests(1); b[0].Keys != nil {
			t.Errorf("with a cache, the server is asked for %q, want all flags", b[0].Keys)
		}
		r := w.one("plan", "u-1", evaluation.Found, evaluation.Cached, "")
		if r.Payload != "[1]" || r.RequestID != "r-1" {
			t.Errorf("the cached record is %+v, want its payload and the request it is from", r)
		}
		w.one("far", "u-1", evaluation.Found, evaluation.Cached, "")
		w.one("nowhere", "u-1", evaluation.Missing, evaluation.None, "flag_missing")
		if s, err := w.All(t.Context(), person("u-1")); err != nil || s.Lookup("on").Source != evaluation.Cached {
			t.Errorf("All is %+v, error %v, want it from the cache", s.Lookup("on"), err)
		}
		w.wantRequests(0)

		w.one("plan", "u-2", evaluation.Found, evaluation.Remote, "")
		w.one("plan", "u-1", evaluation.Found, evaluation.Cached, "")
		w.wantRequests(1)
		wait(time.Minute)
		w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
		w.wantRequests(1)

		w.one("plan", "u-3", evaluation.Found, evaluation.Remote, "")
		w.one("plan", "u-4", evaluation.Found, evaluation.Remote, "")
		w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
		w.wantRequests(3)
	})
}

// An answer does not outlive the definitions with which it was asked for: what PostHog says may have changed with them.
func TestOtherDefinitionsEndTheCache(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := cached(time.Hour, 10)
		s.definitions, s.polled = definitions, true
		w := open(t, s)
		w.server.answer(reply{body: full})
		w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
		if err := w.loader.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.one("plan", "u-1", evaluation.Found, evaluation.Cached, "")
		w.wantRequests(1)

		w.server.respond(func(body) reply { return reply{body: full, after: time.Second} })
		var asking sync.WaitGroup
		asking.Go(func() { w.one("plan", "u-2", evaluation.Found, evaluation.Remote, "") })
		synctest.Wait()
		w.server.define(strings.Replace(definitions, `"version":1`, `"version":2`, 1))
		if err := w.loader.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"u-1", "u-2"} { // neither the older answer nor the one that is on its way
			w.one("plan", id, evaluation.Found, evaluation.Remote, "")
			w.one("plan", id, evaluation.Found, evaluation.Cached, "")
		}
		asking.Wait()
		w.wantRequests(3)
	})
}

// Whatever an answer depends on is part of the identity.
func TestIdentities(t *testing.T) {
	t.Parallel()
	company := func(key any, properties map[string]any) *evaluation.Request {
		return &evaluation.Request{
			Subject: flags.Subject{DistinctID: "u-1", Groups: []flags.Group{{Type: "company", Key: key, Properties: properties}}},
			Groups:  map[string]any{"company": key},
		}
	}
	with := func(properties map[string]any) *evaluation.Request {
		return &evaluation.Request{Subject: flags.Subject{DistinctID: "u-1", PersonProperties: properties}}
	}
	teams := func(groups ...flags.Group) *evaluation.Request {
		return &evaluation.Request{Subject: flags.Subject{DistinctID: "u-1", Groups: groups}}
	}
	for name, tc := range map[string]struct {
		a, b *evaluation.Request
		same bool
	}{
		"the same":                        {person("u-1"), person("u-1"), true},
		"another id":                      {person("u-1"), person("u-2"), false},
		"a device":                        {person("u-1"), &evaluation.Request{Subject: flags.Subject{DistinctID: "u-1", DeviceID: "d"}}, false},
		"another group":                   {company("acme", nil), company("other", nil), false},
		"a number for a group":            {company(7, nil), company(7.0, nil), true},
		"a text that looks like a number": {company(7, nil), company("7", nil), false},
		"another property of a group":     {company("acme", map[string]any{"seats": 1}), company("acme", map[string]any{"seats": 2}), false},
		"another property":                {with(map[string]any{"plan": "pro"}), with(map[string]any{"plan": "free"}), false},
		"a property that is null":         {with(map[string]any{"plan": nil}), with(nil), false},
		"no properties and none":          {with(map[string]any{}), with(nil), true},
		"names and values":                {with(map[string]any{"a": "b", "c": "d"}), with(map[string]any{"a": "bc", "": "d"}), false},
		"members of objects in any order": {
			with(map[string]any{"o": map[string]any{"x": 1, "y": map[string]any{"p": 1, "q": 2}, "z": 3}}),
			with(map[string]any{"o": map[string]any{"z": 3, "y": map[string]any{"q": 2, "p": 1}, "x": 1}}), true,
		},
		"elements of lists in order": {with(map[string]any{"l": []any{1, 2}}), with(map[string]any{"l": []any{2, 1}}), false},
		"groups in any order": {
			teams(flags.Group{Type: "a", Key: "1"}, flags.Group{Type: "b", Key: "2"}), teams(flags.Group{Type: "b", Key: "2"}, flags.Group{Type: "a", Key: "1"}), true,
		},
		"the address counts": {person("u-1"), &evaluation.Request{Subject: flags.Subject{DistinctID: "u-1"}, DisableGeoIP: true}, false},
		"what cannot be transmitted": {
			with(map[string]any{"f": func() {}}), with(map[string]any{"f": make(chan int)}), true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 { // the order of maps differs from one time to the next
				w := open(t, cached(time.Minute, 10))
				w.server.answer(answers("a"))
				for _, r := range []*evaluation.Request{tc.a, tc.b} {
					if _, err := w.One(t.Context(), "a", r); err != nil {
						t.Fatal(err)
					}
				}
				requests := 2
				if tc.same {
					requests = 1
				}
				w.wantRequests(requests)
			}
		})
	}
}

// Only what is right for everybody who asks is kept.
func TestWhatIsNotCached(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]reply{
		"a partial answer":              {body: `{"flags":{"a":{"enabled":true}},"errorsWhileComputingFlags":true}`},
		"an answer with a failed flag":  {body: `{"flags":{"a":{"enabled":true},"b":{"failed":true}}}`},
		"an answer without what is off": {body: `{"featureFlags":["a"]}`},
		"over the quota":                {body: `{"quotaLimited":["feature_flags"]}`},
		"a failure":                     {status: http.StatusInternalServerError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, cached(time.Minute, 10))
			w.server.answer(reply)
			for range 3 {
				if r, _ := w.One(t.Context(), "a", person("u-1")); r.Source == evaluation.Cached {
					t.Errorf("One is %+v", r)
				}
			}
			w.wantRequests(3)
		})
	}
}

// The definitions come before the cache, and strict evaluation does not look into it.
func TestTheCacheIsForWhatIsLeft(t *testing.T) {
	t.Parallel()
	s := cached(time.Minute, 10)
	s.definitions = definitions
	w := open(t, s)
	w.server.answer(reply{body: full})
	w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
	w.one("on", "u-1", evaluation.Found, evaluation.Local, "")
	r := person("u-1")
	r.OnlyLocally = true
	if got, err := w.One(t.Context(), "plan", r); !errors.Is(err, evaluation.ErrInconclusive) {
		t.Errorf("One, only locally, is %+v, error %v", got, err)
	}
	all, err := w.All(t.Context(), person("u-1"))
	if got := described(all.Lookup("on")) + ", " + described(all.Lookup("plan")); err != nil || got != "on=true local, plan=gold cached" {
		t.Errorf("All has %s, error %v", got, err)
	}
	w.wantRequests(1)
}

// Proves ZIG-36: at most one request is on its way for an identity.
func TestOneRequestForAnIdentity(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]reply{
		"that is answered": {body: full, after: time.Second},
		"that fails":       {status: http.StatusInternalServerError, after: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, cached(time.Minute, 10))
				w.server.answer(reply)
				var asking sync.WaitGroup
				begin := time.Now()
				for range 1000 {
					asking.Go(func() {
						r, err := w.One(t.Context(), "plan", person("u-1"))
						if fails := reply.status != 0; fails != (err != nil) || fails != (r.Errors == "api_error_500") {
							t.Errorf("One is %+v, error %v", r, err)
						}
					})
				}
				asking.Wait()
				if took := time.Since(begin); took != time.Second {
					t.Errorf("all that took %v, want 1s", took)
				}
				w.wantRequests(1)
			})
		})
	}
}

// A request ends with the question that made it. One of those who wait makes another, and no one waits too long.
func TestARequestForAnIdentityThatIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, cached(time.Minute, 10))
		w.server.answer(reply{body: full, after: time.Second})
		var asking sync.WaitGroup
		ask := func(limit time.Duration, want error, after time.Duration) {
			asking.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				begin := time.Now()
				r, err := w.One(ctx, "plan", person("u-1"))
				if took := time.Since(begin); !errors.Is(err, want) || took != after {
					t.Errorf("One with %v is %+v, error %v after %v; want %v after %v", limit, r, err, took, want, after)
				}
			})
			synctest.Wait()
		}
		ask(300*time.Millisecond, context.DeadlineExceeded, 300*time.Millisecond)
		ask(100*time.Millisecond, context.DeadlineExceeded, 100*time.Millisecond)
		for range 20 {
			ask(time.Minute, nil, 1300*time.Millisecond)
		}
		asking.Wait()
		w.wantRequests(2)
	})
}

// Proves promise 5: a bug in the host's round tripper is a failed request, for whoever waits for it as well.
func TestARoundTripperWithABug(t *testing.T) {
	t.Parallel()
	for what, bug := range map[string]reply{"a panic": {panics: true, after: time.Second}, "its goroutine ends": {exits: true, after: time.Second}} {
		for name, s := range map[string]setup{"with a cache": cached(time.Minute, 10), "with a probe": {definitions: definitions}} {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := open(t, s)
					w.server.answer(bug)
					var asking sync.WaitGroup
					for range 5 {
						asking.Go(func() { w.one("far", "u-1", evaluation.Unresolved, evaluation.None, "unknown_error") })
					}
					asking.Wait()
					w.wantRequests(1)
					w.server.answer(reply{body: full})
					w.one("far", "u-1", evaluation.Found, evaluation.Remote, "")
				})
			})
		}
	}
}
