// Package notice tells the application's logger about conditions without
// flooding it: each repeated condition is reported at most once a minute,
// with the number of times it was left out.
//
// It starts no goroutine. Reports run on the goroutine that makes them.
package notice

import (
	"fmt"
	"sync"
	"time"
)

// Level says how serious a report is.
type Level uint8

// The levels, in the words of log/slog.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Interval is the shortest time between two reports of one condition.
const Interval = time.Minute

// maxConditions bounds the memory of a Board. Beyond that, all further
// conditions are one, so that a Board remembers one more than that.
const maxConditions = 256

// others is the name of that one.
const others = "other conditions"

// Board reports conditions. Its methods are safe for concurrent use; a nil
// Board reports nothing.
type Board struct {
	write   func(Level, string)
	verbose bool

	mu   sync.Mutex
	seen map[string]*condition // by name
}

type condition struct {
	level   Level
	last    time.Time // when it was reported
	skipped int       // how often it was left out since
}

// New returns a Board that reports through write, which must be safe for
// concurrent use. Details are reported only if verbose is set.
func New(verbose bool, write func(Level, string)) *Board {
	return &Board{write: write, verbose: verbose, seen: make(map[string]*condition)}
}

// Verbose says whether Detail reports anything.
func (b *Board) Verbose() bool { return b != nil && b.verbose }

// Detail reports something that is of interest only while debugging, every
// time.
func (b *Board) Detail(format string, args ...any) {
	if b.Verbose() {
		b.write(Debug, fmt.Sprintf(format, args...))
	}
}

// Say reports something every time.
func (b *Board) Say(level Level, format string, args ...any) {
	if b != nil {
		b.write(level, fmt.Sprintf(format, args...))
	}
}

// Report reports the named condition, unless it was reported less than
// Interval ago. Of more than 256 conditions, the further ones count as one.
func (b *Board) Report(level Level, name, format string, args ...any) {
	if b == nil {
		return
	}
	now := time.Now()
	b.mu.Lock()
	c, known := b.seen[name]
	if !known && len(b.seen) >= maxConditions {
		name = others
		c, known = b.seen[name]
	}
	if known && now.Sub(c.last) < Interval {
		c.skipped++
		b.mu.Unlock()
		return
	}
	skipped := 0
	if known {
		skipped, c.skipped, c.last = c.skipped, 0, now
	} else {
		b.seen[name] = &condition{level: level, last: now}
	}
	b.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	switch {
	case skipped > 0 && name == others:
		text = fmt.Sprintf("%s (and %d reports of other conditions since the last one)", text, skipped)
	case skipped > 0:
		text = fmt.Sprintf("%s (and %d more times since the last report)", text, skipped)
	}
	b.write(level, text)
}

// Over says that the named condition has ended: what was left out of it is
// forgotten. It hastens nothing: a condition that comes and goes is reported
// as rarely as one that stays.
func (b *Board) Over(name string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, known := b.seen[name]; known {
		c.skipped = 0
	}
}

// Flush reports how often each condition was left out since its last report.
func (b *Board) Flush() {
	if b == nil {
		return
	}
	left := make(map[string]condition)
	b.mu.Lock()
	for name, c := range b.seen {
		if c.skipped > 0 {
			left[name] = *c
			c.skipped = 0
		}
	}
	b.mu.Unlock()
	for name, c := range left {
		b.write(c.level, fmt.Sprintf("posthog: %s: %d more times since the last report", name, c.skipped))
	}
}
