// Command cli is a command-line tool that says how it is used. It adds nothing
// to its running time that a user could notice: events that cannot be sent
// within a fraction of a second are sent by the next run. Set POSTHOG_API_KEY
// to see the events in PostHog; without it they are discarded.
package main

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog"
)

// config is that of a program on a user's machine: nobody reads its log, its
// address is the user's, and the network may be away. In cache are the events
// that the network would not take.
func config(cache string) posthog.Config {
	return posthog.Config{
		Spool:           posthog.SpoolConfig{Dir: filepath.Join(cache, "greet", "events"), MaxBytes: 16 << 20},
		ShutdownTimeout: 300 * time.Millisecond,
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
	os.Exit(posthog.RunMain(client, func() int { return run(client, os.Stdout, os.Args[1:]) }))
}

// run is the tool. It returns the exit code instead of exiting, so that events
// are sent.
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
