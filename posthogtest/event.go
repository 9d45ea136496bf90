package posthogtest

import (
	"encoding/json"
	"time"
)

// Event is one event as the project would store it. The maps and bytes inside
// are shared between all callers: read them, do not write to them.
type Event struct {
	// Name is the event name, never empty.
	Name string
	// DistinctID is what the service keeps: numbers and objects as their JSON
	// text, NUL replaced, cut at 200 characters; on [RouteAnalytics] without
	// the spaces around it.
	DistinctID string
	// UUID is lower case with hyphens. The server makes one (version 7) when
	// the client sent none.
	UUID string
	// Timestamp is the stored time in UTC: the client's, corrected by sent_at
	// or PostHog-Request-Timestamp, or the server's when the client's is
	// missing, unreadable or more than 23 hours ahead.
	Timestamp time.Time
	// SentTimestamp is the timestamp's text on the wire, "" when absent.
	SentTimestamp string
	// Properties are the event's properties, never nil. Numbers are
	// json.Number, so that 9007199254740993 stays itself. What the service
	// merges in is there: a top-level $set or $set_once; on [RouteAnalytics]
	// the options, the session and window ids, and $lib and $lib_version.
	Properties map[string]any
	// Route is the path the event came by, without a final slash: RouteBatch,
	// RouteAIBatch, RouteAnalytics or an older one.
	Route string
	// Token is the project key the event came in under.
	Token string
	// Historical is the batch's historical_migration flag.
	Historical bool
	// Received is the server's time when the request was read.
	Received time.Time
	// Raw is the event's JSON exactly as it arrived.
	Raw json.RawMessage

	// sent is the instant of SentTimestamp, zero where Timestamp does not come
	// from it.
	sent time.Time
	// lost marks an event the pipeline drops after answering 200.
	lost bool
}

// rowKey is the tuple PostHog's events table collapses on.
type rowKey struct {
	token, day, name, distinctID, uuid string
}

func (e *Event) rowKey() rowKey {
	return rowKey{e.Token, e.Timestamp.Format(time.DateOnly), e.Name, e.DistinctID, e.UUID}
}
