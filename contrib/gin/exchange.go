package posthoggin

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/hedgerow/posthog"
)

// exchange is the context of a request, with gin's.
type exchange struct {
	context.Context //nolint:containedctx // it is one: that of the request, with a value more

	gin *gin.Context
}

type exchangeKey struct{}

// Value returns e, or what the context of the request has.
func (e *exchange) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return e
	}
	return e.Context.Value(key)
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
func (x explainer) Enqueue(msg posthog.Message) error { return x.client.Enqueue(msg) }

// EnqueueWithContext enqueues msg with the last error of the request, if it had
// any.
func (x explainer) EnqueueWithContext(ctx context.Context, msg posthog.Message) error {
	e, _ := ctx.Value(exchangeKey{}).(*exchange)
	if exception, ok := msg.(posthog.Exception); ok && e != nil && len(e.gin.Errors) > 0 {
		exception.ExceptionList[0].Value = short(e.gin.Errors.Last().Error())
	}
	return posthog.EnqueueWithContext(ctx, x.client, msg)
}
