package posthog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/queue"
)

// While nothing is missing there is no timer, not even a stopped one, which the runtime may keep for as long as it was to take:
// it tells a deadlock by that there is none.
func TestNothingIsTendedUnlessItIsMissing(t *testing.T) {
	tended(t, t.TempDir(), func(c tendedTest) {
		synctest.Wait()
		if c.crashes.tending != nil {
			c.Error("got a timer of a client that has all it wants, want none")
		}
	})
}

// A monitor may have been all that a client had, for want of a crash file. When it ends, the client tries to make one.
func TestACrashFileThatIsMadeAfterAMonitorEnded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "crash")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }() // nothing was written
	tended(t, dir, func(c tendedTest) {
		x := c.crashes
		x.later(func() { // as if there had been one from the start
			x.watcher = &crashWatch{pipe: out}
			if _, err := crashOutput.claim(x, out); err != nil {
				c.Errorf("claim: %v", err)
			}
		})
		c.later(2 * tendInterval)
		if err := os.Remove(dir); err != nil {
			c.Fatal(err)
		}
		c.later(2 * tendInterval)
		if own := x.own.Load(); own != nil {
			c.Error("got a crash file while somebody watches, want none")
		}
		x.later(func() { x.unwatched(nil) })
		c.later(tendInterval)
		c.wantCrashFile("after the monitor ended")
	})
}

// Steps go with what a monitor reports as well.
func TestStepsAreMadeLaterWhileSomebodyWatches(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = in.Close(), out.Close() }() // nobody reads what was written
	tended(t, t.TempDir(), func(c tendedTest) {
		x := c.crashes
		x.later(func() {
			x.watcher = &crashWatch{pipe: out}
			x.steps.Store(nil)
			x.tendLater()
		})
		synctest.Wait()
		c.later(tendInterval)
		own := c.wantCrashFile("a minute later")
		// Who watches has the lock of this file, and would not know another one.
		if err := os.Remove(own.Output().Name()); err != nil {
			c.Fatal(err)
		}
		x.later(x.tend)
		synctest.Wait()
		if x.own.Load() != own {
			c.Error("got another crash file while somebody watches, want the same")
		}
	})
}

// A client that waited for the crash output, and could not have it when its turn came, asks again.
func TestTheCrashOutputIsHadLater(t *testing.T) {
	dir := t.TempDir()
	tended(t, dir, func(c tendedTest) {
		second, err := NewWithConfig("phc_test", Config{Endpoint: "http://127.0.0.1:1", Logger: mute(), Crash: CrashConfig{Dir: dir}})
		if err != nil {
			c.Fatal(err)
		}
		x := second.crashes
		own := x.own.Load()
		closed, err := file.Create(c.TempDir(), file.Header{UUID: "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"}, time.Now())
		if err != nil {
			c.Fatal(err)
		}
		closed.Leave() // the runtime takes no closed file
		x.own.Store(closed)
		crashOutput.release(c.crashes)
		x.own.Store(own)
		if crashOutput.knows(x) {
			c.Error("the second client has a closed file as crash output")
		}
		synctest.Wait()
		c.later(tendInterval)
		if !crashOutput.knows(x) {
			c.Error("the second client has no crash output a minute later")
		}
		if err := second.Close(); err != nil {
			c.Errorf("Close: %v", err)
		}
	})
}

// A fatal exception whose crash file is let go of meanwhile goes into that which takes its place, and what one of them holds
// does not count for the other.
func TestAFatalExceptionWhoseFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	tended(t, dir, func(c tendedTest) {
		x := c.crashes
		own := c.wantCrashFile("at first")
		if err := x.write(own, make([]byte, staleFatal)); err != nil {
			c.Fatal(err)
		}
		if err := os.Remove(own.Output().Name()); err != nil {
			c.Fatal(err)
		}
		x.recording <- struct{}{} // somebody else writes
		recorded := make(chan *Delivery, 1)
		go func() {
			s := &scratch{buffer: []byte(`{"event":"$exception"}`)}
			recorded <- x.record(c.Context(), s, nil)
		}()
		synctest.Wait()
		x.later(x.tend)
		synctest.Wait()
		now := c.wantCrashFile("in its place")
		<-x.recording
		handle := <-recorded
		if handle == nil {
			c.Fatal("the exception is in no file")
		}
		text, err := os.ReadFile(now.Output().Name())
		if err != nil || !strings.Contains(string(text), `{"event":"$exception"}`) {
			c.Errorf("got %q, %v, want the exception in it", text, err)
		}
		if written := x.fatal.written; written == 0 || written >= staleFatal {
			c.Errorf("got %d bytes of records by the account, want those of one exception", written)
		}
		handle.settled(queue.Rejected)
		x.verdict(own, "", queue.Rejected)
		if err := os.Remove(strings.TrimSuffix(own.Output().Name(), ".crash") + ".steps"); err != nil {
			c.Error(err)
		}
	})
}

// A process that makes no steps notices with a fatal exception that its crash file is gone.
func TestAFatalExceptionHasItsFileLookedAt(t *testing.T) {
	tended(t, t.TempDir(), func(c tendedTest) {
		x := c.crashes
		own := c.wantCrashFile("at first")
		if err := os.Remove(own.Output().Name()); err != nil {
			c.Fatal(err)
		}
		c.later(tendInterval)
		handle := x.record(c.Context(), &scratch{buffer: []byte(`{"event":"$exception"}`)}, nil)
		synctest.Wait()
		if now := c.wantCrashFile("after the exception"); now == own {
			c.Error("the client still has the file that is not there any more")
		}
		handle.settled(queue.Rejected)
		if err := os.Remove(strings.TrimSuffix(own.Output().Name(), ".crash") + ".steps"); err != nil {
			c.Error(err)
		}
	})
}

// While one client gives the crash output to the next, that one may let go of its file. The runtime must not be given a
// descriptor that was closed, and may be another file's by then: with the race detector this fails if it could be.
func TestACrashFileIsNoOutputWhenItIsClosed(t *testing.T) {
	var clients [2]*crashes
	for i := range clients {
		c, err := NewWithConfig("phc_test", Config{Endpoint: "http://127.0.0.1:1", Logger: mute(), Crash: CrashConfig{Dir: t.TempDir(), DisableSteps: true}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() }) // there is nothing to send
		clients[i] = c.crashes
	}
	first, second := clients[0], clients[1]
	whole := first.own.Load()
	for range 200 {
		lost := second.own.Load()
		made, err := file.Create(t.TempDir(), file.Header{UUID: "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		crashOutput.release(second)
		for _, x := range clients {
			if _, err := crashOutput.claim(x, whole.Output()); err != nil {
				t.Fatal(err)
			}
		}
		begun, released := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(released)
			close(begun)
			crashOutput.release(first)
		}()
		<-begun
		second.replace(lost, made)
		<-released
	}
}
