package protocol

import (
	"net/http"
	"strconv"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/transport"
	"github.com/hedgerow/posthog/internal/uuid7"
	"github.com/hedgerow/posthog/internal/wire"
)

// RouteAnalytics is the route of [Analytics].
const RouteAnalytics = "/i/v1/analytics/events"

// Bytes of an answer that are kept: for any, and for each event of its request.
const (
	answerBase  = 64 << 10
	answerEvent = 1 << 10
)

// timestampFormat is RFC 3339 to the microsecond.
const timestampFormat = "2006-01-02T15:04:05.000000Z07:00"

// Analytics is the protocol of the endpoint that answers for each event.
type Analytics struct {
	// Endpoint is the address in front of the route.
	Endpoint string
	// APIKey is the project's. It travels in a header.
	APIKey string
	// SDK is the name and the version of the library, with a slash between.
	SDK string
	// Historical marks events from the past.
	Historical bool
}

// Path returns the route.
func (Analytics) Path() string { return RouteAnalytics }

// Request returns the request for a.
func (p Analytics) Request(a *delivery.Attempt) transport.Request {
	return transport.Request{
		URL:     p.Endpoint + RouteAnalytics,
		Header:  p.header(a),
		MaxBody: answerBase + answerEvent*len(a.Records),
		Renew: func() http.Header {
			a.Advance(time.Now())
			return p.header(a)
		},
		Body: func(dst []byte) []byte { return p.appendBody(dst, a) },
	}
}

func (p Analytics) header(a *delivery.Attempt) http.Header {
	return http.Header{
		"Authorization":             {"Bearer " + p.APIKey},
		"Posthog-Sdk-Info":          {p.SDK},
		"Posthog-Attempt":           {strconv.Itoa(a.Number)},
		"Posthog-Request-Id":        {uuid7.UUID(a.ID).String()},
		"Posthog-Request-Timestamp": {a.At.UTC().Format(timestampFormat)},
	}
}

func (p Analytics) appendBody(dst []byte, a *delivery.Attempt) []byte {
	batch := wire.BatchV1{CreatedAt: a.Created, Historical: p.Historical}
	dst = batch.AppendOpen(dst)
	open := len(dst)
	for i := range a.Records {
		start := len(dst)
		if start > open {
			dst = append(dst, ',')
		}
		r := &a.Records[i]
		var ok bool
		if dst, ok = wire.AppendEventV1(dst, r.Payload, int(r.Mark)); !ok {
			dst = dst[:start] // it is no event, and would have all others refused
		}
	}
	return batch.AppendClose(dst)
}

// Read reads the results of the events, or why all were refused.
func (p Analytics) Read(a *delivery.Attempt, answer *delivery.Answer) {
	answer.RequestID = uuid7.UUID(a.ID).String()
	switch {
	case answer.Outcome == transport.Delivered:
		readResults(a.Records, answer)
	case answer.Status != 0:
		readRefusal(answer)
	}
}

// duplicateUUID is the code of a request in which two events have one uuid.
const duplicateUUID = "duplicate_event_uuid"

func readRefusal(answer *delivery.Answer) {
	refusal, ok := wire.DecodeRefusal(answer.Body)
	if !ok {
		return // a proxy's, and the Message has the beginning of it
	}
	answer.Code = transport.OneLine(refusal.Code)
	answer.Description = transport.OneLine(refusal.Description)
	answer.Message = answer.Code
	if answer.Description != "" {
		answer.Message += ": " + answer.Description
	}
	if refusal.Code == duplicateUUID && answer.Outcome == transport.Rejected {
		answer.Reading = delivery.Doubled
	}
}
