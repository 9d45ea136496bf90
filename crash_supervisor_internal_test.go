//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog

import (
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// What a supervisor makes of how its child ended, if the runtime said nothing.
func TestWhatASilentEndWas(t *testing.T) {
	t.Parallel()
	const (
		exited0 = syscall.WaitStatus(0)
		exited3 = syscall.WaitStatus(3 << 8)
		sigterm = syscall.WaitStatus(syscall.SIGTERM)
		sigkill = syscall.WaitStatus(syscall.SIGKILL)
	)
	known, closed := monitor.Words{Hello: &monitor.Hello{}}, monitor.Words{Hello: &monitor.Hello{}, Closed: true}
	for name, c := range map[string]struct {
		words   monitor.Words
		status  syscall.WaitStatus
		kills   uint64 // after it began
		unknown bool   // how many
		abrupt  bool
		title   string
		signal  any
		code    any
		level   Level
		always  bool
	}{
		"a return":                              {status: exited0, abrupt: true},
		"a return without Close":                {words: known, status: exited0, abrupt: true, title: "process.abrupt_exit", code: 0, level: LevelError},
		"a return after Close":                  {words: closed, status: exited0, abrupt: true},
		"an exit":                               {words: known, status: exited3, abrupt: true, title: "process.abrupt_exit", code: 3, level: LevelError},
		"an exit before there is a client":      {status: exited3, abrupt: true, title: "process.abrupt_exit", code: 3, level: LevelError},
		"an exit after Close":                   {words: closed, status: exited3, abrupt: true},
		"an exit that is not to be told":        {words: known, status: exited3},
		"a signal":                              {words: known, status: sigterm, abrupt: true, title: "process.abrupt_exit", signal: "SIGTERM", level: LevelError},
		"a signal that is not to be told":       {words: known, status: sigterm},
		"kill -9":                               {words: known, status: sigkill, abrupt: true, title: "process.killed", signal: "SIGKILL", level: LevelFatal},
		"kill -9 while nobody counts":           {words: known, status: sigkill, kills: 1, unknown: true, abrupt: true, title: "process.killed", signal: "SIGKILL", level: LevelFatal},
		"kill -9 after Close":                   {words: closed, status: sigkill, abrupt: true},
		"kill -9 that is not to be told":        {words: known, status: sigkill},
		"a want of memory":                      {words: known, status: sigkill, kills: 1, title: "process.oom_kill", signal: "SIGKILL", level: LevelFatal, always: true},
		"a want of memory after Close":          {words: closed, status: sigkill, kills: 1, title: "process.oom_kill", signal: "SIGKILL", level: LevelFatal, always: true},
		"a want of memory of another process":   {words: known, status: exited3, kills: 1},
		"that, and an exit that is to be told":  {words: known, status: exited3, kills: 1, abrupt: true, title: "process.abrupt_exit", code: 3, level: LevelError},
		"a want of memory without a client yet": {status: sigkill, kills: 2, title: "process.oom_kill", signal: "SIGKILL", level: LevelFatal, always: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &supervised{kills: 5, counted: !c.unknown, count: func() (uint64, bool) { return 5 + c.kills, !c.unknown }}
			end := s.end(&c.words, c.status, c.abrupt)
			if end == nil {
				if c.title != "" {
					t.Errorf("got nothing, want %s", c.title)
				}
				return
			}
			if end.exception.Type != c.title || end.level != c.level || end.always != c.always || end.properties["crash_signal"] != c.signal || end.properties["crash_exit_code"] != c.code {
				t.Errorf("got %+v, want %s of level %q, always %t, with signal %v and code %v", end, c.title, c.level, c.always, c.signal, c.code)
			}
			m := end.exception.Mechanism
			if m.Handled == nil || *m.Handled || m.Synthetic == nil || !*m.Synthetic || m.Type != "crash_reporter" {
				t.Errorf("got mechanism %+v, want one of the crash reporter that is synthetic and not handled", m)
			}
		})
	}
}
