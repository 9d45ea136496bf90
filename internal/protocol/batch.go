package protocol

import (
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/transport"
	"github.com/hedgerow/posthog/internal/wire"
)

// The routes of [Batch]. All take the same body.
const (
	// RouteBatch takes events of any kind. Every PostHog has it.
	RouteBatch = "/batch/"
	// RouteAI takes large events whose names begin with $ai_, and refuses a
	// request that holds any other.
	RouteAI = "/i/v0/ai/batch/"
)

// Batch is the protocol of the endpoints that take or refuse a request whole.
type Batch struct {
	// Endpoint is the address in front of the route.
	Endpoint string
	// Route is RouteBatch or RouteAI.
	Route string
	// APIKey is the project's. It travels in the body.
	APIKey string
	// Historical marks events from the past.
	Historical bool
}

// Path returns the route.
func (p Batch) Path() string { return p.Route }

// Request returns the request for a. The body says what the clock shows.
func (p Batch) Request(a *delivery.Attempt) transport.Request {
	batch := wire.Batch{APIKey: p.APIKey, Historical: p.Historical}
	return transport.Request{
		URL:       p.Endpoint + p.Route,
		GzipOnly:  true,
		GzipQuery: p.Route == RouteBatch, // old servers look there
		Body: func(dst []byte) []byte {
			dst = batch.AppendOpen(dst, time.Now())
			for i := range a.Records {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = append(dst, a.Records[i].Payload...)
			}
			return batch.AppendClose(dst)
		},
	}
}

// Read adds nothing: the status says everything.
func (Batch) Read(*delivery.Attempt, *delivery.Answer) {}
