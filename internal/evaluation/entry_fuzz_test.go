package evaluation_test

import (
	"context"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// constant is a store that has one text for every key.
type constant string

func (c constant) Get(context.Context, string) ([]byte, bool, error) { return []byte(c), true, nil }

func (c constant) Set(context.Context, string, []byte, time.Duration) error { return nil }

// Whatever a store has, reading it does not panic, and makes a value only of what can be one.
func FuzzEntry(f *testing.F) {
	f.Add(`{"stored_at":1767225600000,"flags":{"a":{"enabled":true,"variant":"x","reason":{"code":"c"},"metadata":{"id":1,"payload":"1"}}},"minimalFlagCalledEvents":true}`)
	f.Add(`{"stored_at":1767225600000,"flags":{"a":{"failed":true}}}`)
	f.Add(`{"stored_at":1767225600000,"featureFlags":{"a":"x"}}`)
	f.Add(`{"stored_at":99999999999999999,"flags":{"a":{"enabled":false}}}`)
	f.Add(`{"stored_at":1e99}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, text string) {
		now := time.UnixMilli(1767225600001)
		w := open(t, setup{Config: evaluation.Config{Fallback: constant(text), Now: func() time.Time { return now }}})
		r, err := w.One(t.Context(), "a", person("u-1"))
		switch {
		case r.Errors != "connection_error":
			t.Errorf("with %q, One is %+v, want a connection error", text, r)
		case r.State == evaluation.Found:
			if age := now.Sub(r.EvaluatedAt); err != nil || r.Source != evaluation.Stale || age >= evaluation.DefaultFallbackStale || !r.Enabled && r.Variant != "" {
				t.Errorf("with %q, One is %+v, error %v", text, r, err)
			}
		case err == nil || r.Enabled || r.Variant != "" || r.Payload != "":
			t.Errorf("with %q, One is %+v, error %v", text, r, err)
		}
		if s, _ := w.All(t.Context(), person("u-1")); (s.Lookup("a").State == evaluation.Found) != (r.State == evaluation.Found) {
			t.Errorf("with %q, One is %+v, All has %+v", text, r, s.Lookup("a"))
		}
	})
}
