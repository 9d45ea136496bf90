// Command cli is a command-line tool that says how it is used, and adds nothing
// to its running time that a user could notice. It never waits for the network:
// the event of a run is in a file when the run ends, and a second process, for
// which nobody waits, sends it, or leaves it to a later run. Set POSTHOG_API_KEY
// to see the events in PostHog; without it they are discarded.
//
// What a run costs with a network that swallows everything, from opening the
// client to closing it, and what it costs without events:
//
//	go test -run '^$' -bench . -count 5 ./examples/cli
//
// On a busy machine of two cores that was 5 to 9 ms, and 0.1 ms.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog"
)

// sendLeftovers is the argument of the process that sends what runs have left.
const sendLeftovers = "send-leftovers"

// config is that of a program on a user's machine: nobody reads its log, its
// address is the user's, and the network may be away. In cache are the events
// that have not been sent yet.
func config(cache string) posthog.Config {
	return posthog.Config{
		Spool:           posthog.SpoolConfig{Dir: filepath.Join(cache, "greet", "events"), MaxBytes: 64 << 20},
		ShutdownTimeout: time.Millisecond, // the spool has the event
		IsServer:        new(false),
		Logger:          posthog.SlogLogger(slog.New(slog.DiscardHandler)),
	}
}

func main() {
	cache, err := os.UserCacheDir()
	if err != nil {
		log.Fatal(err)
	}
	client, err := posthog.FromEnv(config(cache))
	if err != nil {
		log.Fatal(err)
	}
	posthog.CloseOnSignal(client)
	if len(os.Args) == 2 && os.Args[1] == sendLeftovers {
		deliver(client)
		return
	}
	code := posthog.RunMain(client, func() int { return run(client, os.Stdout, os.Args[1:]) })
	if client.Stats().Pending > 0 {
		leave()
	}
	os.Exit(code)
}

// run is the tool. It returns the exit code instead of exiting, so that the
// client is closed.
func run(client posthog.EnqueueClient, out io.Writer, args []string) (code int) {
	if len(args) != 1 {
		fmt.Fprintln(out, "usage: greet NAME")
		code = 2
	} else {
		fmt.Fprintf(out, "Hello, %s!\n", args[0])
	}
	_ = client.Enqueue(posthog.Capture{ // a tool works without anybody knowing
		DistinctId: "installation_7", // made up once, and kept
		Event:      "command run",
		Properties: posthog.Properties{"command": "greet", "exit_code": code},
	})
	return code
}

// leave starts the process that sends what is in the spool, and waits neither
// for its success nor for its end.
func leave() {
	if self, err := os.Executable(); err == nil {
		_ = exec.CommandContext(context.Background(), self, sendLeftovers).Start()
	}
}

// deliver is that process. What it cannot send in time stays where it is.
func deliver(client *posthog.ServerClient) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = client.CloseWithContext(ctx)
}
