package posthog

import (
	"context"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/transport"
)

// verboseExchange logs a line for every request. It names neither the address,
// which may hold credentials, nor the key.
type verboseExchange struct {
	delivery.Exchange

	notices *notice.Board
}

// Post makes the request and logs how it ended.
func (x verboseExchange) Post(ctx context.Context, r transport.Request) transport.Response {
	begin := time.Now()
	answer := x.Exchange.Post(ctx, r)
	x.notices.Detail("posthog: a request of %d bytes (%d on the wire) ended as %s after %v: status %d",
		answer.Plain, answer.Wire, answer.Outcome, time.Since(begin).Round(time.Microsecond), answer.Status)
	return answer
}

// exchanges returns what makes exchanges over client, each for one request at a
// time.
func exchanges(client *transport.Client, notices *notice.Board) func() delivery.Exchange {
	return func() delivery.Exchange {
		x := client.NewExchange()
		if !notices.Verbose() {
			return x
		}
		return verboseExchange{x, notices}
	}
}
