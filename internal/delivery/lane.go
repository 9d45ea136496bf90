package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/uuid7"
)

// Lane delivers what is put into its queue. Its methods are safe for
// concurrent use.
type Lane struct {
	config Config
	queue  *queue.Queue
	pause  pause

	start   sync.Once
	flushTo atomic.Uint64        // records up to here are due at once
	kick    chan struct{}        // capacity 1; Flush sends, the pump receives
	seat    atomic.Pointer[seat] // the crew's pump of the lane; nil before the first record, and without a crew

	requests context.Context    //nolint:containedctx // the life of every request is the lane's
	cancel   context.CancelFunc // ends it
	closing  chan closeRequest  // capacity 1; Close sends once, the pump receives
	pumped   chan struct{}      // closed when the pump has ended
	left     atomic.Int64       // events that Close leaves undelivered
	spooled  atomic.Int64       // those of them that the next process finds
	slow     atomic.Bool        // a record waited for its file in vain, and there has been none since

	directs  directs       // Send calls in progress
	notifier *notifier     // nil if nobody listens
	lastPush uint64        // the notifier's: its last settlement of this lane
	notShown atomic.Uint64 // events that the observer was not shown

	inFlight atomic.Int32    // requests being made
	protocol atomic.Int32    // index of the one in use
	ids      uuid7.Generator // of batches
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
	if config.Crew != nil {
		l.config.Workers, l.config.MaxBatches = 1, 1
	}
	switch {
	case config.Observer == nil:
	case config.Crew != nil:
		l.notifier = config.Crew.notifier
	default:
		l.notifier = &notifier{life: config.Life, name: config.Name}
	}
	return l
}

// Put accepts item, or returns [queue.ErrFull], [queue.ErrClosed] or
// [queue.ErrTooLarge]. With wait, it waits for room until ctx ends; without,
// it never waits.
func (l *Lane) Put(ctx context.Context, item *queue.Item, wait bool) error {
	l.Start()
	evicted, err := l.put(ctx, item, nil)
	for wait && errors.Is(err, queue.ErrFull) {
		room, others := l.queue.Room(), l.queue.SharedRoom()
		if evicted, err = l.put(ctx, item, evicted); !errors.Is(err, queue.ErrFull) {
			break
		}
		select {
		case <-room:
		case <-others:
		case <-ctx.Done():
			wait = false
		}
	}
	if len(evicted) > 0 {
		l.announce(evicted, Verdict{Outcome: queue.QueueFull, Message: "evicted to make room for newer ones"}, 0)
	}
	if l.config.Crew != nil && len(l.queue.Ready()) > 0 {
		l.wake()
	}
	if err != nil || l.config.Spool == nil {
		return err
	}
	return l.config.Spool.Secure(ctx, item.Sequence, item.Kept)
}

// Start starts the lane's goroutines, unless they have been started. Put does
// it as well.
func (l *Lane) Start() { l.start.Do(l.run) }

// run starts the lane's goroutines.
func (l *Lane) run() {
	if crew := l.config.Crew; crew != nil {
		l.seat.Store(newSeat(newPump(l, crew.desk)))
		crew.start()
		return
	}
	if l.config.Spool != nil {
		l.config.Spool.Start(l)
	}
	p := newPump(l, newDesk(l.config.Name, l.config.Workers, l.config.NewExchange, l.config.Life))
	p.desk.open()
	l.config.Life.Go(l.config.Name+" pump", p.run)
}

// Report tells the observer of an event that never became a record.
func (l *Lane) Report(v Verdict) {
	l.notifier.push(l, Loss{Verdict: v, Events: 1}, nil, 0)
}

// NotShown returns the number of events that the observer was not shown,
// because it was too far behind.
func (l *Lane) NotShown() uint64 { return l.notShown.Load() }

// settle gives records their outcome and tells everyone.
func (l *Lane) settle(records []queue.Record, v Verdict) {
	l.queue.Finish(records, v.Outcome)
	l.announce(records, v, 0)
}

