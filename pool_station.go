package posthog

import (
	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// station is what the clients of a pool share of one Lane.
type station struct {
	crew      *delivery.Crew
	memory    *queue.Budget
	first     int // size of the memory that a queue begins with
	next      int // and of that which follows
	transport *transport.Client
}

// newStation returns a station for lanes with so many requests at once, and
// so much memory, all together.
func (p *Pool) newStation(name Lane, workers int, compression CompressionMode, bytes int) *station {
	share := bytes / poolShare
	s := &station{first: min(poolFirstSegment, share/4), next: min(poolSegmentSize, share/4)}
	s.memory = queue.NewBudget(bytes, s.first, s.next)
	s.transport = transport.New(p.config.Config.transportConfig(workers, compression))
	s.crew = delivery.NewCrew("pool "+string(name), workers, exchanges(s.transport, p.notices), &p.life)
	return s
}

func (t *tenant) station(name Lane) *station {
	if name == LaneAI {
		return t.pool.ai
	}
	return t.pool.analytics
}

// station returns what the client shares of one Lane, or nil if it belongs to
// no pool.
func (c *ServerClient) station(name Lane) *station {
	if c.tenant == nil {
		return nil
	}
	return c.tenant.station(name)
}
