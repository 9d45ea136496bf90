package posthog_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// sources are the ways in which a client can get its answers, which are the
// same.
var sources = map[string]posthog.Config{
	"by requests":       {},
	"from definitions":  {SecretKey: secretKey},
	"by the older name": {PersonalApiKey: "phx_test"},
	"from bytes":        {FlagSource: posthog.FlagBytes([]byte(definitions))},
}

// Proves RS-13, RS-14, RS-20, FT-14, GO-17, GO-22, GO-23: whoever answers, the answer is the same.
func TestOneLineChecks(t *testing.T) {
	for source, config := range sources {
		t.Run(source, func(t *testing.T) {
			inFlagWorld(t, config, assorted, func(w *world) {
				for name, c := range map[string]struct {
					key     string
					enabled [2]bool   // with the default false, and true
					variant [2]string // with the default "", and "none"
				}{
					"a flag that is on":                  {"on", [2]bool{true, true}, [2]string{"", "none"}},
					"a flag that is off, whatever it is": {"off", [2]bool{false, false}, [2]string{"", "none"}},
					"a flag with variants":               {"colour", [2]bool{true, true}, [2]string{"blue", "blue"}},
					"a flag that does not exist":         {"nothing", [2]bool{false, true}, [2]string{"", "none"}},
				} {
					for i, def := range []bool{false, true} {
						if got := w.client.FlagEnabled(w.Context(), about(c.key), def); got != c.enabled[i] {
							w.Errorf("%s: FlagEnabled with default %v is %v, want %v", name, def, got, c.enabled[i])
						}
					}
					for i, def := range []string{"", "none"} {
						if got := w.client.FlagVariant(w.Context(), about(c.key), def); got != c.variant[i] {
							w.Errorf("%s: FlagVariant with default %q is %q, want %q", name, def, got, c.variant[i])
						}
					}
				}
			})
		})
	}
}

// Proves RS-13, GO-16, FT-14: a server that is down is neither false nor a
// value, but the default.
func TestChecksWhileTheServerIsDown(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		w.down(500)
		for _, def := range []bool{false, true} {
			if got := w.client.FlagEnabled(w.Context(), about("on"), def); got != def {
				w.Errorf("FlagEnabled with default %v is %v, want the default", def, got)
			}
		}
		if got := w.client.FlagVariant(w.Context(), about("colour"), "green"); got != "green" {
			w.Errorf("FlagVariant is %q, want the default, green", got)
		}
	})
}

// Proves FT-16, FT-17, FT-15.
func TestFlagResult(t *testing.T) {
	for source, config := range sources {
		t.Run(source, func(t *testing.T) {
			inFlagWorld(t, config, assorted, func(w *world) {
				r, err := w.client.FlagResult(w.Context(), about("colour"))
				if err != nil {
					w.Fatalf("FlagResult: %v", err)
				}
				if r.Key != "colour" || !r.Enabled || r.Variant == nil || *r.Variant != "blue" || r.RawPayload == nil || r.Reason == "" {
					w.Errorf("FlagResult of colour is %s, want it on, blue, with a payload and a reason", canonical(w.T, r))
				}
				if r, err := w.client.FlagResult(w.Context(), about("off")); err != nil || r.Enabled || r.Variant != nil || r.RawPayload != nil {
					w.Errorf("FlagResult of off is %s, %v; want it off", canonical(w.T, r), err)
				}
				if r, err := w.client.FlagResult(w.Context(), about("nothing")); r != nil || !errors.Is(err, posthog.ErrFlagNotFound) {
					w.Errorf("FlagResult of a flag that does not exist is %v, %v; want nil, ErrFlagNotFound", r, err)
				}
			})
		})
	}
}

// Proves ZIG-37: the result is the caller's.
func TestAResultIsTheCallers(t *testing.T) {
	inFlagWorld(t, posthog.Config{FeatureFlagCacheTTL: time.Minute}, assorted, func(w *world) {
		for range 2 {
			r, err := w.client.FlagResult(w.Context(), about("colour"))
			if err != nil || *r.RawPayload != "[1,2]" || *r.Variant != "blue" {
				w.Fatalf("FlagResult: %s, %v; want blue and [1,2]", canonical(w.T, r), err)
			}
			*r.RawPayload, *r.Variant = "changed", "changed"
		}
		w.asked(1)
	})
}

// Proves ZIG-13, ZIG-14, ZIG-36: with a TTL, one request serves all questions
// about a person for that long.
func TestCacheOfAnswers(t *testing.T) {
	inFlagWorld(t, posthog.Config{FeatureFlagCacheTTL: time.Minute, FeatureFlagCacheSize: 2}, assorted, func(w *world) {
		ask := func(id string) {
			w.Helper()
			if !w.client.FlagEnabled(w.Context(), posthog.FeatureFlagPayload{Key: "on", DistinctId: id}, false) {
				w.Errorf("on is off for %s", id)
			}
		}
		ask("u_1")
		if payload, err := w.client.GetFeatureFlagPayload(about("on")); payload == "" || err != nil {
			w.Errorf("GetFeatureFlagPayload: %q, %v; want a payload", payload, err)
		}
		w.asked(1)
		ask("u_2")
		w.asked(2)
		w.pass(time.Minute)
		ask("u_1")
		w.asked(3)
		ask("u_2")
		ask("u_3") // evicts the least recent, u_1
		w.asked(5)
		ask("u_2")
		w.asked(5)
		ask("u_1")
		w.asked(6)
	})
}

// Proves FR-14: without a TTL, each question is asked afresh.
func TestNoCacheUnlessAskedFor(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.client.FlagEnabled(w.Context(), about("on"), false)
		w.asked(2)
	})
}

// Proves FR-08, PY-21: a question ends with its context, and with the timeout.
func TestQuestionsEndInTime(t *testing.T) {
	inFlagWorld(t, posthog.Config{FeatureFlagRequestTimeout: time.Second, FeatureFlagRequestMaxRetries: posthog.Ptr(0)}, assorted, func(w *world) {
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Hang: true, Times: -1})
		for name, c := range map[string]struct {
			deadline, want time.Duration
		}{
			"a deadline of 50 ms": {50 * time.Millisecond, 50 * time.Millisecond},
			"no deadline":         {time.Hour, time.Second},
		} {
			ctx, cancel := context.WithTimeout(w.Context(), c.deadline)
			begin := time.Now()
			_, err := w.client.FlagResult(ctx, about("on"))
			if took := time.Since(begin); took != c.want {
				w.Errorf("with %s, FlagResult took %v, want %v", name, took, c.want)
			}
			if failed, ok := errors.AsType[*posthog.FlagError](err); !ok || failed.Code != posthog.FeatureFlagErrorTimeout {
				w.Errorf("with %s, the error is %v, want a FlagError with timeout", name, err)
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				w.Errorf("with %s, the error is %v, want DeadlineExceeded in it", name, err)
			}
			begin = time.Now()
			if _, err := w.client.EvaluateFlagsWithContext(ctx, everything()); err == nil || time.Since(begin) > c.want {
				w.Errorf("with %s, EvaluateFlags took %v and returned %v", name, time.Since(begin), err)
			}
			cancel()
		}
	})
}