// announce tells everyone what became of finished records, and releases them.
// Whoever waits in Flush comes after those who are told by a tag or a
// callback, and the log comes last, because it may take its time. owned is the
// memory of the payloads if no queue accounts for it.
func (l *Lane) announce(records []queue.Record, v Verdict, owned int) {
	for i := range records {
		if records[i].Tag != nil {
			l.config.Resolve(records[i].Tag, v)
		}
	}
	events := len(records)
	kept := l.notifier.push(l, Loss{Verdict: v, Events: events}, records, owned)
	l.queue.Pass(records)
	if !kept {
		l.queue.Release(records)
	}
	if v.Outcome == queue.Delivered && v.Details != "" {
		l.config.Notices.Report(notice.Warn, l.config.Name+" stored with a remark: "+v.Details,
			"posthog: PostHog stored %d events with the remark %s: %s", events, v.Result, v.Details)
	}
	if v.Outcome != queue.Delivered && v.Outcome != queue.Shutdown { // Close reports its leftovers at once
		after := ""
		if v.Attempts > 0 {
			after = fmt.Sprintf(" after %d attempts", v.Attempts)
		}
		l.config.Notices.Report(notice.Error, l.config.Name+" events "+v.Outcome.String(),
			"posthog: %d events ended as %s%s: %s", events, v.Outcome, after, v.Reason())
	}
}

// Flush waits until every record accepted before the call is final, or ctx
// ends, and returns how many are not. Concurrent calls share the work.
func (l *Lane) Flush(ctx context.Context) (left int, err error) {
	left, err = l.awaitBarrier(ctx, l.hasten())
	if left == 0 {
		l.notifier.wait(ctx, l)
	}
	return left, err
}

// Hasten has every record sent that was accepted before the call, and waits for
// nothing.
func (l *Lane) Hasten() { l.queue.Leave(l.hasten()) }

// hasten has every record sent that was accepted before the call, and returns
// the barrier behind them.
func (l *Lane) hasten() *queue.Barrier {
	barrier := l.queue.Barrier()
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
	l.wake()
	return barrier
}

// awaitBarrier waits until every record in front of the barrier is final, or
// ctx ends, and returns how many are not, and why.
func (l *Lane) awaitBarrier(ctx context.Context, barrier *queue.Barrier) (left int, err error) {
	defer l.queue.Leave(barrier)
	err = queue.ErrClosed // while the barrier was up, Close left records to the next process
	select {
	case <-barrier.Done():
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if left := l.queue.Left(barrier); left > 0 {
		return left, err
	}
	return 0, nil
}

// wake has the crew look at the lane, if it has one. Lanes without one have a
// goroutine that listens.
func (l *Lane) wake() {
	if s := l.seat.Load(); s != nil {
		l.config.Crew.wake(s)
	}
}

// InFlight returns the number of requests that are being made.
func (l *Lane) InFlight() int { return int(l.inFlight.Load()) }

// Close refuses new records, delivers what it can until ctx ends, and joins
// the lane's goroutines. It returns how many events it leaves undelivered, and
// how many of those the next process finds in the spool. It must be called once.
func (l *Lane) Close(ctx context.Context) (left, spooled int) {
	if l.beginClose(ctx) && !l.joinPump(ctx) {
		s := l.queue.Snapshot()
		return int(s.Pending), s.Kept
	}
	l.joinDirects(ctx)
	l.cancel()
	l.notifier.wait(ctx, l)
	return int(l.left.Load()), int(l.spooled.Load())
}

// beginClose refuses new records and has the pump end. It reports whether there
// is one.
func (l *Lane) beginClose(ctx context.Context) (started bool) {
	l.queue.Close()
	started = true
	l.start.Do(func() { started = false })
	if !started {
		return false
	}
	l.saveMemory(ctx)
	deadline, _ := ctx.Deadline()
	l.closing <- closeRequest{deadline: deadline, expired: ctx.Done()}
	l.wake()
	return true
}

// joinPump waits for the pump, and reports whether it ended. It is late only
// if the application's logger or backoff, which run on it, do not return.
func (l *Lane) joinPump(ctx context.Context) bool {
	select {
	case <-l.pumped:
		return true
	case <-ctx.Done():
	}
	l.cancel()
	l.wake()
	grace := time.NewTimer(2 * cancelGrace)
	defer grace.Stop()
	select {
	case <-l.pumped:
		return true
	case <-grace.C:
		return false
	}
}
