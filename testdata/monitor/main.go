// Command monitor is a service whose end somebody reports at once: a monitor, or
// a supervisor, as its orders say. See crash_monitor_unix_test.go.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"syscall"
	"time"

	"github.com/hedgerow/posthog"
)

// orders are what the test wants of one process.
type orders struct {
	Host, Dir, Spool, End  string
	Supervise, Abrupt      bool
	Monitor, Late          bool // Late does not tell the library what main begins with
	Hooks, Configure       bool
	Disabled, Ready, Alone bool // Alone makes no client
	ShutdownTimeout        time.Duration
}

// hook marks the events that passed it, and names the process where that was.
func hook(e *posthog.Event) *posthog.Event {
	e.Properties["hooked"] = true
	return e
}

// config is that of the client.
var config posthog.Config

func main() {
	// A monitor has no arguments of its own, so it gets this by the environment.
	var configure []func(*posthog.Config)
	if os.Getenv("MONITOR_TEST_CONFIGURE") != "" {
		configure = append(configure, func(c *posthog.Config) { c.Hooks = []posthog.Hook{hook} })
	}
	if os.Getenv("POSTHOG_CRASH_MONITOR") != "" {
		syscall.CloseOnExec(4) // by which the test knows that it lives; or it would be taken for a file of the program's
	}
	if os.Getenv("MONITOR_TEST_LATE") == "" {
		posthog.RunCrashMonitorIfChild(configure...)
	}
	var o orders
	if err := json.Unmarshal([]byte(os.Args[1]), &o); err != nil {
		log.Fatal(err)
	}
	config = posthog.Config{
		Endpoint:               o.Host,
		Interval:               time.Hour,
		ShutdownTimeout:        o.ShutdownTimeout,
		Disabled:               o.Disabled,
		Logger:                 posthog.StdLogger(log.New(os.Stdout, "log: ", 0), false),
		DefaultEventProperties: posthog.Properties{"app_version": "of the dead"},
		Crash:                  posthog.CrashConfig{Dir: o.Dir, ReportAbruptExit: o.Abrupt, Monitor: o.Monitor},
	}
	config.Spool.Dir = o.Spool
	if o.Hooks {
		config.Hooks = []posthog.Hook{hook}
	}
	if o.Supervise {
		posthog.Supervise("phc_test", config)
	}
	var client *posthog.ServerClient
	if !o.Alone {
		var err error
		if client, err = posthog.NewWithConfig("phc_test", config); err != nil {
			log.Fatal(err)
		}
	}
	if o.Ready {
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	end, ok := ends[o.End]
	if !ok {
		log.Fatalf("nobody knows how to end by %s", o.End)
	}
	end(client)
}
