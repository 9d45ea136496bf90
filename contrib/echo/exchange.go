package posthogecho

import (
	"context"

	"github.com/labstack/echo/v5"

	"github.com/hedgerow/posthog"
)

// exchange is the context of a request, with Echo's.
type exchange struct {
	context.Context //nolint:containedctx // it is one: that of the request, with a value more

	echo *echo.Context
	next echo.HandlerFunc
	err  error // of next; set when that has returned
}

type exchangeKey struct{}

// Value returns x, or what the context of the request has.
func (x *exchange) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return x
	}
	return x.Context.Value(key)
}

// explain makes reports of server errors say why.
func explain(o *posthog.RequestContextOptions) {
	if o.ServerErrorCaptureClient != nil {
		o.ServerErrorCaptureClient = explainer{o.ServerErrorCaptureClient}
	}
}

// explainer is a client that is told the error behind an answer.
type explainer struct{ client posthog.EnqueueClient }

// Enqueue enqueues msg.
func (e explainer) Enqueue(msg posthog.Message) error { return e.client.Enqueue(msg) }

// EnqueueWithContext enqueues msg with the error of the request, if it had one.
func (e explainer) EnqueueWithContext(ctx context.Context, msg posthog.Message) error {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	if exception, ok := msg.(posthog.Exception); ok && x != nil && x.err != nil {
		exception.ExceptionList[0].Value = short(x.err.Error())
	}
	return posthog.EnqueueWithContext(ctx, e.client, msg)
}
