package posthog

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// Somebody may take the crash file before whoever watched the process has put the
// text into it, and remove it because there is nothing in it.
func TestATextWhoseFileIsGoneIsLeftInAnother(t *testing.T) {
	t.Parallel()
	const id, text = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "panic: out of tea\n\ngoroutine 1 [running]:\n"
	dir, now := t.TempDir(), time.Now()
	died := now.Add(-time.Hour).Truncate(time.Second)
	d := death{words: monitor.Words{
		Hello: &monitor.Hello{
			Header: file.Header{UUID: id, PID: 4711},
			File:   filepath.Join(dir, "ph-1795089600123-4711-8c1f60a4b2d97e35.crash"),
		},
		Text: []byte(text), Time: died,
	}}
	d.claim()
	d.report("phc_test", func() Config { return Config{Endpoint: ":"} }) // nothing can be sent there
	d.left.Keep()
	found, err := file.Find(dir, now)
	if err != nil || len(found.Left) != 1 {
		t.Fatalf("got %d crash files, %v; want the one that the monitor made", len(found.Left), err)
	}
	left := found.Left[0]
	defer left.Keep()
	if left.Header.UUID != id || string(left.Text) != text || !left.Time.Equal(died) {
		t.Errorf("got %s of %s: %q, want %s of %s: %q", left.Header.UUID, left.Time, left.Text, id, died, text)
	}
}

// A client that can make no crash file does not keep the crash output from those that
// can: neither while it lives, nor when it is closed.
func TestAClientWithoutACrashFileLeavesTheOutputToOthers(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(nowhere, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	client := func(config CrashConfig) *ServerClient {
		c, err := NewWithConfig("phc_test", Config{Crash: config, Logger: mute()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	holds := func(when string, want *crashes) {
		t.Helper()
		crashOutput.mu.Lock()
		defer crashOutput.mu.Unlock()
		if crashOutput.holder != want || len(crashOutput.next) > 0 {
			t.Errorf("%s: got holder %p and %d that wait, want %p and none", when, crashOutput.holder, len(crashOutput.next), want)
		}
	}
	for name, monitor := range map[string]bool{"alone": false, "with a monitor that cannot be": true} {
		first := client(CrashConfig{Dir: nowhere, Monitor: monitor})
		holds(name, nil)
		second := client(CrashConfig{Dir: t.TempDir()})
		holds(name+", beside one with a file", second.crashes)
		third := client(CrashConfig{Dir: nowhere, Monitor: monitor})
		_ = third.Close()
		holds(name+", after another was closed", second.crashes)
		_ = second.Close()
		_ = first.Close()
		holds(name+", after all were closed", nil)
	}
}

// Whoever watched it, a client without a crash file has the crash output no longer when
// that has ended, or when a panic has closed the client.
func TestAClientWithoutACrashFileThatWasWatched(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(nowhere, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(*crashes){
		"the monitor ended":          func(x *crashes) { x.unwatched(nil) },
		"a panic closes the client":  func(x *crashes) { x.end(true, false) },
		"the client is just closed":  func(x *crashes) { x.end(false, false) },
		"events are left behind too": func(x *crashes) { x.end(false, true) },
	} {
		c, err := NewWithConfig("phc_test", Config{Crash: CrashConfig{Dir: nowhere}, Logger: mute()})
		if err != nil {
			t.Fatal(err)
		}
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		x := c.crashes
		x.watcher = &crashWatch{pipe: out}
		if claimed, err := crashOutput.claim(x, out); err != nil || !claimed {
			t.Fatalf("%s: got the crash output: %t, %v, want it", name, claimed, err)
		}
		end(x)
		crashOutput.mu.Lock()
		if crashOutput.holder != nil {
			t.Errorf("%s: got holder %p, want none", name, crashOutput.holder)
		}
		crashOutput.mu.Unlock()
		crashOutput.release(x)
		_, _, _ = c.Close(), in.Close(), out.Close()
	}
	if err := debug.SetCrashOutput(nil, debug.CrashOptions{}); err != nil {
		t.Fatal(err)
	}
}
