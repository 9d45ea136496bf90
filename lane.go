package posthog

import (
	"context"
	"errors"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/transport"
)

// Lane names one of a client's ways to PostHog. Each has an endpoint, a queue,
// goroutines, connections and files of its own, so that none waits for the
// other. A [Config.Transport] serves both: one that bounds its connections to a
// host can make them wait after all.
type Lane string

// The lanes.
const (
	// LaneAnalytics is the way of [ServerClient.Enqueue], Submit and Send.
	LaneAnalytics Lane = "analytics"
	// LaneAI is the way of [ServerClient.EnqueueAI], SubmitAI and SendAI. It
	// starts with its first event, and makes at most two requests at once, each
	// with no more than 5 MiB of events, unless a single one is larger.
	LaneAI Lane = "ai"
)

// lane is what one Lane consists of.
type lane struct {
	route

	client    *ServerClient
	queue     *queue.Queue
	spool     *spool.Spool // nil without one
	transport *transport.Client
	delivery  *delivery.Lane
	refused   refusals

	bornClosed bool // made after, or during, Close
}

// route is what makes one lane another one than the next.
type route struct {
	name        Lane
	protocols   []delivery.Protocol
	compression CompressionMode

	maxRecords, maxBytes int    // of the queue
	maxEvent             int    // bytes
	limits               limits // as the configuration calls them

	memoryOnly bool // whatever the configuration says

	workers            int
	flushAt, batchSize int
	batchBytes         int // of the events of one request
	maxBatches         int
}

// limits names fields of Config, for errors.
type limits struct{ queueSize, queueBytes, eventBytes string }

// segmentSize is the usual size of the queue's pieces of memory.
const segmentSize = 256 << 10

// newLane puts a lane together, and takes over what it finds in its files. It
// starts goroutines only if there is something in them.
func (c *ServerClient) newLane(r route) *lane {
	l := &lane{route: r, client: c}
	shared := c.station(r.name)
	if shared == nil {
		l.transport = transport.New(c.config.transportConfig(r.workers, r.compression))
	} else {
		l.transport = shared.transport
	}
	memory := queue.Config{
		MaxRecords:  max(r.maxRecords, r.batchSize),
		MaxBytes:    r.maxBytes,
		SegmentSize: min(segmentSize, r.maxBytes/4),
		EvictOldest: c.config.Overflow == OverflowDropOldest,
		ShowEvicted: c.config.Callback != nil,
		RecordBytes: queue.RecordBytes,
	}
	if l.spool = c.openSpool(r); l.spool != nil {
		memory.Store, memory.SegmentSize = l.spool, c.config.Spool.fileSize(r.maxBytes)
	}
	if shared != nil {
		memory.Budget, memory.FirstSegment, memory.SegmentSize = shared.memory, shared.first, shared.next
	}
	l.queue = queue.New(memory)
	config := delivery.Config{
		Name:           string(r.name),
		Queue:          l.queue,
		NewExchange:    exchanges(l.transport, c.notices),
		Protocols:      r.protocols,
		Workers:        r.workers,
		FlushAt:        r.flushAt,
		BatchSize:      r.batchSize,
		BatchBytes:     r.batchBytes,
		Interval:       c.config.Interval,
		MaxBatches:     r.maxBatches,
		AttemptTimeout: c.config.BatchUploadTimeout,
		Retry:          c.retry(),
		Resolve:        resolve,
		Observer:       c.observer(),
		Notices:        c.notices,
		Life:           &c.life,
	}
	if shared != nil {
		config.Crew = shared.crew
	}
	if l.spool != nil { // a nil *spool.Spool would be a Spool that is not nil
		config.Spool, config.MaxAge = l.spool, c.config.Spool.MaxAge
	}
	l.delivery = delivery.New(config)
	if l.spool != nil {
		l.delivery.Recover(l.spool.Found())
		if n := l.queue.Depth().Records; n > 0 {
			c.notices.Report(notice.Info, string(r.name)+" spool found",
				"posthog: %d events of earlier processes were found in the spool in %s", n, c.config.Spool.Dir)
		}
		if l.spool.Stats().Down != nil || l.queue.Depth().Records > 0 {
			l.delivery.Start()
		}
	}
	return l
}

// flush returns how many events it leaves, if it leaves any.
func (l *lane) flush(ctx context.Context) (left int, err error) {
	if l == nil {
		return 0, nil
	}
	return l.delivery.Flush(ctx)
}

// close ends the lane. It returns how many events it leaves, and how many of
// them the next start finds.
func (l *lane) close(ctx context.Context) (left, spooled int) {
	if l == nil {
		return 0, 0
	}
	left, spooled = l.delivery.Close(ctx)
	l.closeSpool(ctx)
	if l.client.tenant == nil { // or the others of the pool go on
		l.transport.CloseIdle()
	}
	return left, spooled
}

// spoolGrace is how long the spool has to put its files in order when the
// deadline of Close has passed.
const spoolGrace = 10 * time.Millisecond

// closeSpool leaves to the next start what is in the spool.
func (l *lane) closeSpool(ctx context.Context) {
	if l.spool == nil {
		return
	}
	l.queue.End()
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), spoolGrace)
		defer cancel()
	}
	if err := l.spool.Close(ctx); err != nil {
		l.client.notices.Report(notice.Warn, "spool not closed",
			"posthog: the spool could not be put in order, so some events may be sent twice, and PostHog stores them once: %v", err)
	}
}

// discard counts an event that ends before it is a record. A client that has
// ended accepts not even those, unless it is disabled.
func (l *lane) discard(outcome queue.Outcome, handle *Delivery) error {
	if outcome != queue.Disabled && l.client.ended() {
		return l.refuseClosed(1)
	}
	l.count(outcome)
	if handle != nil {
		resolve(handle, delivery.Verdict{Outcome: outcome})
	}
	return nil
}

// count accepts an event that ends at once, and reports one that a hook broke.
func (l *lane) count(outcome queue.Outcome) {
	l.queue.Count(outcome)
	if outcome == queue.HookFailed {
		l.delivery.Report(delivery.Verdict{Outcome: outcome})
	}
}

// refuse turns the queue's refusal, if it is one, into the caller's error.
func (l *lane) refuse(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrNotSynced): // accepted
		return err
	case errors.Is(err, queue.ErrClosed):
		return l.refuseClosed(1)
	case errors.Is(err, queue.ErrTooLarge):
		l.refused.count(refusedTooLarge, 1)
		return l.tooLargeForQueue()
	}
	l.refused.count(refusedFull, 1)
	files := ""
	if l.spool != nil {
		files = "Spool.MaxBytes, "
	}
	l.client.notices.Report(notice.Warn, string(l.name)+" queue full",
		"posthog: the queue is full, so new events are refused; see Config.%s%s, %s and Overflow", files, l.limits.queueSize, l.limits.queueBytes)
	return ErrQueueFull
}

// refuseClosed refuses events because the client was closed.
func (l *lane) refuseClosed(events int) error {
	l.refused.count(refusedClosed, events)
	l.client.notices.Report(notice.Warn, "client closed", "posthog: events are refused because the client was closed")
	return ErrClosed
}
