package flagsync_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// around fails the test unless each wait is the wanted one, give or take a tenth.
func around(t *testing.T, got []time.Duration, want ...time.Duration) {
	t.Helper()
	if len(got) < len(want) {
		t.Fatalf("waits %v, want at least %d of them", got, len(want))
	}
	for i, w := range want {
		if got[i] < w-w/10 || got[i] > w+w/10 {
			t.Errorf("wait %d of %v is not about %s", i, got, w)
		}
	}
}

// Proves FD-06, PY-16: 30 s with a jitter of a tenth, or what is configured, and nothing after Close.
func TestPollsAtTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), conditional(document("a"), "x"))
		w.Start()
		wait(10 * time.Minute)
		waits := w.service.waits()
		want := slices.Repeat([]time.Duration{30 * time.Second}, 18)
		around(t, waits, want...)
		if slices.Min(waits) == slices.Max(waits) {
			t.Errorf("waits %v, want jitter", waits)
		}
		if err := w.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
		before := len(w.service.seen())
		wait(time.Hour)
		if got := len(w.service.seen()); got != before {
			t.Errorf("%d requests after Close, want none", got-before)
		}
	})
}

// Proves GO-32.
func TestTheIntervalIsConfigurable(t *testing.T) {
	for name, c := range map[string]struct {
		interval time.Duration
		hook     func() time.Duration
		want     []time.Duration
	}{
		"an hour":                     {time.Hour, nil, []time.Duration{time.Hour, time.Hour}},
		"less than the floor":         {time.Millisecond, nil, []time.Duration{time.Second + 50*time.Millisecond}},
		"a hook":                      {time.Hour, growing(), []time.Duration{2 * time.Minute, 4 * time.Minute, 8 * time.Minute}},
		"a hook that does not care":   {time.Minute, func() time.Duration { return 0 }, []time.Duration{time.Minute}},
		"a hook that is too fast":     {time.Minute, func() time.Duration { return 1 }, []time.Duration{time.Second + 50*time.Millisecond}},
		"a hook that panics":          {time.Minute, func() time.Duration { panic("no") }, []time.Duration{time.Minute, time.Minute}},
		"a hook that wants the past":  {time.Minute, func() time.Duration { return -1 }, []time.Duration{time.Minute}},
		"the default of a zero value": {0, nil, []time.Duration{30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := secret()
				config.Interval, config.NextInterval = c.interval, c.hook
				w := open(t, config, ok(document("a"), ""))
				w.Start()
				var all time.Duration
				for _, one := range c.want {
					all += one + one/10
				}
				wait(all)
				got := w.service.waits()
				around(t, got, c.want...)
				if slices.Min(got) < time.Second {
					t.Errorf("waits %v, want at least a second", got)
				}
			})
		})
	}
}

// growing returns a hook with the intervals 2, 4, 8, ... minutes.
func growing() func() time.Duration {
	next := time.Minute
	return func() time.Duration { next *= 2; return next }
}

// The first load is retried fast, so that a bad start is over soon.
func TestReadySoonAfterABadStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), status(503), cut, ok(document("a"), ""))
		began := time.Now()
		if err := w.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("ready after %s, want 2 s at most", took)
		}
		w.want(flagsync.Network, "a")
	})
}

// Proves FD-05: the waits grow with each failure, but not for ever.
func TestBacksOff(t *testing.T) {
	const half, s, m = 500 * time.Millisecond, time.Second, time.Minute
	good := ok(document("a"), "")
	for name, c := range map[string]struct {
		interval time.Duration
		script   []http.HandlerFunc
		want     []time.Duration
	}{
		"nothing was ever loaded":     {30 * s, []http.HandlerFunc{status(503)}, []time.Duration{half, s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s}},
		"nothing, and a fast poll":    {2 * s, []http.HandlerFunc{status(503)}, []time.Duration{half, s, 2 * s, 2 * s}},
		"a key that is refused":       {30 * s, []http.HandlerFunc{status(401)}, []time.Duration{m, m}},
		"nothing, and too fast":       {time.Millisecond, []http.HandlerFunc{status(503)}, []time.Duration{half, s, s}},
		"it once went well":           {5 * s, []http.HandlerFunc{good, status(503)}, []time.Duration{5 * s, 10 * s, 20 * s, 40 * s, m, m}},
		"too many requests":           {10 * s, []http.HandlerFunc{good, status(429)}, []time.Duration{10 * s, 20 * s, 40 * s, m, m}},
		"the interval is long":        {5 * m, []http.HandlerFunc{good, status(429)}, []time.Duration{5 * m, 5 * m, 5 * m}},
		"a success begins again":      {5 * s, []http.HandlerFunc{good, status(500), status(500), good, status(500), good}, []time.Duration{5 * s, 10 * s, 20 * s, 5 * s, 10 * s, 5 * s}},
		"quota used up":               {30 * s, []http.HandlerFunc{good, status(402), good}, []time.Duration{30 * s, m, 30 * s}},
		"bad documents are failures":  {5 * s, []http.HandlerFunc{good, ok("{", "")}, []time.Duration{5 * s, 10 * s, 20 * s}},
		"304 is a success":            {5 * s, []http.HandlerFunc{ok(document("a"), "x"), status(503), status(304), status(503)}, []time.Duration{5 * s, 10 * s, 5 * s, 10 * s}},
		"a longer wait was asked for": {5 * s, []http.HandlerFunc{good, status(429, "Retry-After", "120"), good}, []time.Duration{5 * s, 2 * m, 5 * s}},
		"a shorter wait":              {30 * s, []http.HandlerFunc{good, status(503, "Retry-After", "1"), good}, []time.Duration{30 * s, m, 30 * s}},
		"at the start":                {30 * s, []http.HandlerFunc{status(503, "Retry-After", "7"), good}, []time.Duration{7 * s, 30 * s}},
		"a whole day":                 {5 * s, []http.HandlerFunc{good, status(503, "Retry-After", "86400"), good}, []time.Duration{5 * s, 5 * m, 5 * s}},
		"nonsense":                    {5 * s, []http.HandlerFunc{good, status(503, "Retry-After", "soon"), good}, []time.Duration{5 * s, 10 * s, 5 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := secret()
				config.Interval = c.interval
				w := open(t, config, c.script...)
				w.Start()
				var all time.Duration
				for _, one := range c.want {
					all += one + one/10
				}
				wait(all)
				around(t, w.service.waits(), c.want...)
			})
		})
	}
}

