package posthog_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What `make oom` changes.
var memoryGroups = flag.String("oom.groups", "", "the directory in which TestAWantOfMemory may make control groups, or auto; empty runs what needs none")

// memoryLimit is how much the processes of a group may take, which is much more than they begin with.
const memoryLimit = "134217728" // bytes

// groupsDir is the directory in which this process may make a control group.
func groupsDir() (string, error) {
	if *memoryGroups != "auto" {
		return *memoryGroups, nil
	}
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	dir := ""
	for line := range strings.Lines(string(text)) {
		switch fields := strings.SplitN(strings.TrimSpace(line), ":", 3); {
		case len(fields) < 3:
		case fields[1] == "memory":
			return filepath.Clean("/sys/fs/cgroup/memory/" + fields[2]), nil
		case fields[0] == "0": // a group with processes has none below that limits memory
			dir = filepath.Dir("/sys/fs/cgroup" + fields[2])
		}
	}
	return dir, nil
}

// limitedGroup is a control group whose memory is limited, as long as the test runs.
func limitedGroup(t *testing.T) string {
	t.Helper()
	dir, err := groupsDir()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, fmt.Sprintf("hedgerow-%d-%d", os.Getpid(), time.Now().UnixNano()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatalf("make a control group (say where by -oom.groups): %v", err)
	}
	t.Cleanup(func() {
		// Nothing tells when a process has left its group, which is after it has closed its files.
		for end := time.Now().Add(patience); ; {
			if err := os.Remove(dir); !errors.Is(err, syscall.EBUSY) || time.Now().After(end) {
				if err != nil {
					t.Error(err)
				}
				return
			}
		}
	})
	limits := map[string]string{"memory.max": memoryLimit, "memory.swap.max": "0"}
	if _, err := os.Stat(filepath.Join(dir, "memory.oom_control")); err == nil {
		limits = map[string]string{"memory.limit_in_bytes": memoryLimit, "memory.swappiness": "0"}
	}
	for name, limit := range limits {
		err := os.WriteFile(filepath.Join(dir, name), []byte(limit), 0)
		if err != nil && (!errors.Is(err, os.ErrNotExist) || name != "memory.swap.max") { // not every kernel swaps
			t.Fatal(err)
		}
	}
	return dir
}

// A real kernel kills processes for want of memory, and somebody says what that was.
// What it takes a control group for is left to make oom.
func TestAWantOfMemory(t *testing.T) {
	t.Parallel()
	both := func(o *watchedOrders) { o.Supervise, o.Abrupt = true, true }
	watched := func(o *watchedOrders) { o.Monitor, o.Abrupt = true, true }
	var (
		starved = watchedEnd{title: "process.oom_kill", mechanism: "crash_reporter", level: "fatal"}
		killed  = watchedEnd{title: "process.killed", mechanism: "crash_reporter", level: "fatal"}
		abrupt  = watchedEnd{title: "process.abrupt_exit", mechanism: "crash_reporter", level: "error"}
	)
	for name, c := range map[string]struct {
		end    string
		orders func(*watchedOrders)
		group  bool // it takes one
		moves  bool // the child alone is in it
		signal syscall.Signal
		down   bool // PostHog is, while it lives
		later  bool // the next start reports it
		want   watchedEnd
		steps  int
		queued int // events that the next start sends
	}{
		"of the runtime, supervised": {
			end: "take all addresses", orders: withSupervisor, steps: 1,
			want: watchedEnd{title: "fatal error", mechanism: "crash_reporter", level: "fatal"},
		},
		"of the runtime, in a group": {
			end: "take all addresses", orders: withSupervisor, steps: 1, group: true,
			want: watchedEnd{title: "fatal error", mechanism: "crash_reporter", level: "fatal"},
		},
		"supervised": {
			end: "take all memory", orders: withSupervisor, group: true, signal: syscall.SIGKILL, want: starved, steps: 1, queued: 20,
		},
		"supervised, and every end is to be told": {
			end: "take all memory", orders: both, group: true, signal: syscall.SIGKILL, want: starved, steps: 1, queued: 20,
		},
		"supervised, without a client": {
			end: "take all memory", orders: func(o *watchedOrders) { o.Supervise, o.Alone = true, true }, group: true, signal: syscall.SIGKILL, want: starved,
		},
		"none, but kill -9": {
			end: "kill -9", orders: both, group: true, signal: syscall.SIGKILL, want: killed,
		},
		// The kernel counts victims and does not name them.
		"of a helper, and kill -9 at once": {
			end: "have a helper take all memory, and kill -9", orders: both, group: true, signal: syscall.SIGKILL, want: starved,
		},
		// What the kernel counts for a group to which the child alone moves, a supervisor does not see.
		"in a group of the child's own": {
			end: "move, and take all memory", orders: both, group: true, moves: true, signal: syscall.SIGKILL, want: killed, steps: 1, queued: 20,
		},
		"while PostHog is down": {
			end: "take all memory", orders: withSupervisor, group: true, down: true, signal: syscall.SIGKILL, later: true, want: starved, steps: 1, queued: 20,
		},
		// Then nobody is left who could say more than that the process is gone.
		"of the supervisor first": {
			end: "take all memory, but first that of the supervisor", orders: both, group: true, signal: syscall.SIGKILL, later: true, want: abrupt, steps: 1, queued: 20,
		},
		"of the monitor first": {
			end: "take all memory, but first that of the monitor", orders: watched, group: true, signal: syscall.SIGKILL, later: true, want: abrupt, steps: 1, queued: 20,
		},
		// A monitor is not the parent, and cannot know what ended the process.
		"watched by a monitor": {
			end: "take all memory", orders: watched, group: true, signal: syscall.SIGKILL, want: abrupt, steps: 1, queued: 20,
		},
	} {
		if c.group && *memoryGroups == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watching(t, c.orders)
			w.orders.Spool = filepath.Join(t.TempDir(), "spool")
			if c.down {
				w.orders.ShutdownTimeout = 200e6 // a fifth of a second
				w.isDown(false)
			}
			var arguments []string
			if c.group {
				group := limitedGroup(t)
				if w.group = group; c.moves {
					w.group, arguments = "", []string{group}
				}
			}
			w.start(nil, func(o *watchedOrders) { o.End = c.end }, arguments...)
			state := w.ended()
			w.allEnded()
			if status := state.Sys().(syscall.WaitStatus); c.signal != 0 && (!status.Signaled() || status.Signal() != c.signal) || c.signal == 0 && state.ExitCode() != 2 {
				t.Errorf("the process ended with %s, want signal %d, or exit code 2: %s %s", state, c.signal, w.stdout, w.stderr)
			}
			w.group = ""
			if c.later {
				w.wantNothing()
				w.server.ClearFaults()
				w.restarts()
			}
			e := w.one()
			c.want.check(t, e)
			if steps, _ := e.Properties["$exception_steps"].([]any); len(steps) != c.steps {
				t.Errorf("got steps %v, want %d", steps, c.steps)
			}
			if !c.later {
				w.restarts()
			}
			w.one() // once
			w.wantNoFiles()
			ids := map[string]int{}
			for _, row := range w.server.Rows() {
				if row.Name == "queued" {
					ids[row.DistinctID]++
				}
			}
			if len(ids) != c.queued {
				t.Errorf("got queued events of %v, want %d", ids, c.queued)
			}
		})
	}
}
