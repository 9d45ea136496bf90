package stack_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/stack"
)

// maxWait is how long a capture waits for files at most: a file has a little time to notice that it takes too long.
const maxWait = 25 * time.Millisecond

// slow is a file system whose files are there when open is closed.
type slow struct {
	size   int           // lines of each file
	open   chan struct{} // closed by the test
	asked  atomic.Int32
	before func()
}

func (s *slow) Open(name string) (fs.File, error) {
	s.asked.Add(1)
	if s.before != nil {
		s.before()
	}
	<-s.open
	return fstest.MapFS{name: {Data: numbered(s.size)}}.Open(name)
}

// own are rules for which the tests are the application's own code.
func own(sources *stack.Sources) *stack.Rules {
	return stack.NewRules(nil, stack.Options{Sources: sources, Include: []string{"github.com/hedgerow/posthog/internal/stack_test", "main"}})
}

// calls are of so many files.
func calls(n int) []stack.Call {
	list := make([]stack.Call, n)
	for i := range list {
		list[i] = stack.Call{Function: "main.main", File: fmt.Sprintf("/f%d.go", i), Line: 3}
	}
	return list
}

// took returns how long f takes.
func took(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func lines(frames []*stack.Frame) (n int) {
	for _, f := range frames {
		if f.ContextLine != "" {
			n++
		}
	}
	return n
}

// Proves EXC-7.
func TestAFileThatTakesLongComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &slow{size: 1000, open: make(chan struct{})}
		sources := stack.NewSources(files, time.Time{})
		rules := own(sources)
		var trace stack.Trace
		trace.Capture(0, 0)
		for i, want := range []time.Duration{maxWait, 0, 0} {
			var frames []*stack.Frame
			if got := took(func() { frames = rules.Frames(&trace) }); got != want {
				t.Errorf("capture %d: got one that takes %v, want %v", i, got, want)
			}
			if f := frames[len(frames)-1]; f.ContextLine != "" || f.Platform != "go" {
				t.Errorf("capture %d: got %+v, want no lines", i, f)
			}
		}
		close(files.open)
		synctest.Wait()
		for range 2 {
			frames := rules.Frames(&trace)
			f := frames[len(frames)-1]
			if f.ContextLine != fmt.Sprintf("line %d", f.Line) || f.Platform != "custom" {
				t.Errorf("got %+v, want the lines that were read meanwhile", f)
			}
			list := []stack.Exception{{Stack: &stack.Stack{Frames: frames}}}
			requireMarshal(t, stack.AppendExceptions(nil, list), list)
		}
		if n := files.asked.Load(); n != 1 {
			t.Errorf("got %d reads, want 1", n)
		}
		if err := sources.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAFileSystemThatHangsHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &slow{size: 10, open: make(chan struct{})}
		sources := stack.NewSources(files, time.Time{})
		rules := own(sources)
		var all time.Duration
		for i := range 20 {
			d := took(func() { rules.Calls(calls(50)) })
			if all += d; d > maxWait {
				t.Errorf("crash %d: got %v, want %v at most, however many files there are", i, d, maxWait)
			}
		}
		if n := files.asked.Load(); n > 8 {
			t.Errorf("got %d reads, want no more than 8 that hang", n)
		}
		if all > 8*maxWait {
			t.Errorf("waited for %v in all, want %v at most", all, 8*maxWait)
		}
		close(files.open)
		synctest.Wait()
		if n := lines(rules.Calls(calls(50))); n != 50 {
			t.Errorf("got lines of %d files when all is well again, want 50", n)
		}
		_ = sources.Close(t.Context())
	})
}

func TestAFileThatIsReadIsWaitedForByAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &slow{size: 10, open: make(chan struct{})}
		sources := stack.NewSources(files, time.Time{})
		var running sync.WaitGroup
		for range 5 {
			running.Go(func() {
				if n := lines(own(sources).Calls(calls(1))); n != 1 {
					t.Errorf("got %d frames with lines, want 1", n)
				}
			})
		}
		synctest.Wait()
		time.AfterFunc(maxWait/2, func() { close(files.open) })
		running.Wait()
		if n := files.asked.Load(); n != 1 {
			t.Errorf("got %d reads, want 1", n)
		}
		_ = sources.Close(t.Context())
	})
}

func TestCloseWaitsForFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &slow{size: 10, open: make(chan struct{})}
		sources := stack.NewSources(files, time.Time{})
		rules := own(sources)
		rules.Calls(calls(1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := sources.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v while a file hangs, want that ctx ended", err)
		}
		if d := took(func() { rules.Calls(calls(2)) }); d != 0 {
			t.Errorf("after Close: waited for %v, want not at all", d)
		}
		close(files.open)
		if err := sources.Close(t.Context()); err != nil {
			t.Errorf("got %v, want that all is read", err)
		}
		if n := lines(rules.Calls(calls(2))); n != 1 || files.asked.Load() != 1 {
			t.Errorf("got %d frames with lines and %d reads, want those that were read before", n, files.asked.Load())
		}
	})
}

func TestAFileSystemThatEndsItsGoroutineHasNoLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &slow{size: 10, open: make(chan struct{}), before: runtime.Goexit}
		sources := stack.NewSources(files, time.Time{})
		for range 2 {
			if n := lines(own(sources).Calls(calls(20))); n != 0 {
				t.Errorf("got lines in %d frames, want none", n)
			}
		}
		if n := files.asked.Load(); n != 20 {
			t.Errorf("got %d reads of 20 files, want 20", n)
		}
		if err := sources.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestFilesAreForgottenInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &slow{size: 10, open: make(chan struct{})}
		close(files.open)
		rules := own(stack.NewSources(files, time.Time{}))
		for range 2 {
			for i, call := range calls(300) {
				if lines(rules.Calls([]stack.Call{call})) != 1 {
					t.Fatalf("file %d: got no lines", i)
				}
			}
		}
		if n := files.asked.Load(); n != 600 {
			t.Errorf("got %d reads, want 600: of 300 files, 128 are remembered", n)
		}
	})
}
