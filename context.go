package posthog

import (
	"context"

	"github.com/hedgerow/posthog/internal/event"
)

// RequestContext is what is known about everything that happens within one
// request. [ServerClient.EnqueueWithContext] applies it to [Capture] and
// [Exception] messages, whose own values win.
type RequestContext struct {
	// DistinctId is used where a message has none. If it is empty as well, the
	// event gets a random distinct id of its own and no person profile.
	DistinctId string
	// SessionId becomes the $session_id property.
	SessionId string
	// Properties are added to the event's.
	Properties Properties
}

type requestContextKey struct{}

// WithRequestContext returns a context that carries rc on top of what ctx
// carries already: fields that rc leaves empty are inherited, and its
// properties are added to the inherited ones and win. rc is copied.
func WithRequestContext(ctx context.Context, rc RequestContext) context.Context {
	if parent, ok := RequestContextFromContext(ctx); ok {
		if rc.DistinctId == "" {
			rc.DistinctId = parent.DistinctId
		}
		if rc.SessionId == "" {
			rc.SessionId = parent.SessionId
		}
		merged := make(Properties, len(parent.Properties)+len(rc.Properties))
		rc.Properties = merged.Merge(parent.Properties).Merge(rc.Properties)
	}
	return WithFreshRequestContext(ctx, rc)
}

// WithFreshRequestContext returns a context that carries rc and inherits
// nothing. rc is copied.
func WithFreshRequestContext(ctx context.Context, rc RequestContext) context.Context {
	rc.Properties = event.Clone(rc.Properties)
	if ctx == nil {
		ctx = context.Background()
	}
	return context.WithValue(ctx, requestContextKey{}, &rc)
}

// RequestContextFromContext returns the request context that ctx carries, and
// whether it carries one. Its properties must not be changed.
func RequestContextFromContext(ctx context.Context) (RequestContext, bool) {
	if rc := requestContext(ctx); rc != nil {
		return *rc, true
	}
	return RequestContext{}, false
}

func requestContext(ctx context.Context) *RequestContext {
	if ctx == nil {
		return nil
	}
	rc, _ := ctx.Value(requestContextKey{}).(*RequestContext)
	return rc
}
