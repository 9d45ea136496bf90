package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// filePatience is how long a record waits for its file. Then it is accepted in
// memory, because a disk that hangs must not hold up the host, and so are those
// that come after it, without a wait, until there is a file again.
const filePatience = 500 * time.Millisecond

// put puts item into the queue, waiting for a file if need be.
func (l *Lane) put(ctx context.Context, item *queue.Item, evicted []queue.Record) ([]queue.Record, error) {
	slow := l.slow.Load()
	item.InMemory = slow
	evicted, err := l.queue.Put(item, evicted)
	switch {
	case errors.Is(err, queue.ErrNoFile):
		return l.awaitFile(ctx, item, evicted)
	case slow && item.Kept:
		l.slow.Store(false)
	}
	return evicted, err
}

// awaitFile puts item into the queue when there is a file for it, or in memory
// if that takes too long.
func (l *Lane) awaitFile(ctx context.Context, item *queue.Item, evicted []queue.Record) ([]queue.Record, error) {
	patience := time.NewTimer(filePatience)
	defer patience.Stop()
	for {
		changed := l.config.Spool.Changed()
		var err error
		if evicted, err = l.queue.Put(item, evicted); !errors.Is(err, queue.ErrNoFile) {
			if err == nil && !item.Kept {
				l.config.Notices.Report(notice.Warn, "spool slow",
					"posthog: the disk of the spool is too slow, so some events are in memory only until it catches up, and would not survive the process")
			}
			return evicted, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			item.InMemory = true
		case <-patience.C:
			item.InMemory = true
			l.slow.Store(true)
		}
	}
}

// Persist is the queue's, for the spool.
func (l *Lane) Persist() (left bool) { return l.queue.Persist() }

// Recover accepts records of processes that are gone.
func (l *Lane) Recover(found []segment.Found) {
	if excess := l.queue.Recover(found); len(excess) > 0 {
		l.announce(excess, Verdict{Outcome: queue.QueueFull, Message: "the files found hold more than Config.Spool.MaxBytes allows, so the oldest were dropped"}, 0)
	}
}

// lose tells everyone of records that the spool could not read.
func (l *Lane) lose() {
	if lost, err := l.queue.Lost(); len(lost) > 0 {
		l.announce(lost, Verdict{Outcome: queue.Unreadable, Err: err}, 0)
	}
}

// keep leaves those of a batch to the next process that it will find in the
// spool, and returns the others.
func (l *Lane) keep(records []queue.Record) []queue.Record {
	for l.queue.Persist() { // what is in memory only, as far as there are files
		continue
	}
	kept := l.queue.Keep(records)
	for i := range records[:kept] {
		if tag := records[i].Tag; tag != nil {
			l.config.Resolve(tag, Verdict{Outcome: queue.Spooled, Message: "the next start sends it"})
		}
	}
	l.left.Add(int64(kept))
	l.spooled.Add(int64(kept))
	return records[kept:]
}

// hasteLimit bounds how long Close waits for a disk that failed, beside
// everything else that it waits for.
const hasteLimit = 100 * time.Millisecond

// saveMemory gives events that are in memory only, because the disk failed, a
// last chance to be copied into files.
func (l *Lane) saveMemory(ctx context.Context) {
	if l.config.Spool == nil {
		return
	}
	limit := hasteLimit
	if ctx.Err() != nil {
		limit = cancelGrace
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	l.config.Spool.Hasten(ctx)
}

// retire leaves what is queued in files to the next process.
func (l *Lane) retire() {
	kept, tags := l.queue.Retire()
	for _, tag := range tags {
		l.config.Resolve(tag, Verdict{Outcome: queue.Spooled, Message: "the next start sends it"})
	}
	l.left.Add(int64(kept))
	l.spooled.Add(int64(kept))
}
