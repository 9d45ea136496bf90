package posthog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// staleFatal is where records that have a verdict are removed, in bytes.
const staleFatal = 256 << 10

const (
	// recordPatience is how long a fatal exception waits for its disk. A disk that
	// hangs must not keep a process from going on, or from ending.
	recordPatience = 500 * time.Millisecond
	// dumpPatience is how long WriteCrashFile does.
	dumpPatience = 2 * time.Second
)

// closedRecord says in a crash file that its client was closed in order, or that
// another client's file is that of the process. Its end is none that has to be
// reported.
const closedRecord = `{"closed":true}`

// fatalRecords are what is known of the records in the client's own crash file.
type fatalRecords struct {
	written int  // bytes
	open    int  // events without a verdict
	lost    bool // some event has no verdict, and will have none
	dumped  bool // the queue was written as well
}

// stays reports whether the file has something that nobody else has. Lost says
// whether the client leaves events behind that are in no spool.
func (f *fatalRecords) stays(lost bool) bool {
	return f.lost || f.open > 0 || f.dumped && lost
}

// record puts a fatal exception, which is about to be queued, into the crash
// file. It returns, when the disk has it, what the event is to be tagged with.
func (x *crashes) record(ctx context.Context, s *scratch, handle *Delivery) *Delivery {
	own := x.own.Load()
	if own == nil {
		return handle
	}
	x.look(time.Now())
	record := s.buffer
	err := x.bounded(ctx, recordPatience, func() error { return x.write(own, record) }, func() {
		x.verdict(own, "", queue.Shutdown) // nobody says what became of the event
	})
	switch {
	case err == nil:
	case errors.Is(err, file.ErrRemoved):
		if now := x.own.Load(); now != nil && now != own { // which has taken its place meanwhile
			return x.record(ctx, s, handle)
		}
		return handle
	case errors.Is(err, errCrashFileSlow):
		s.buffer = nil // it may still be written; the queue reads it as well
		fallthrough
	default:
		x.client.notices.Report(notice.Warn, "crash file fails",
			"posthog: a fatal exception is not in the crash file, and would not survive the process: %v", err)
		return handle
	}
	if handle == nil {
		handle = &Delivery{done: make(chan struct{})}
	}
	uuid := s.draft.UUID.String()
	handle.settled = func(outcome queue.Outcome) { x.verdict(own, uuid, outcome) }
	return handle
}

// Why a fatal exception is in the queue alone.
var (
	errCrashFileFull = errors.New("it is full of events that PostHog has not confirmed")
	errCrashFileSlow = errors.New("the disk does not answer")
)

// bounded has write write to the crash file, when nobody else does, and waits for
// it for as long as patience has it, or until ctx ends, and a moment: then the error
// is errCrashFileSlow, and write goes on alone, if it has begun. While it does,
// nobody else waits. If it succeeds after all, late is called.
func (x *crashes) bounded(ctx context.Context, patience time.Duration, write func() error, late func()) error {
	gone := make(chan struct{}) // closed when nobody waits any more
	results := make(chan error) // the goroutine sends once, unless gone
	begin := func() {
		x.client.life.Go("crash record", func() {
			err := write()
			x.slow.Store(false)
			<-x.recording
			select {
			case results <- err:
			case <-gone:
				if err == nil {
					late()
				}
			}
		})
	}
	turn := x.recording // nil when write has begun
	select {
	case turn <- struct{}{}:
		turn = nil
		begin()
	default:
		if x.slow.Load() {
			return errCrashFileSlow
		}
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	ended := ctx.Done()
	for {
		select {
		case turn <- struct{}{}:
			turn = nil
			begin()
		case err := <-results:
			return err
		case <-ended:
			ended = nil
			timer.Reset(crashGrace)
		case <-timer.C:
			x.slow.Store(true)
			close(gone)
			return errCrashFileSlow
		}
	}
}

// write writes a record, with one write. It makes room if all that are there have
// their verdict. One write at a time is made.
func (x *crashes) write(own *file.File, record []byte) error {
	x.mu.Lock()
	f := &x.fatal
	stale := f.open == 0 && !f.lost && !f.dumped && f.written >= staleFatal
	written := f.written
	x.mu.Unlock()
	if stale {
		if err := own.Reset(); err != nil {
			return err
		}
		written = 0
	}
	written += file.RecordSize(len(record))
	if written > file.MaxRecords {
		return errCrashFileFull
	}
	err := own.Record(record)
	x.mu.Lock()
	defer x.mu.Unlock()
	if !errors.Is(err, file.ErrNotWritten) && x.own.Load() == own {
		f.written = written // even if it was not synced
	}
	if err == nil {
		f.open++
	}
	return err
}

// verdict says what became of an event whose record is in the crash file.
func (x *crashes) verdict(own *file.File, uuid string, outcome queue.Outcome) {
	x.mu.Lock()
	x.fatal.open--
	x.fatal.lost = x.fatal.lost || !settles(outcome)
	x.mu.Unlock()
	if outcome == queue.Delivered {
		x.later(func() {
			if err := own.Confirm(uuid); err != nil && !errors.Is(err, file.ErrRemoved) {
				x.client.notices.Report(notice.Warn, "crash file fails",
					"posthog: the crash file does not say that a fatal exception was delivered, so it may be sent twice, and PostHog stores it once: %v", err)
			}
		})
	}
}

// settles reports whether an event that ends so needs no further attempt by the
// next start.
func settles(outcome queue.Outcome) bool {
	switch outcome {
	case queue.Unconfirmed, queue.QueueFull, queue.Exhausted, queue.Unreadable, queue.Shutdown:
		return false
	}
	return true
}

// WriteCrashFile writes what is queued and in no spool into the crash file,
// with one write, and returns how many events that were: the oldest ones, of eight
// megabytes at most. It is for programs that are about to end in a way that leaves
// no time for Close, such as on a signal of a watchdog: the next start sends
// them, and PostHog stores each once, whether or not this process still
// delivers it. Events of [LaneAI] are not among them. It needs [Config.Crash].
func (c *ServerClient) WriteCrashFile() (events int, err error) {
	if c.inert() {
		return 0, nil
	}
	if c.crashes == nil {
		return 0, errNoCrashFile
	}
	own := c.crashes.own.Load()
	if own == nil {
		if c.ended() {
			return 0, ErrClosed
		}
		return 0, errNoCrashFile
	}
	written := 0 // when the disk has them
	err = c.crashes.bounded(context.Background(), dumpPatience, func() (err error) {
		written, err = c.crashes.dump(own)
		return err
	}, func() {})
	if err != nil {
		return 0, fmt.Errorf("posthog: write the queue into the crash file: %w", err)
	}
	return written, nil
}

// dump writes what is queued.
func (x *crashes) dump(own *file.File) (events int, err error) {
	x.mu.Lock()
	records := file.Records{Limit: file.MaxRecords - x.fatal.written}
	x.mu.Unlock()
	for frame := range x.client.main.queue.Unsaved() {
		if !records.Add(frame.Payload) {
			break
		}
	}
	if records.Len() == 0 {
		return 0, nil
	}
	x.mu.Lock()
	x.fatal.dumped = true
	x.fatal.written += records.Size()
	x.mu.Unlock()
	if err := own.RecordAll(&records); err != nil {
		if errors.Is(err, file.ErrNotWritten) {
			x.mu.Lock()
			x.fatal.written -= records.Size()
			x.mu.Unlock()
		}
		return 0, err
	}
	return records.Len(), nil
}
