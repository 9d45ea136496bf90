package flagsync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// The status is true at every step of an outage.
func TestTheStatusOfAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), answers{status(503), ok(document("a"), "x"), status(304), status(503), status(402), status(402), ok(document("b"), "")}...)
		for i, want := range []struct {
			condition  flagsync.Condition
			source     flagsync.Source
			generation uint64
			age        time.Duration
			polls      flagsync.Polls
		}{
			{flagsync.Empty, flagsync.None, 0, 0, flagsync.Polls{Failed: 1}},
			{flagsync.Current, flagsync.Network, 1, 10 * time.Second, flagsync.Polls{Failed: 1, Loaded: 1, Billable: 10}},
			{flagsync.Current, flagsync.Network, 1, 10 * time.Second, flagsync.Polls{Failed: 1, Loaded: 1, Unchanged: 1, Billable: 20}},
			{flagsync.Stale, flagsync.Network, 1, 20 * time.Second, flagsync.Polls{Failed: 2, Loaded: 1, Unchanged: 1, Billable: 20}},
			{flagsync.QuotaLimited, flagsync.None, 2, 0, flagsync.Polls{Failed: 3, Loaded: 1, Unchanged: 1, Billable: 20}},
			{flagsync.QuotaLimited, flagsync.None, 2, 0, flagsync.Polls{Failed: 4, Loaded: 1, Unchanged: 1, Billable: 20}},
			{flagsync.Current, flagsync.Network, 3, 10 * time.Second, flagsync.Polls{Failed: 4, Loaded: 2, Unchanged: 1, Billable: 30}},
		} {
			if i == 0 {
				if got := w.Status(); got != (flagsync.Status{}) {
					t.Errorf("before anything: status %+v, want the zero one", got)
				}
			}
			began := time.Now()
			_ = w.Reload(t.Context())
			after := w.Status()
			if !after.LastAttempt.Equal(began) || !after.NextAttempt.After(began) {
				t.Errorf("step %d: last attempt %s, next %s; want now, %s, and later", i, after.LastAttempt, after.NextAttempt, began)
			}
			w.service.mu.Lock()
			rest := w.service.script
			w.service.script = nil
			w.service.mu.Unlock()
			w.service.answer(rest...)
			wait(min(10*time.Second, time.Until(after.NextAttempt)-1))
			got := w.Status()
			if i == 0 {
				want.age = 0
			} else if want.age > 0 {
				want.age = got.Age // checked below
				since := time.Since(got.RefreshedAt)
				if got.Age != since {
					t.Errorf("step %d: age %s, want %s", i, got.Age, since)
				}
			}
			if got.Condition != want.condition || got.Source != want.source || got.Generation != want.generation || got.Age != want.age || got.Polls != want.polls {
				t.Errorf("step %d: status %+v, want %+v", i, got, want)
			}
		}
	})
}

// PostHog bills what it answered, whether or not it was of use.
func TestBilledAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), ok("{}", ""), cut, status(304), status(429), ok(document("a"), ""))
		for i, want := range []flagsync.Polls{
			{Failed: 1, Billable: 10}, {Failed: 2, Billable: 20}, {Failed: 3, Billable: 20}, {Failed: 4, Billable: 20}, {Failed: 4, Loaded: 1, Billable: 30},
		} {
			_ = w.Reload(t.Context())
			if got := w.Status().Polls; got != want {
				t.Errorf("load %d: polls %+v, want %+v", i, got, want)
			}
		}
	})
}

func TestNextAttemptIsWhenItHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), answers{ok(document("a"), ""), status(503), ok(document("a"), "")}...)
		w.Start()
		for range 5 {
			synctest.Wait()
			next := w.Status().NextAttempt
			wait(time.Until(next))
			synctest.Wait()
			requests := w.service.seen()
			if got := requests[len(requests)-1].at; !got.Equal(next) {
				t.Errorf("a request at %s, want it at %s", got, next)
			}
		}
		w.service.answer(slow(time.Second, ok(document("a"), "")))
		wait(time.Until(w.Status().NextAttempt) + time.Millisecond)
		if got := w.Status().NextAttempt; !got.IsZero() {
			t.Errorf("next attempt %s during a load, want none", got)
		}
	})
}

func TestNamesForPeople(t *testing.T) {
	t.Parallel()
	for source, want := range map[flagsync.Source]string{
		flagsync.None: "none", flagsync.Bytes: "bytes", flagsync.File: "file", flagsync.Network: "network",
		flagsync.Shared: "shared cache", flagsync.Backup: "backup",
	} {
		if got := source.String(); got != want {
			t.Errorf("Source(%d) = %q, want %q", source, got, want)
		}
	}
	for condition, want := range map[flagsync.Condition]string{
		flagsync.Empty: "empty", flagsync.Current: "current", flagsync.Stale: "stale",
		flagsync.QuotaLimited: "quota limited", flagsync.Closed: "closed",
	} {
		if got := condition.String(); got != want {
			t.Errorf("Condition(%d) = %q, want %q", condition, got, want)
		}
	}
}
