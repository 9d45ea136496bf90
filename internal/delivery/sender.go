package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// send is the goroutine of one sender: it makes the attempt of each batch it
// is given and hands the batch back with the answer.
func (p *pump) send(exchange Exchange) {
	var current *batch
	defer func() {
		if current == nil {
			p.ended <- struct{}{}
			return
		}
		// The application's RoundTripper ended the goroutine, as a failing
		// test does. The attempt failed, and another sender takes over.
		current.answer = transport.Response{
			Outcome:        transport.Retry,
			MaybeDelivered: true,
			Err:            errors.New("the HTTP transport ended its goroutine"),
		}
		p.results <- current
		p.startSender()
	}()
	for b := range p.work {
		current = b
		b.answer = p.lane.attempt(p.lane.requests, exchange, b.records)
		current = nil
		p.results <- b // never blocks: the channel has a place for each sender
	}
}

// startSender starts a sender with an exchange of its own.
func (p *pump) startSender() {
	exchange := p.config.NewExchange()
	p.config.Life.Go(p.config.Name+" sender", func() { p.send(exchange) })
}

// attempt sends records once. A panic in the application's RoundTripper is an
// attempt that failed.
func (l *Lane) attempt(ctx context.Context, exchange Exchange, records []queue.Record) (answer transport.Response) {
	defer func() {
		if value := recover(); value != nil {
			answer = transport.Response{
				Outcome:        transport.Retry,
				MaybeDelivered: true,
				Err:            fmt.Errorf("the HTTP transport panicked: %v", value),
			}
		}
	}()
	l.inFlight.Add(1)
	defer l.inFlight.Add(-1)
	request := l.config.Request
	request.Body = func(dst []byte) []byte {
		return l.config.AppendBody(dst, records, time.Now())
	}
	return exchange.Post(ctx, request)
}
