package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// send is the goroutine of one sender: it makes the attempt of each batch it
// is given and hands the batch back with the answer.
func (p *pump) send(exchange Exchange) {
	defer func() { p.ended <- struct{}{} }()
	for b := range p.work {
		p.lane.inFlight.Add(1)
		b.answer = p.lane.attempt(p.lane.requests, exchange, b.records)
		p.lane.inFlight.Add(-1)
		p.results <- b // never blocks: the channel has a place for each sender
	}
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
	request := l.config.Request
	request.Body = func(dst []byte) []byte {
		return l.config.AppendBody(dst, records, time.Now())
	}
	return exchange.Post(ctx, request)
}
