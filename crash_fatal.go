package posthog

import (
	"errors"
	"fmt"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// staleFatal is where records that have a verdict are removed, in bytes.
const staleFatal = 256 << 10

// closedRecord says in a crash file that its client was closed in order. Its
// end is none that has to be reported.
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
func (x *crashes) record(s *scratch, handle *Delivery) *Delivery {
	own := x.own.Load()
	if own == nil {
		return handle
	}
	switch err := x.write(own, s.buffer); {
	case err == nil:
	case errors.Is(err, file.ErrRemoved):
		return handle
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

// errCrashFileFull is why a fatal exception is in the queue alone.
var errCrashFileFull = errors.New("it is full of events that PostHog has not confirmed")

// write writes a record, with one write. It makes room if all that are there have
// their verdict.
func (x *crashes) write(own *file.File, record []byte) error {
	x.recording.Lock()
	defer x.recording.Unlock()
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
	if err := own.Record(record); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	f.written = written
	f.open++
	return nil
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
	return c.crashes.dump(own)
}

// dump writes what is queued.
func (x *crashes) dump(own *file.File) (events int, err error) {
	x.recording.Lock()
	defer x.recording.Unlock()
	x.mu.Lock()
	records := file.Records{Limit: file.MaxRecords - x.fatal.written}
	x.fatal.dumped = true
	x.mu.Unlock()
	for frame := range x.client.main.queue.Unsaved() {
		if !records.Add(frame.Payload) {
			break
		}
	}
	if err := own.RecordAll(&records); err != nil {
		return 0, fmt.Errorf("posthog: write the queue into the crash file: %w", err)
	}
	x.mu.Lock()
	x.fatal.written += records.Size()
	x.mu.Unlock()
	return records.Len(), nil
}
