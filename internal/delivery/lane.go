package delivery

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// Lane delivers what is put into its queue. Its methods are safe for
// concurrent use.
type Lane struct {
	config Config
	queue  *queue.Queue
	pause  pause

	start   sync.Once
	flushTo atomic.Uint64 // records up to here are due at once
	kick    chan struct{} // capacity 1; Flush sends, the pump receives

	requests context.Context    //nolint:containedctx // the life of every request is the lane's
	cancel   context.CancelFunc // ends it
	closing  chan closeRequest  // capacity 1; Close sends once, the pump receives
	pumped   chan struct{}      // closed when the pump has ended
	left     int                // undelivered at Close; set before pumped is closed

	directs  directs   // Send calls in progress
	notifier *notifier // nil if nobody listens

	inFlight atomic.Int32 // requests being made by senders
}

// closeRequest tells the pump to empty the queue and end.
type closeRequest struct {
	deadline time.Time       // zero for none
	expired  <-chan struct{} // closed when the caller stops waiting
}

// cancelGrace is how long Close waits for canceled requests to return.
const cancelGrace = 5 * time.Millisecond

// New returns a lane that has not started a goroutine yet.
func New(config Config) *Lane {
	l := &Lane{
		config:  config,
		queue:   config.Queue,
		kick:    make(chan struct{}, 1),
		closing: make(chan closeRequest, 1),
		pumped:  make(chan struct{}),
	}
	l.requests, l.cancel = context.WithCancel(context.Background())
	if config.Observer != nil {
		l.notifier = &notifier{queue: config.Queue, observer: config.Observer, life: config.Life, name: config.Name}
	}
	return l
}

// Put accepts item, or returns [queue.ErrFull], [queue.ErrClosed] or
// [queue.ErrTooLarge]. With wait, it waits for room until ctx ends; without,
// it never waits.
func (l *Lane) Put(ctx context.Context, item *queue.Item, wait bool) error {
	l.start.Do(l.run)
	evicted, err := l.queue.Put(item, nil)
	for wait && errors.Is(err, queue.ErrFull) {
		room := l.queue.Room()
		if evicted, err = l.queue.Put(item, evicted); !errors.Is(err, queue.ErrFull) {
			break
		}
		select {
		case <-room:
		case <-ctx.Done():
			return err
		}
	}
	if len(evicted) > 0 {
		l.announce(evicted, Verdict{Outcome: queue.QueueFull, Message: "evicted to make room for newer ones"})
	}
	return err
}

// run starts the lane's goroutines.
func (l *Lane) run() {
	p := newPump(l)
	for range l.config.Workers {
		exchange := l.config.NewExchange()
		l.config.Life.Go(l.config.Name+" sender", func() { p.send(exchange) })
	}
	l.config.Life.Go(l.config.Name+" pump", p.run)
}

// Report tells the observer of an event that never became a record.
func (l *Lane) Report(v Verdict) {
	if l.notifier != nil {
		l.notifier.push(Settlement{Verdict: v, Events: 1})
	}
}

// settle gives records their outcome and tells everyone.
func (l *Lane) settle(records []queue.Record, v Verdict) {
	l.queue.Finish(records, v.Outcome)
	l.announce(records, v)
}

// announce tells everyone what became of finished records, and releases them.
func (l *Lane) announce(records []queue.Record, v Verdict) {
	if v.Outcome != queue.Delivered && v.Outcome != queue.Shutdown { // Close reports its leftovers at once
		l.config.Notices.Report(notice.Error, "events "+v.Outcome.String(),
			"posthog: %d events ended as %s after %d attempts: %s", len(records), v.Outcome, v.Attempts, v.Reason())
	}
	for i := range records {
		if records[i].Tag != nil {
			l.config.Resolve(records[i].Tag, v)
		}
	}
	if l.notifier == nil {
		l.queue.Release(records)
		return
	}
	l.notifier.push(Settlement{
		Verdict: v,
		Records: append([]queue.Record(nil), records...),
		Events:  len(records),
	})
}

// Flush waits until every record accepted before the call is final, or ctx
// ends, and returns how many are not. Concurrent calls share the work.
func (l *Lane) Flush(ctx context.Context) (left int, err error) {
	barrier := l.queue.Barrier()
	defer l.queue.Leave(barrier)
	for {
		was := l.flushTo.Load()
		if was >= barrier.Sequence || l.flushTo.CompareAndSwap(was, barrier.Sequence) {
			break
		}
	}
	select {
	case l.kick <- struct{}{}:
	default: // the pump has yet to see an earlier kick
	}
	select {
	case <-barrier.Done():
		l.notifier.wait(ctx)
		return 0, nil
	case <-ctx.Done():
		return l.queue.Left(barrier), context.Cause(ctx)
	}
}

// InFlight returns the number of requests that senders are making.
func (l *Lane) InFlight() int { return int(l.inFlight.Load()) }

// Close refuses new records, delivers what it can until ctx ends, and joins
// the lane's goroutines. It returns how many events it leaves undelivered. It
// must be called once.
func (l *Lane) Close(ctx context.Context) (left int) {
	l.queue.Close()
	started := true
	l.start.Do(func() { started = false })
	if started {
		deadline, _ := ctx.Deadline()
		l.closing <- closeRequest{deadline: deadline, expired: ctx.Done()}
		<-l.pumped
	}
	l.joinDirects(ctx)
	l.cancel()
	l.notifier.wait(ctx)
	return l.left
}
