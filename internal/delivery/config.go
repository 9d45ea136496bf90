package delivery

import (
	"context"
	"time"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/transport"
)

// Exchange carries one request at a time to PostHog and classifies the
// answer. It never retries. *transport.Exchange is the one that does it over
// HTTP.
type Exchange interface {
	Post(ctx context.Context, r transport.Request) transport.Response
}

// Spool is what the lane asks of the store behind its queue. *spool.Spool is
// the one that has files.
type Spool interface {
	// Start starts the spool's goroutines. The lane calls it once, before the
	// first record.
	Start(segment.Queue)
	// Changed returns a channel that is closed when Put may find a file where
	// it found none.
	Changed() <-chan struct{}
	// Hasten gives a disk that failed another try, and returns when it has been
	// made or ctx ends.
	Hasten(ctx context.Context)
	// Secure returns when the record of that sequence is as safe as it was
	// configured to be, and an error if that cannot be said. Kept says whether
	// the record is in a file at all.
	Secure(ctx context.Context, sequence uint64, kept bool) error
}

// Config describes a lane. Every field is required unless it says otherwise.
type Config struct {
	// Name labels the lane's goroutines.
	Name string
	// Queue holds the lane's records.
	Queue *queue.Queue
	// Spool keeps them in files. Nil means that the queue has none.
	Spool Spool
	// MaxAge is how old a queued record may be; 0 means any age.
	MaxAge time.Duration
	// Crew serves the lane, together with others. Nil means goroutines of its
	// own. A lane of a crew has no Spool, and one worker and one batch at a time.
	Crew *Crew
	// NewExchange is called once for each sender of the lane's own, and for
	// direct sends.
	NewExchange func() Exchange
	// Protocols are the endpoints to send to, in the order of preference. The
	// lane turns from one to the next for good when the server does not have it.
	Protocols []Protocol

	// Workers is the number of senders. With one, records leave in the order
	// in which they were accepted, until a batch is past its budget.
	Workers int
	// FlushAt is the number of queued records that makes a batch due.
	FlushAt int
	// BatchSize and BatchBytes bound one batch.
	BatchSize, BatchBytes int
	// Interval is how long a record waits for company.
	Interval time.Duration
	// MaxBatches bounds the batches that are in flight or wait for a retry. With
	// one worker there is never more than one.
	MaxBatches int
	// AttemptTimeout is how long an attempt may take. It only decides when
	// the last attempt before the deadline of Close is made.
	AttemptTimeout time.Duration
	// Retry says how often and how fast to repeat.
	Retry Retry

	// Resolve is told what became of tagged records before anyone waiting in
	// Flush is. It runs on whatever goroutine settles them, and returns at
	// once. Nil if no record has a tag.
	Resolve func(tag any, v Verdict)
	// Observer is told of everything that is settled. Nil means that nobody
	// listens.
	Observer *Observer
	// Notices receives conditions worth a line in the log.
	Notices *notice.Board
	// Life runs the goroutines.
	Life *life.Group
}
