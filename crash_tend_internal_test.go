package posthog

import (
	"errors"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// lockedLog is a log that may be read while it is written to.
type lockedLog struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (l *lockedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// count returns how many times the log says so.
func (l *lockedLog) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// tendedTest is a test in a bubble, with a client that has its crash files in dir.
type tendedTest struct {
	*testing.T
	*ServerClient
	said *lockedLog
}

// tended runs a test. Closing the client leaves no file.
func tended(t *testing.T, dir string, test func(c tendedTest)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := tendedTest{T: t, said: new(lockedLog)}
		var err error
		c.ServerClient, err = NewWithConfig("phc_test", Config{Endpoint: "http://127.0.0.1:1", Logger: StdLogger(log.New(c.said, "", 0), false), Crash: CrashConfig{Dir: dir}})
		if err != nil {
			t.Fatal(err)
		}
		test(c)
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		synctest.Wait()
		if left := crashFilesIn(t, dir); len(left) > 0 {
			t.Errorf("got files %q after Close, want none", left)
		}
		if crashOutput.knows(c.crashes) {
			t.Error("the client has the crash output after Close")
		}
		<-time.After(3 * tendInterval) // nobody looks any more
	})
}

// later lets time pass, and returns when everything is done that is due by then.
func (c tendedTest) later(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func crashFilesIn(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "ph-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// wantCrashFile fails the test unless the client has a crash file that is where it says, with steps, and the runtime
// knows it.
func (c tendedTest) wantCrashFile(when string) *file.File {
	c.Helper()
	x := c.crashes
	own := x.own.Load()
	if own == nil || own.Lost() {
		c.Fatalf("%s: got a file: %t, want one that is there", when, own != nil)
	}
	if steps, output := x.steps.Load() != nil, crashOutput.knows(x); !steps || !output {
		c.Fatalf("%s: got steps: %t, output: %t, want both", when, steps, output)
	}
	if _, err := os.Stat(strings.TrimSuffix(own.Output().Name(), ".crash") + ".steps"); err != nil {
		c.Errorf("%s: %v, want the file of steps beside it", when, err)
	}
	wantOutput(c.T, own, when)
	return own
}

// A directory that cannot be used when the client is made, because the disk is full for example, is tried again, and the log
// says once that it could not be used and once that it can.
func TestACrashFileThatCouldNotBeMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "crash")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tended(t, dir, func(c tendedTest) {
		c.later(5*tendInterval + time.Second)
		if own := c.crashes.own.Load(); own != nil {
			c.Fatalf("got crash file %v in a directory that is none", own.Output().Name())
		}
		if err := os.Remove(dir); err != nil {
			c.Fatal(err)
		}
		c.later(tendInterval)
		c.wantCrashFile("when it can be made")
		c.later(5 * tendInterval)
		if no, back := c.said.count("there is no crash file in"), c.said.count("there is a crash file in "+dir+" again"); no != 1 || back != 1 {
			c.Errorf("the log said %d times that there is none, and %d times that there is one, want both once:\n%s", no, back, c.said.text.String())
		}
	})
}

// Who cleans up removes what nobody has changed for long, such as the crash file of a service that does not crash.
func TestACrashFileThatIsRemoved(t *testing.T) {
	for what, remove := range map[string]func(dir, path string) error{
		"the file":      func(_, path string) error { return os.Remove(path) },
		"the directory": func(dir, _ string) error { return os.RemoveAll(dir) },
		"replaced": func(_, path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "crash")
			tended(t, dir, func(c tendedTest) {
				own := c.wantCrashFile("at first")
				c.later(2 * tendInterval)
				c.AddStep(c.Context(), "filled the kettle", nil)
				synctest.Wait()
				if now := c.crashes.own.Load(); now != own || c.said.count("crash file") > 0 {
					c.Fatalf("nothing happened: got another file, or a log:\n%s", c.said.text.String())
				}
				if err := remove(dir, own.Output().Name()); err != nil {
					c.Fatal(err)
				}
				c.AddStep(c.Context(), "lit the stove", nil)
				synctest.Wait()
				if now := c.crashes.own.Load(); now != own {
					c.Error("got another file within a minute, want one look at most")
				}
				c.later(tendInterval)
				c.AddStep(c.Context(), "waited", nil)
				synctest.Wait()
				if now := c.wantCrashFile("a minute later"); now == own {
					c.Error("the client still has the file that is not there any more")
				}
				if err := own.Record([]byte("{}")); !errors.Is(err, file.ErrRemoved) {
					c.Errorf("the file of before: got error %v, want %v", err, file.ErrRemoved)
				}
				if got := c.said.count("was removed while it was in use"); got != 1 {
					c.Errorf("the log said %d times that the file was removed, want once:\n%s", got, c.said.text.String())
				}
				for _, path := range crashFilesIn(c.T, dir) {
					if strings.HasPrefix(path, strings.TrimSuffix(own.Output().Name(), ".crash")) { // what replaced it, and its steps
						if err := os.Remove(path); err != nil {
							c.Error(err)
						}
					}
				}
			})
		})
	}
}

// A runtime that did not take the file is asked again, and steps are made that could not be.
func TestWhatACrashFileLackedIsMadeLater(t *testing.T) {
	tended(t, t.TempDir(), func(c tendedTest) {
		x := c.crashes
		own := c.wantCrashFile("at first")
		x.later(func() {
			crashOutput.release(x)
			x.steps.Store(nil)
			x.tendLater()
		})
		synctest.Wait()
		c.later(tendInterval)
		if now := c.wantCrashFile("a minute later"); now != own {
			c.Error("the client has another file, want the same")
		}
	})
}

// A sweep that ended because there were too many open files is made again, and one that did not is not.
func TestASweepThatHadNoDescriptorsIsMadeAgain(t *testing.T) {
	for name, exhausted := range map[string]bool{"too many open files": true, "a whole sweep": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tended(t, dir, func(c tendedTest) {
				dead, err := file.Create(dir, file.Header{UUID: "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", PID: 1}, time.Now())
				if err != nil {
					c.Fatal(err)
				}
				path := dead.Output().Name()
				dead.Leave()
				c.crashes.later(func() {
					c.crashes.unswept = exhausted
					c.crashes.tendLater()
				})
				synctest.Wait()
				c.later(tendInterval)
				_, err = os.Stat(path)
				if swept := errors.Is(err, os.ErrNotExist); swept != exhausted {
					c.Errorf("swept %t (%v), want %t", swept, err, exhausted)
				}
				if err == nil {
					err = os.Remove(path)
				}
				if c.crashes.unswept || err != nil && !errors.Is(err, os.ErrNotExist) {
					c.Errorf("another sweep is made: %t, and error %v, want none", c.crashes.unswept, err)
				}
			})
		})
	}
}
