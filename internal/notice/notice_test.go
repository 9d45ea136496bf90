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
	b.Flush()
	if b.Verbose() {
		t.Error("Verbose of a nil Board: got true, want false")
	}
}

// The 257th condition is not remembered, so it is reported every time, and
// Flush knows nothing of it. The first 256 are limited as before.
func TestConditionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		b := notice.New(false, l.write)
		for range 3 {
			for n := range 300 {
				b.Report(notice.Warn, fmt.Sprint(n), "condition %d", n)
			}
		}
		l.mu.Lock()
		first := slices.DeleteFunc(slices.Clone(l.lines), func(line string) bool { return line != "2 condition 255" })
		beyond := slices.DeleteFunc(l.lines, func(line string) bool { return line != "2 condition 256" })
		l.lines = nil
		l.mu.Unlock()
		if len(first) != 1 || len(beyond) != 3 {
			t.Errorf("of 3 reports each: got %d of condition 255 and %d of condition 256, want 1 and 3", len(first), len(beyond))
		}
		b.Flush()
		if got := len(l.lines); got != 256 {
			t.Errorf("got %d lines from Flush, want 256", got)
		}
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