func TestADateInRetryAfterIsMeasuredAgainstTheServersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), answers{
			ok(document("a"), ""),
			status(429, "Date", "Mon, 02 Jan 2006 15:04:05 GMT", "Retry-After", "Mon, 02 Jan 2006 15:07:05 GMT"),
			ok(document("a"), ""),
		}...)
		w.Start()
		wait(5 * time.Minute)
		around(t, w.service.waits(), 30*time.Second, 3*time.Minute)
	})
}

// An application that evaluates nothing does not poll, and one that begins again does so at once.
func TestPausesWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.PauseAfterIdle = 2 * time.Minute
		w := open(t, c, conditional(document("a"), "x"))
		w.Use()
		for range 10 { // busy
			wait(time.Minute)
			w.Use()
		}
		busy := len(w.service.seen())
		if busy < 18 {
			t.Errorf("%d requests in ten busy minutes, want one in 30 s", busy)
		}
		wait(110 * time.Second)
		if w.Status().Paused {
			t.Error("paused after 110 s, want 2 minutes")
		}
		wait(190 * time.Second)
		if got := w.Status(); !got.Paused || !got.NextAttempt.IsZero() || got.Condition != flagsync.Current {
			t.Errorf("after 5 idle minutes: status %+v, want paused, current, and no next attempt", got)
		}
		idle := len(w.service.seen())
		if idle-busy > 6 {
			t.Errorf("%d requests while idle, want them to end after 2 minutes and an interval", idle-busy)
		}
		wait(24 * time.Hour)
		if got := len(w.service.seen()); got != idle {
			t.Errorf("%d requests in a day of pause, want none", got-idle)
		}
		w.State() // no evaluation
		synctest.Wait()
		if got := len(w.service.seen()); got != idle {
			t.Errorf("%d requests after State, want none", got-idle)
		}
		if !w.Use().Loaded() {
			t.Error("nothing is loaded after a pause")
		}
		synctest.Wait()
		if got := len(w.service.seen()); got != idle+1 {
			t.Errorf("%d requests after an evaluation, want one at once", got-idle)
		}
		wait(time.Minute)
		if got := len(w.service.seen()); got < idle+2 || w.Status().Paused {
			t.Errorf("%d requests in the next minute, paused: %v, want polls", got-idle-1, w.Status().Paused)
		}
		wait(time.Hour)
		if !w.Status().Paused {
			t.Error("not paused after another hour")
		}
		before := len(w.service.seen())
		if err := w.Reload(t.Context()); err != nil || len(w.service.seen()) != before+1 || w.Status().Paused {
			t.Errorf("Reload in a pause: %v, %d requests, paused %v", err, len(w.service.seen())-before, w.Status().Paused)
		}
		wait(110 * time.Second)
		if w.Status().Paused {
			t.Error("paused 110 s after a Reload, want 2 minutes")
		}
	})
}

// The end of a pause does not cut a wait short that PostHog asked for.
func TestAnEvaluationKeepsToTheBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.PauseAfterIdle = time.Second
		w := open(t, c, ok(document("a"), ""), status(429, "Retry-After", "240"), ok(document("b"), ""))
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = w.Reload(t.Context())
		wait(3 * time.Minute)
		w.Use()
		wait(30 * time.Second)
		if got := len(w.service.seen()); got != 2 {
			t.Errorf("%d requests before the wait was over, want 2", got)
		}
		wait(time.Minute)
		w.want(flagsync.Network, "b")
	})
}

func TestWithoutAPauseItPollsForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), ok(document("a"), ""))
		w.Start()
		wait(2 * time.Hour)
		if got := len(w.service.seen()); got < 220 {
			t.Errorf("%d requests in two hours, want one in 30 s", got)
		}
	})
}
