package posthog

import (
	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/protocol"
)

// batchBytes bounds the events of one request.
const batchBytes = 1 << 20

// analyticsRoute is the route of the analytics lane.
func (c *ServerClient) analyticsRoute() route {
	return route{
		name:        LaneAnalytics,
		protocols:   c.analyticsProtocols(),
		compression: c.config.Compression,
		maxRecords:  c.config.MaxQueueSize,
		maxBytes:    c.config.MaxQueueBytes,
		maxEvent:    c.config.MaxEventBytes,
		limits:      limits{"MaxQueueSize", "MaxQueueBytes", "MaxEventBytes"},
		workers:     c.config.Workers,
		flushAt:     c.config.FlushAt,
		batchSize:   c.config.BatchSize,
		batchBytes:  batchBytes,
		maxBatches:  c.config.MaxEnqueuedRequests,
	}
}

// analyticsProtocols are those of Config.CaptureMode, in the order in which
// they are tried.
func (c *ServerClient) analyticsProtocols() []delivery.Protocol {
	analytics := protocol.Analytics{
		Endpoint:   c.config.Endpoint,
		APIKey:     c.apiKey,
		SDK:        SDKName + "/" + Version,
		Historical: c.config.HistoricalMigration,
	}
	switch c.config.CaptureMode {
	case CaptureModeAnalyticsV1:
		return []delivery.Protocol{analytics}
	case CaptureModeAuto:
		return []delivery.Protocol{analytics, c.batchProtocol()}
	}
	return []delivery.Protocol{c.batchProtocol()}
}

// batchProtocol is the protocol that every PostHog understands.
func (c *ServerClient) batchProtocol() protocol.Batch {
	return protocol.Batch{
		Endpoint:   c.config.Endpoint,
		Route:      protocol.RouteBatch,
		APIKey:     c.apiKey,
		Historical: c.config.HistoricalMigration,
	}
}
