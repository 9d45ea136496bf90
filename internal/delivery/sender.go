package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/transport"
)

// sender makes one attempt at a time.
type sender struct {
	exchange Exchange
	results  []Result // memory for the next answer
}

// run is the goroutine of one sender: it makes the attempt of each batch it is
// given and hands the batch back with the answer.
func (s *sender) run(d *desk) {
	var current *batch
	defer func() {
		if current == nil {
			d.ended <- struct{}{}
			return
		}
		// The application's RoundTripper ended the goroutine, as a failing
		// test does. The attempt failed, and another sender takes over.
		current.answer = failed(errors.New("the HTTP transport ended its goroutine"))
		d.results <- current
		d.startSender()
	}()
	for b := range d.work {
		current = b
		s.attempt(b.lane.requests, b)
		current = nil
		d.results <- b // never blocks: the channel has a place for each sender
	}
}

// failed is the answer to an attempt that the application's RoundTripper
// brought to an end.
func failed(err error) Answer {
	return Answer{Response: transport.Response{Outcome: transport.Retry, MaybeDelivered: true, Err: err}}
}

// attempt sends the records of b once. A panic in the application's
// RoundTripper is an attempt that failed.
func (s *sender) attempt(ctx context.Context, b *batch) {
	l := b.lane
	defer func() {
		if value := recover(); value != nil {
			b.answer = failed(fmt.Errorf("the HTTP transport panicked: %v", value))
		}
	}()
	l.inFlight.Add(1)
	defer l.inFlight.Add(-1)
	b.protocol = int(l.protocol.Load())
	protocol := l.config.Protocols[b.protocol]
	b.endpoint = protocol.Path()
	b.attempt.Records = b.records
	b.attempt.Advance(time.Now())
	answer := Answer{Response: s.exchange.Post(ctx, protocol.Request(&b.attempt)), Results: s.results[:0]}
	protocol.Read(&b.attempt, &answer)
	if answer.Reading == Each {
		s.results = nil // they are the batch's from here on
	} else {
		s.results, answer.Results = answer.Results[:0], nil
	}
	answer.Body = nil // the next request uses its memory
	b.attempt.Records = nil
	b.answer = answer
	if err := answer.CompressionErr; err != nil {
		l.config.Notices.Report(notice.Warn, l.config.Name+" body not compressed", "posthog: a request was sent without compression: %v", err)
	}
}

// turnsFrom reports whether b has to be sent by another protocol, because the
// server does not have the endpoint that it was sent to.
func (l *Lane) turnsFrom(b *batch) bool {
	missing := b.answer.Status == http.StatusNotFound || b.answer.Status == http.StatusMethodNotAllowed
	next := b.protocol + 1
	if !missing || b.answer.Outcome != transport.Rejected || next >= len(l.config.Protocols) {
		return false
	}
	if l.protocol.CompareAndSwap(int32(b.protocol), int32(next)) {
		l.config.Notices.Report(notice.Warn, l.config.Name+" endpoint missing",
			"posthog: the server does not have %s (status %d), so events go to %s from now on",
			b.endpoint, b.answer.Status, l.config.Protocols[next].Path())
	}
	return true
}
