package posthog_test

import (
	"path/filepath"
	"slices"
	"testing"
)

// A panic that the middleware passes on to where nobody recovers it is a crash as
// any other. The middleware's own report is not on the disk, unless a spool has
// it, and is another event then.
func TestAPanicThatTheMiddlewarePassesOn(t *testing.T) {
	t.Parallel()
	const report, crash = "error go.http_recover_middleware out of tea", "fatal go.crash_output out of tea"
	for name, test := range map[string]struct {
		spool bool
		want  []string
	}{
		"without a spool": {false, []string{crash}},
		"with a spool":    {true, []string{report, crash}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, "plain")
			if test.spool {
				w.orders.Spool = filepath.Join(t.TempDir(), "spool")
			}
			if p := w.die("middleware"); p.exit != 2 {
				t.Errorf("the process ended with %d, want 2: %s", p.exit, p.stderr)
			}
			w.restart()
			w.wantNoFiles()
			var got []string
			for _, e := range w.exceptions() {
				level, _ := e.Properties["$exception_level"].(string)
				source, _ := e.Properties["$exception_source"].(string)
				got = append(got, level+" "+source+" "+e.Exceptions()[0].Value)
			}
			slices.Sort(got) // "error" before "fatal"
			if !slices.Equal(got, test.want) {
				t.Errorf("PostHog has %q, want %q", got, test.want)
			}
		})
	}
}
