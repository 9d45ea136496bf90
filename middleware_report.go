package posthog

import (
	"context"
	"net/http"
	"time"

	"github.com/hedgerow/posthog/internal/stack"
)

// propertyStatus is the property with the status of the answer.
const propertyStatus = "$response_status_code"

// reportPanic reports a panic of the handler with that value. It is called
// while the handler's stack is still there.
func (in *inbound) reportPanic(r *http.Request, value any) {
	defer func() { _ = recover() }() // the program is to see its own panic, whatever happens here
	properties := Properties{}
	switch status := in.answer.Status(); {
	case status >= http.StatusBadRequest:
		properties[propertyStatus] = status
	case !in.answer.Hijacked(): // a success that was announced will not be complete
		properties[propertyStatus] = http.StatusInternalServerError
	}
	in.report(r, properties, func(ctx context.Context, opts []ExceptionOption) {
		client := in.middleware.options.PanicCaptureClient
		_ = recoveredAt(ctx, client, value, &inMiddleware, append([]ExceptionOption{in.escaped}, opts...)) // counted and logged
	})
}

// reportServerError reports an answer that says that the server failed: the
// error behind it, or the status, unless an error of the request was captured,
// which says more than that.
func (in *inbound) reportServerError(r *http.Request) {
	defer func() { _ = recover() }() // a client of somebody else
	if in.reported.Load() {
		return
	}
	status := in.answer.Status()
	bare, err := in.serverError(r, status)
	if bare && in.known.Load() {
		return
	}
	in.report(r, Properties{propertyStatus: status}, func(ctx context.Context, opts []ExceptionOption) {
		client := in.middleware.options.ServerErrorCaptureClient
		if bare {
			opts = append([]ExceptionOption{madeUp}, opts...)
		}
		_ = captureAt(ctx, client, err, new(stack.Trace), &inServerError, opts)
	})
}

// markKnown notes that an error was captured within the requests of ctx.
func markKnown(ctx context.Context, level Level) {
	if ctx == nil || level != LevelError && level != LevelFatal {
		return
	}
	for in, ok := ctx.Value(inboundKey{}).(*inbound); ok; in, ok = in.Context.Value(inboundKey{}).(*inbound) {
		in.known.Store(true)
	}
}

// report captures an exception within the request, be that canceled or not.
// Where one middleware stands behind another, the innermost reports.
func (in *inbound) report(r *http.Request, properties Properties, capture func(context.Context, []ExceptionOption)) {
	if in.reported.Swap(true) {
		return
	}
	for outer, ok := in.Context.Value(inboundKey{}).(*inbound); ok; outer, ok = outer.Context.Value(inboundKey{}).(*inbound) {
		outer.reported.Store(true)
	}
	if r.Pattern != "" { // set since the request came in, by a mux behind other handlers
		properties[propertyRoute] = r.Pattern
	}
	ctx, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(in), reportKey{}, true), DefaultBatchSubmitTimeout)
	defer cancel()
	capture(ctx, append([]ExceptionOption{func(o *ExceptionOptions) {
		o.DistinctId, o.Properties = in.carried.distinctID(), properties
	}}, in.reportOptions(r)...))
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
