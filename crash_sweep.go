package posthog

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// leftBehind is a crash file of a dead process whose events were queued.
type leftBehind struct {
	*file.Left      // the goroutine's
	open       int  // events without a verdict; guarded by crashes.mu
	again      bool // the next start shall have the file; the same
}

// sweep queues what dead processes left, and has it sent at once. It reports
// whether one of them died soon after it began.
func (x *crashes) sweep() (soon bool) {
	c := x.client
	found, err := file.Find(c.config.Crash.Dir, time.Now())
	x.unswept = found.Exhausted
	if err != nil && x.own.Load() != nil { // otherwise it has been said that the directory is of no use
		c.notices.Report(notice.Warn, "crash files unreadable", "posthog: some crash files could not be read: %v", err)
	}
	for _, path := range found.Torn {
		c.notices.Report(notice.Warn, "crash file torn", "posthog: a crash file could not be understood, and is now %s", path)
	}
	if found.Dropped > 0 {
		c.notices.Report(notice.Warn, "crash files dropped",
			"posthog: %d crash files were removed unread, because they were too many, older than a week, or tried five times", found.Dropped)
	}
	for _, left := range found.Left {
		early := diedEarly(left)
		if x.deliver(&leftBehind{Left: left}) > 0 {
			soon = soon || early
			c.main.delivery.Hasten()
		}
	}
	return soon
}

// diedEarly reports whether a process is known to have died soon after it began.
// Of one that closed its client, only what the runtime wrote counts: Close has
// tried to deliver the rest.
func diedEarly(left *file.Left) bool {
	start, err := time.Parse(time.RFC3339, left.Header.Start)
	if err != nil || left.Time.Sub(start).Abs() >= earlyDeath {
		return false
	}
	return len(left.Text) > 0 || len(left.Records) > 0 && !closed(left)
}

// closed reports whether a file says that its client was closed.
func closed(left *file.Left) bool {
	return slices.ContainsFunc(left.Records, func(record []byte) bool { return string(record) == closedRecord })
}

// deliver queues the events that a dead process left, and sees to it that their
// file goes when they have their verdicts. It returns how many events there are.
func (x *crashes) deliver(left *leftBehind) int {
	c := x.client
	events := c.crashEvents(left.Left)
	left.Records, left.Confirmed, left.Steps, left.Text = nil, nil, nil, nil // they are large, and the file may stay for long
	x.lefts[left] = struct{}{}
	left.open = 1 // this function, until it is done
	for _, e := range events {
		x.mu.Lock()
		left.open++
		x.mu.Unlock()
		decided := false // guarded by x.mu
		handle := &Delivery{done: make(chan struct{})}
		handle.settled = func(outcome queue.Outcome) { x.decide(left, &decided, outcome) }
		err := c.enqueueCrash(e, handle)
		switch {
		case err == nil && handle.kept: // in a file that is better than this one
			handle.settled(queue.Spooled)
		case err == nil, errors.Is(err, ErrNotSynced):
		case errors.Is(err, ErrQueueFull), errors.Is(err, ErrClosed):
			handle.settled(queue.Shutdown)
		default: // it can never be sent, which the log knows; or the call has waited for its verdict
			handle.settled(queue.Rejected)
		}
	}
	none := false
	x.decide(left, &none, queue.Delivered)
	return len(events)
}

// enqueueCrash queues one event of a dead process.
func (c *ServerClient) enqueueCrash(e crashEvent, handle *Delivery) error {
	if e.report != nil {
		return c.enqueue(context.Background(), c.main, e.report, 0, handle)
	}
	if outcome, discarded := c.discards(); discarded {
		return c.main.discard(outcome, handle)
	}
	s := c.scratch.Get().(*scratch)
	defer c.recycle(s)
	s.buffer = append(s.buffer[:0], e.record...)
	s.draft.UUID = e.uuid
	s.item = queue.Item{Tag: handle, Frame: segment.Frame{
		Payload: s.buffer, UUID: e.uuid, Format: formatEvent, Accepted: time.Now().UnixNano(),
	}}
	handle.UUID = e.uuid.String()
	return c.accept(context.Background(), c.main, s, 0, handle)
}

// decide says what became of an event of a dead process. The first to say so is
// right. When all events of a file have their verdict, it goes, or stays for the
// next start.
func (x *crashes) decide(left *leftBehind, decided *bool, outcome queue.Outcome) {
	x.mu.Lock()
	first := !*decided
	*decided = true
	if first {
		left.open--
		left.again = left.again || !settles(outcome)
	}
	last, again := first && left.open == 0, left.again
	x.mu.Unlock()
	if !last {
		return
	}
	x.later(func() {
		delete(x.lefts, left)
		if again {
			left.Keep()
			return
		}
		if err := left.Done(); err != nil {
			x.client.notices.Report(notice.Warn, "crash file stays",
				"posthog: a crash file could not be removed, so its crash will be sent again, and PostHog stores it once: %v", err)
		}
	})
}
