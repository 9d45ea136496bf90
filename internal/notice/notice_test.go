package notice_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
)

// log is what a Board wrote.
type log struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (l *log) write(level notice.Level, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%d %s", level, text))
}

// requireLines fails the test unless so much was written since the last call.
func (l *log) requireLines(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.lines, want) {
		t.Errorf("got lines %q, want %q", l.lines, want)
	}
	l.lines = nil
}

// Proves RTQ-3: the warning of a full queue is not lost, and not a flood.
func TestAConditionIsReportedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		full := func(n int) { b.Report(notice.Warn, "queue full", "queue full: %d", n) }

		full(1)
		l.requireLines(t, "2 queue full: 1")
		for n := 2; n <= 5; n++ {
			full(n)
		}
		<-time.After(notice.Interval - time.Nanosecond)
		full(6)
		l.requireLines(t)
		<-time.After(time.Nanosecond)
		full(7)
		l.requireLines(t, "2 queue full: 7 (and 5 more times since the last report)")
		full(8)
		l.requireLines(t)
		<-time.After(notice.Interval)
		full(9)
		l.requireLines(t, "2 queue full: 9 (and 1 more times since the last report)")
		<-time.After(notice.Interval)
		full(10)
		l.requireLines(t, "2 queue full: 10")
	})
}

func TestConditionsAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		for range 2 {
			b.Report(notice.Warn, "queue full", "the queue is full")
			b.Report(notice.Error, "rejected", "an event was rejected")
		}
		l.requireLines(t, "2 the queue is full", "3 an event was rejected")
	})
}

func TestFlushReportsWhatWasLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		b.Flush()
		l.requireLines(t)
		b.Report(notice.Info, "once", "once")
		for range 4 {
			b.Report(notice.Error, "rejected", "an event was rejected")
		}
		l.requireLines(t, "1 once", "3 an event was rejected")
		<-time.After(notice.Interval / 2)
		b.Flush()
		l.requireLines(t, "3 posthog: rejected: 3 more times since the last report")
		b.Flush()
		l.requireLines(t)
		b.Report(notice.Error, "rejected", "an event was rejected")
		l.requireLines(t)
		<-time.After(notice.Interval / 2) // Flush does not count as a report
		b.Report(notice.Error, "rejected", "an event was rejected")
		l.requireLines(t, "3 an event was rejected (and 1 more times since the last report)")
	})
}

func TestDetailsAreForDebugging(t *testing.T) {
	t.Parallel()
	for name, verbose := range map[string]bool{"verbose": true, "not verbose": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l log
			b := notice.New(verbose, l.write)
			for n := range 2 {
				b.Detail("batch %d", n)
			}
			if b.Verbose() != verbose {
				t.Errorf("Verbose: got %v, want %v", b.Verbose(), verbose)
			}
			if verbose {
				l.requireLines(t, "0 batch 0", "0 batch 1") // every time
			} else {
				l.requireLines(t)
			}
		})
	}
}

func TestANilBoardReportsNothing(t *testing.T) {
	t.Parallel()
	var b *notice.Board
	b.Report(notice.Error, "rejected", "an event was rejected")
	b.Detail("batch %d", 1)
	b.Over("rejected")
	b.Flush()
	if b.Verbose() {
		t.Error("Verbose of a nil Board: got true, want false")
	}
}

// The first 256 conditions are limited each for itself, and all the others
// together, so that no number of them grows the memory or floods the log.
func TestConditionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		for range 3 {
			for n := range 300 {
				b.Report(notice.Warn, fmt.Sprint(n), "condition %d", n)
			}
		}
		var want []string
		for n := range 257 {
			want = append(want, fmt.Sprintf("2 condition %d", n))
		}
		l.requireLines(t, want...)
		b.Flush()
		slices.Sort(l.lines)
		want = []string{"2 posthog: other conditions: 131 more times since the last report"} // 3 of 44 each, but for one
		for n := range 256 {
			want = append(want, fmt.Sprintf("2 posthog: %d: 2 more times since the last report", n))
		}
		slices.Sort(want)
		l.requireLines(t, want...)
	})
}

func TestFurtherConditionsDoNotPassForOneAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		for n := range 256 + 4 {
			b.Report(notice.Warn, fmt.Sprint(n), "condition %d", n)
		}
		l.lines = nil
		<-time.After(notice.Interval)
		b.Report(notice.Warn, "300", "condition 300")
		l.requireLines(t, "2 condition 300 (and 3 reports of other conditions since the last one)")
	})
}

// A server that fails every other request must not fill the log.
func TestAConditionThatComesAndGoesIsReportedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		for range 200 {
			b.Report(notice.Warn, "failing", "the server fails")
			b.Over("failing")
			<-time.After(100 * time.Millisecond)
		}
		l.requireLines(t, "2 the server fails")
		<-time.After(notice.Interval)
		b.Report(notice.Warn, "failing", "the server fails")
		l.requireLines(t, "2 the server fails")
	})
}

func TestWhatWasLeftOutOfAConditionThatIsOverIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		b.Over("failing") // never heard of
		for range 3 {
			b.Report(notice.Warn, "failing", "the server fails")
		}
		b.Over("failing")
		b.Flush()
		l.requireLines(t, "2 the server fails")
	})
}

func TestConcurrentReportsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const goroutines, each = 8, 100
		var l log
		b := notice.New(true, l.write)
		var group sync.WaitGroup
		for range goroutines {
			group.Go(func() {
				for n := range each {
					b.Report(notice.Warn, "shared", "shared")
					b.Report(notice.Warn, fmt.Sprint("own ", n), "own")
					b.Detail("detail")
				}
			})
		}
		group.Go(b.Flush)
		group.Wait()
		b.Flush()
		total, details := 0, 0
		for _, line := range l.lines {
			skipped := 0
			switch {
			case line == "2 shared":
				total++
			case line == "0 detail":
				details++
			case strings.HasPrefix(line, "2 posthog: shared"):
				if _, err := fmt.Sscanf(line, "2 posthog: shared: %d", &skipped); err != nil {
					t.Errorf("got line %q, want a count in it: %v", line, err)
				}
				total += skipped
			}
		}
		if total != goroutines*each || details != goroutines*each {
			t.Errorf("got %d reports and %d details accounted for, want %d of each", total, details, goroutines*each)
		}
	})
}
