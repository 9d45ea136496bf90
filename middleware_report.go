package posthog

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/hedgerow/posthog/internal/request"
)

// propertyStatus is the property with the status of the answer.
const propertyStatus = "$response_status_code"

// mechanismMiddleware is the boundary that reports what a handler did.
const mechanismMiddleware = "middleware"

// reportPanic reports a panic of the handler with that value. It is called
// while the handler's stack is still there.
func (in *inbound) reportPanic(r *http.Request, value any) {
	defer func() { _ = recover() }() // the program is to see its own panic, whatever happens here
	pcs := make([]uintptr, 128)
	pcs = pcs[:runtime.Callers(1, pcs)]
	properties := Properties{}
	switch status := in.answer.Status(); {
	case status >= http.StatusBadRequest:
		properties[propertyStatus] = status
	case !in.answer.Hijacked(): // a success that was announced will not be complete
		properties[propertyStatus] = http.StatusInternalServerError
	}
	item := ExceptionItem{
		Type:       "panic",
		Value:      request.Clean(fmt.Sprint(value)),
		Mechanism:  &ExceptionMechanism{Handled: new(false), Type: mechanismMiddleware},
		Stacktrace: &ExceptionStacktrace{Type: "raw", Frames: panicFrames(pcs)},
	}
	if _, text := value.(string); !text {
		item.Type = fmt.Sprintf("%T", value)
	}
	in.report(r, in.middleware.options.PanicCaptureClient, item, properties)
}

// reportServerError reports an answer that says that the server failed.
func (in *inbound) reportServerError(r *http.Request) {
	defer func() { _ = recover() }() // a client of somebody else
	status := in.answer.Status()
	item := ExceptionItem{
		Type:      fmt.Sprintf("HTTP %d", status),
		Value:     http.StatusText(status),
		Mechanism: &ExceptionMechanism{Handled: new(true), Synthetic: new(true), Type: mechanismMiddleware},
	}
	in.report(r, in.middleware.options.ServerErrorCaptureClient, item, Properties{propertyStatus: status})
}

// report enqueues an exception within the request, be that canceled or not.
// Where one middleware stands behind another, the innermost reports.
func (in *inbound) report(r *http.Request, client EnqueueClient, item ExceptionItem, properties Properties) {
	if in.reported.Load() {
		return
	}
	for outer, ok := in.Context.Value(inboundKey{}).(*inbound); ok; outer, ok = outer.Context.Value(inboundKey{}).(*inbound) {
		outer.reported.Store(true)
	}
	if r.Pattern != "" { // set since the request came in, by a mux behind other handlers
		properties[propertyRoute] = r.Pattern
	}
	msg := Exception{DistinctId: in.carried.distinctID(), ExceptionList: []ExceptionItem{item}, Properties: properties}
	ctx, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(in), reportKey{}, true), DefaultBatchSubmitTimeout)
	defer cancel()
	_ = EnqueueWithContext(ctx, client, msg) // counted and logged
}

// reportKey marks the context of a report. It is canceled soon, because clients
// of somebody else may wait for as long as it lasts.
type reportKey struct{}

// forReport returns ctx and, if it is that of a report, the patience of Enqueue,
// which takes the place of its end, whatever clients stand in between.
func (c *ServerClient) forReport(ctx context.Context) (context.Context, time.Duration) {
	if ctx == nil || ctx.Value(reportKey{}) == nil {
		return ctx, untilDone
	}
	return context.WithoutCancel(ctx), c.config.BatchSubmitTimeout
}
