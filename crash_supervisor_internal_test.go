//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog

import (
	"strings"
	"syscall"
	"testing"
	"time"

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
		"that, and another signal":              {words: known, status: sigterm, kills: 1, abrupt: true, title: "process.abrupt_exit", signal: "SIGTERM", level: LevelError},
		"that, and an exit that is to be told":  {words: known, status: exited3, kills: 1, abrupt: true, title: "process.abrupt_exit", code: 3, level: LevelError},
		"a want of memory without a client yet": {status: sigkill, kills: 2, title: "process.oom_kill", signal: "SIGKILL", level: LevelFatal, always: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counted := uint64(5)
			s := &supervised{memory: watchMemory(func() (uint64, bool) { return counted, !c.unknown })}
			counted += c.kills
			end := s.end(&c.words, c.status, c.abrupt)
			if end == nil {
				if c.title != "" {
					t.Errorf("got nothing, want %s", c.title)
				}
				return
			}
			properties := Properties{}
			end.describe(properties)
			if end.Type != c.title || end.Level != c.level || end.Always != c.always || properties["crash_signal"] != c.signal || properties["crash_exit_code"] != c.code {
				t.Errorf("got %+v, want %s of level %q, always %t, with signal %v and code %v", end, c.title, c.level, c.always, c.signal, c.code)
			}
			if doubt := strings.Contains(end.Value, "or the kernel"); doubt != c.unknown {
				t.Errorf("got %q, want it to say that it may have been the kernel: %t", end.Value, c.unknown)
			}
			m := end.exception().Mechanism
			if m.Handled == nil || *m.Handled || m.Synthetic == nil || !*m.Synthetic || m.Type != "crash_reporter" {
				t.Errorf("got mechanism %+v, want one of the crash reporter that is synthetic and not handled", m)
			}
		})
	}
}

// What the kernel killed long ago was another process than the one that ends now.
func TestAWantOfMemoryIsRecent(t *testing.T) {
	t.Parallel()
	type counts []int // what the kernel has at the start, at each sample, and at the end; -1 is what cannot be known
	for name, c := range map[string]struct {
		counts counts
		killed bool
	}{
		"at once":                         {counts{5, 6}, true},
		"never":                           {counts{5, 5}, false},
		"never, in a long life":           {counts{5, 5, 5, 5, 5}, false},
		"after a long life":               {counts{5, 5, 5, 5, 6}, true},
		"since the last sample":           {counts{5, 5, 6}, true},
		"as the last sample was taken":    {counts{5, 6, 6}, true},
		"before the last sample":          {counts{5, 5, 6, 6}, true},
		"another one, two samples ago":    {counts{5, 6, 6, 6}, false},
		"another one, and then this one":  {counts{5, 6, 6, 6, 7}, true},
		"before anybody looked":           {counts{-1, 6}, false},
		"when nobody can look any more":   {counts{5, -1}, false},
		"since somebody can look":         {counts{-1, 5, 5, 6}, true},
		"in a group that was made anew":   {counts{5, 5, 0}, false},
		"while a sample could not be had": {counts{5, -1, 6}, true},
		"after samples that were not had": {counts{5, -1, -1, 6}, false},
		"another one, long ago":           {counts{5, 6, 6, 6, 6, 6}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest := c.counts
			s := &supervised{memory: watchMemory(func() (uint64, bool) {
				now := rest[0]
				rest = rest[1:]
				return uint64(max(now, 0)), now >= 0
			})}
			samples, ended, status := make(chan time.Time), make(chan syscall.WaitStatus), make(chan syscall.WaitStatus, 1)
			go func() { status <- s.until(ended, samples) }()
			for range c.counts[2:] {
				samples <- time.Time{}
			}
			ended <- syscall.WaitStatus(syscall.SIGKILL)
			got := <-status
			end := s.end(&monitor.Words{}, got, true)
			want := map[bool]string{true: "process.oom_kill", false: "process.killed"}[c.killed]
			if end == nil || end.Type != want {
				t.Errorf("with counts %v, got %+v, want %s", c.counts, end, want)
			}
		})
	}
}
