package posthog_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// trouble is the end of a child that meets everything worth a line in the log.
const trouble = "trouble"

// getIntoTrouble meets refusals, losses, panics and leftovers.
func getIntoTrouble(silently bool) {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	config := posthog.Config{
		Endpoint: server.URL(), Transport: server.Transport(), Verbose: true, MaxQueueSize: 2, FlushTimeout: 20 * time.Millisecond,
		OnError: func(error) { panic("OnError") },
		Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
			if e.Event == "hook" {
				panic("hook")
			}
			return e
		}},
	}
	if silently {
		config.Logger = silent{}
	}
	client, err := posthog.NewWithConfig("phx_secret", config)
	if err != nil {
		panic(err)
	}
	server.Inject(posthogtest.Fault{Status: 413}, posthogtest.Fault{Status: 400}, posthogtest.Fault{Status: 503, Times: -1})
	for _, msg := range []posthog.Message{
		posthog.Capture{}, posthog.Capture{DistinctId: "u", Event: "hook"},
		posthog.Capture{DistinctId: "u", Event: "e", Uuid: "none", Properties: posthog.Properties{"bad": func() {}}},
		event(0), event(1), event(2), event(3),
	} {
		_ = client.Enqueue(msg)
		_ = client.Flush(context.Background())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = client.CloseWithContext(ctx)
}

// Proves ZIG-27: with a logger that says nothing the process says nothing,
// whatever happens. Without one, the same events are lines on standard error,
// and nothing is ever written to standard output.
func TestASilentLoggerIsSilent(t *testing.T) {
	t.Parallel()
	for end, speaks := range map[string]bool{trouble + " in silence": false, trouble: true} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), os.Args[0])
			command.Env = childEnvironment(end, "")
			var output, errors strings.Builder
			command.Stdout, command.Stderr = &output, &errors
			if err := command.Run(); err != nil {
				t.Errorf("the child ended with %v", err)
			}
			if output.Len() != 0 {
				t.Errorf("standard output has %q, want nothing", output.String())
			}
			if (errors.Len() > 0) != speaks {
				t.Errorf("standard error has %q, want something: %v", errors.String(), speaks)
			}
		})
	}
}
