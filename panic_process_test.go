package posthog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// panicking is how the ends of those children begin that end by a panic which
// the library sees.
const panicking = "panicking: "

// fatalValues are what those children panic with.
var fatalValues = map[string]any{
	"text":    "the end",
	"error":   fmt.Errorf("order 17: %w", errors.New("gateway down")),
	"number":  42,
	"pointer": nil, // a fault of the runtime
}

// fall panics as told.
func fall(kind string) {
	if kind == "pointer" {
		noCharge().order++
	}
	panic(fatalValues[kind])
}

// panicAsTold leaves an event in the queue and panics, watched by what end names.
func panicAsTold(end, host, spool string) {
	by, kind, _ := strings.Cut(strings.TrimPrefix(end, panicking), " with ")
	if by == "nothing" {
		fall(kind)
	}
	client, err := posthog.NewWithConfig(testKey, posthog.Config{
		Endpoint: host, Interval: time.Hour, Logger: silent{}, Spool: posthog.SpoolConfig{Dir: spool},
	})
	if err != nil {
		panic(err)
	}
	if err := client.Enqueue(event(0)); err != nil {
		panic(err)
	}
	ctx := context.Background()
	switch by {
	case "CapturePanic":
		defer client.CapturePanic(ctx)
		fall(kind)
	case "CapturePanic without memory":
		debug.SetMemoryLimit(1)
		defer client.CapturePanic(ctx)
		fall(kind)
	case "Go":
		client.Go(ctx, func(context.Context) { fall(kind) })
		select {}
	}
}

// died runs a child to its end by a panic, and returns how it ended and what it
// wrote.
func died(t *testing.T, end, url, spool string) (code int, stderr string) {
	t.Helper()
	command := childCommand(t.Context(), panicking+end, spool)
	command.Env = append(command.Env, hostEnv+"="+url)
	var text bytes.Buffer
	command.Stderr = &text
	err := command.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		t.Fatalf("the child ended with %v, want a panic", err)
	}
	return command.ProcessState.ExitCode(), text.String()
}

// A process that dies of a panic which the library saw looks as it would without
// it, but for a mark of the runtime, and PostHog knows of it, and of what was
// queued. Proves EXC-34, ZIG-18, ZIG-38, ZIG-41.
func TestAProcessDiesOfItsPanic(t *testing.T) {
	t.Parallel()
	const mark = " [recovered, repanicked]"
	for kind := range fatalValues {
		_, want := died(t, "nothing with "+kind, "", "")
		want, _, _ = strings.Cut(want, "\n")
		for by, source := range map[string]string{"CapturePanic": "go.panic", "CapturePanic without memory": "go.panic", "Go": "go.goroutine"} {
			t.Run(by+" with "+kind, func(t *testing.T) {
				t.Parallel()
				server := listening(t)
				code, stderr := died(t, by+" with "+kind, server.URL(), "")
				got, rest, _ := strings.Cut(stderr, "\n")
				if code != 2 || strings.TrimSuffix(got, mark) != want || !strings.Contains(rest, "fall(") {
					t.Errorf("the process ended with %d and wrote\n%s\nwant 2, %q and a stack", code, stderr, want)
				}
				requireLastWords(t, server, source)
			})
		}
	}
}

// requireLastWords fails the test unless the server has the event that was
// queued, and the fatal exception.
func requireLastWords(t *testing.T, server *posthogtest.Server, source string) {
	t.Helper()
	all := stored(t, server)
	if len(all) != 1 || len(server.Rows()) != 2 {
		t.Fatalf("the server has %d exceptions and %d events, want 1 of 2", len(all), len(server.Rows()))
	}
	requireStored(t, all[0], map[string]any{"$exception_level": "fatal", "$exception_source": source})
	if f := last(all[0].Exceptions()[0].Frames); f != "posthog_test.fall" {
		t.Errorf("the stack ends in %s, want fall", f)
	}
}

// While PostHog is away, the spool keeps the panic, and the next start delivers it
// with the bytes of the first attempt. Proves ZIG-18.
func TestTheSpoolKeepsThePanic(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"CapturePanic", "Go"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			server := listening(t)
			server.Inject(posthogtest.Fault{Status: 503, Persist: -1, Times: -1})
			spool := t.TempDir()
			if code, stderr := died(t, by+" with error", server.URL(), spool); code != 2 {
				t.Errorf("the process ended with %d, want 2: %s", code, stderr)
			}
			tried := bytesByName(t, server)
			server.ClearFaults()
			server.Reset()
			restart(t, server, spool)
			source := map[string]string{"CapturePanic": "go.panic", "Go": "go.goroutine"}[by]
			requireLastWords(t, server, source)
			for name, raw := range bytesByName(t, server) {
				if tried[name] != raw {
					t.Errorf("%s was sent as\n%s\nand arrived as\n%s", name, tried[name], raw)
				}
			}
		})
	}
}
