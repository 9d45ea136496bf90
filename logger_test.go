package posthog_test

import (
	"bytes"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// A thousand refusals are one line now, and one with their number a minute
// later.
func TestRepeatedConditionsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := new(logLines)
		client, _ := open(t, posthog.Config{Logger: lines})
		for range 1000 {
			_ = client.Enqueue(posthog.Capture{}) // refused, and counted below
		}
		if got := lines.all(); len(got) != 1 {
			t.Fatalf("1000 refusals gave %d lines, want 1: %q", len(got), got)
		}
		elapse(time.Minute)
		_ = client.Enqueue(posthog.Capture{})
		if got := lines.all(); len(got) != 2 || !strings.Contains(got[1], "999 more times") {
			t.Errorf("a minute later the log is %q, want a second line that counts 999", got)
		}
		_ = client.Enqueue(posthog.Capture{})
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := lines.all(); len(got) != 3 || !strings.Contains(got[2], "1 more times") {
			t.Errorf("after Close the log is %q, want a third line about the last refusal", got)
		}
		if s := client.Stats(); s.RefusedBy[posthog.RefusalInvalid] != 1002 {
			t.Errorf("RefusedBy is %v, want 1002 invalid", s.RefusedBy)
		}
	})
}

// Proves ZIG-27: with a logger of the application's, levels arrive where they
// belong. That a silent one is silent: TestASilentLoggerIsSilent.
func TestSlogLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	l := posthog.SlogLogger(slog.New(handler))
	l.Debugf("%s", "hidden")
	l.Logf("a %d", 1)
	l.Warnf("b %d", 2)
	l.Errorf("c %d", 3)
	if got, want := out.String(), "level=INFO msg=\"a 1\"\nlevel=WARN msg=\"b 2\"\nlevel=ERROR msg=\"c 3\"\n"; got != want {
		t.Errorf("the log is %q, want %q", got, want)
	}
}

func TestStdLogger(t *testing.T) {
	t.Parallel()
	for verbose, want := range map[bool]string{
		false: "INFO: a 1\nWARN: b 2\nERROR: c 3\n",
		true:  "DEBUG: d 0\nINFO: a 1\nWARN: b 2\nERROR: c 3\n",
	} {
		var out bytes.Buffer
		l := posthog.StdLogger(log.New(&out, "", 0), verbose)
		l.Debugf("d %d", 0)
		l.Logf("a %d", 1)
		l.Warnf("b %d", 2)
		l.Errorf("c %d", 3)
		if got := out.String(); got != want {
			t.Errorf("verbose %v: the log is %q, want %q", verbose, got, want)
		}
	}
}

// Proves PY-05: details, such as a line for every request, are logged only
// with Verbose, and nothing logs a value or the key.
func TestVerbose(t *testing.T) {
	t.Parallel()
	for _, verbose := range []bool{false, true} {
		lines := new(logLines)
		client, server := open(t, posthog.Config{Logger: lines, Verbose: verbose, Hooks: []posthog.Hook{
			func(e *posthog.Event) *posthog.Event {
				if e.Event == "dropped" {
					return nil
				}
				return e
			},
		}})
		server.Inject(posthogtest.Fault{Status: 400})
		for _, name := range []string{"dropped", "lost", "delivered"} {
			enqueue(t, client, posthog.Capture{DistinctId: "u", Event: name, Properties: posthog.Properties{"card": "4242"}})
			flush(t, client)
		}
		for _, text := range []string{`dropped the event "dropped"`, "rejected after", "status 400", "delivered after", "status 200"} {
			want := 0
			if verbose {
				want = 1
			}
			if got := len((&logLines{kept: lines.having("DEBUG")}).having(text)); got != want {
				t.Errorf("Verbose %v: %d details have %q, want %d; log %q", verbose, got, text, want, lines.all())
			}
		}
		for _, secret := range []string{"4242", testKey} {
			if leaked := lines.having(secret); len(leaked) > 0 {
				t.Errorf("%q is in the log: %q", secret, leaked)
			}
		}
	}
}

// A loss is an error in the log, with its reason and its size.
func TestLossesAreLogged(t *testing.T) {
	t.Parallel()
	lines := new(logLines)
	client, server := open(t, posthog.Config{Logger: lines})
	server.Inject(posthogtest.Fault{Status: 401, Body: "who are you"})
	for i := range 3 {
		enqueue(t, client, capture(fmt.Sprintf("e%d", i)))
	}
	if err := client.Close(); err != nil { // Flush does not wait for the log
		t.Errorf("Close: %v", err)
	}
	lines.requireLine(t, "ERROR", "3 events", "rejected", "who are you")
}
