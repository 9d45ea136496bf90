package posthog

import (
	"context"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/protocol"
	"github.com/hedgerow/posthog/internal/spool"
)

// aiBatchBytes bounds the events of one request of the AI lane, unless a single
// one is larger.
const aiBatchBytes = 5 << 20

// aiWorkers bounds the requests that the AI lane makes at once: each may need
// many megabytes.
const aiWorkers = 2

// aiPrefix is how the names of the events begin that the AI endpoint takes.
const aiPrefix = "$ai_"

// The formats of records. All hold the same kind of bytes, but no request holds
// two of them.
const (
	formatEvent    = 0 // an event that the lane's endpoint takes
	formatMisfiled = 1 // one that it refuses together with all others of its request
)

// aiRoute is the route of the AI lane.
func (c *ServerClient) aiRoute() route {
	workers := min(c.config.Workers, aiWorkers)
	size := min(c.config.BatchSize, c.config.CaptureAIMaxQueueSize)
	return route{
		name: LaneAI,
		protocols: []delivery.Protocol{
			protocol.Batch{Endpoint: c.config.Endpoint, Route: protocol.RouteAI, APIKey: c.apiKey, Historical: c.config.HistoricalMigration},
			c.batchProtocol(),
		},
		compression: c.config.CaptureAICompression,
		maxRecords:  c.config.CaptureAIMaxQueueSize,
		maxBytes:    c.config.CaptureAIMaxQueueBytes,
		maxEvent:    c.config.CaptureAIMaxEventBytes,
		limits:      limits{"CaptureAIMaxQueueSize", "CaptureAIMaxQueueBytes", "CaptureAIMaxEventBytes"},
		workers:     workers,
		flushAt:     min(c.config.FlushAt, size),
		batchSize:   size,
		batchBytes:  aiBatchBytes,
		maxBatches:  min(c.config.MaxEnqueuedRequests, 4*workers),
	}
}

// lazyLane is a lane that is made when it is needed.
type lazyLane struct {
	made   atomic.Pointer[lane]
	making chan struct{} // capacity 1: whoever makes the lane has put a token in
	closed atomic.Bool   // a lane that is made from now on is born closed
}

// aiLane returns the AI lane, and makes it if nobody has. After Close it is one
// that takes nothing and has no files.
func (c *ServerClient) aiLane() *lane {
	if l := c.ai.made.Load(); l != nil {
		return l
	}
	c.ai.making <- struct{}{}
	defer func() { <-c.ai.making }()
	if l := c.ai.made.Load(); l != nil {
		return l
	}
	r := c.aiRoute()
	r.memoryOnly = c.ai.closed.Load()
	l := c.newLane(r)
	if l.bornClosed = c.ai.closed.Load(); l.bornClosed { // perhaps since
		l.close(context.Background())
	}
	c.ai.made.Store(l)
	return l
}

// closeAI returns the AI lane to be closed, or nil if there is none, or if it
// was born closed. If ctx ends while somebody makes the lane, which a disk may
// hold up, it is left to its maker.
func (c *ServerClient) closeAI(ctx context.Context) *lane {
	c.ai.closed.Store(true)
	select {
	case c.ai.making <- struct{}{}:
		defer func() { <-c.ai.making }()
	default:
		select {
		case c.ai.making <- struct{}{}:
			defer func() { <-c.ai.making }()
		case <-ctx.Done():
			return nil
		}
	}
	if l := c.ai.made.Load(); l != nil && !l.bornClosed {
		return l
	}
	return nil
}

// reviveAI makes the AI lane if an earlier process left events in its files.
func (c *ServerClient) reviveAI() {
	if c.spools() && spool.Left(c.config.Spool.Dir, string(LaneAI), c.apiKey) {
		c.aiLane()
	}
}
