package posthogtest

import (
	"net/http"
	"net/url"
	"time"
)

// FlagRequest is one request about feature flags, answered or not. Everything
// in it is shared between all callers: read it only. Of a request for
// definitions or for a remote configuration, the fields of the body are zero.
type FlagRequest struct {
	// Time is the server's clock when the request had been read.
	Time time.Time
	// Method and Path are as sent, the path with its final slash if any.
	Method, Path string
	// Query holds the decoded query parameters.
	Query url.Values
	// Header holds the request headers in canonical spelling.
	Header http.Header
	// RawBody is the body as received, and Body the decoded JSON text, nil when
	// it could not be decoded.
	RawBody, Body []byte
	// Encoding names what was undone to get from RawBody to Body, as in
	// [Request].
	Encoding string
	// Status is the HTTP status answered. 0 means no answer (yet).
	Status int
	// Billed is how many flag requests PostHog would charge for: 1, or 10 for
	// definitions, unchanged ones included.
	Billed int

	// Token is the project key.
	Token string
	// DistinctID is whose flags are asked for, a number as its JSON text.
	DistinctID string
	// AnonDistinctID is the id that the person had before, "" for none.
	AnonDistinctID string
	// DeviceID is the device, also if it is only among the person properties.
	DeviceID string
	// Keys are the flags asked for. nil means all, an empty list none.
	Keys []string
	// Groups are the keys of groups by their types. Numbers here and below are
	// json.Number.
	Groups map[string]any
	// PersonProperties take the place of stored ones.
	PersonProperties map[string]any
	// GroupProperties do so for groups, by their types.
	GroupProperties map[string]map[string]any
	// GeoIPDisable keeps the server from deriving properties from the address.
	GeoIPDisable bool
	// EvaluationContexts narrow the flags down. nil means all of them.
	EvaluationContexts []string
	// EvaluationRuntime is "server", "client", "all", or "" where the client
	// leaves the server to guess.
	EvaluationRuntime string

	kind     flagRequestKind
	ip       string
	disabled bool // no flags are wanted
}

// flagRequestKind is which list a request is in.
type flagRequestKind uint8

const (
	forValues flagRequestKind = iota
	forDefinitions
	forRemoteConfig
)

// FlagRequests returns the requests to /flags and /decide that ask for the
// values of flags, in order of arrival, also refused, hung and faulted ones.
func (s *Server) FlagRequests() []FlagRequest { return s.record.flagRequests(forValues) }

// DefinitionRequests returns the requests for definitions, likewise.
func (s *Server) DefinitionRequests() []FlagRequest { return s.record.flagRequests(forDefinitions) }

// RemoteConfigRequests returns the requests for remote configurations,
// likewise.
func (s *Server) RemoteConfigRequests() []FlagRequest { return s.record.flagRequests(forRemoteConfig) }

// BilledFlagRequests is how many flag requests PostHog would charge for, since
// the start or the last Reset.
func (s *Server) BilledFlagRequests() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.billed
}

// asked logs a request about flags; from here on only the record writes to it.
func (r *record) asked(entry *FlagRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := &r.asks[entry.kind]
	*list = append(*list, entry)
	if r.full(len(*list)) {
		*list = newest(*list, r.keep)
	}
	r.announce()
}

// told notes the status about to be sent, and what it costs.
func (r *record) told(entry *FlagRequest, status, billed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry.Status, entry.Billed = status, billed
	r.billed += billed
	r.announce()
}

func (r *record) flagRequests(kind flagRequestKind) []FlagRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries := newest(r.asks[kind], r.keep)
	list := make([]FlagRequest, len(entries))
	for i, entry := range entries {
		list[i] = *entry
	}
	return list
}
