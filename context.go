package posthog

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/event"
)

// RequestContext is what is known about everything that happens within one
// request. [ServerClient.EnqueueWithContext] applies it to [Capture] and
// [Exception] messages, whose own values win. The ids are for analytics alone:
// whoever sends a request can write what they like into its headers.
type RequestContext struct {
	// DistinctId is used where a message has none. If it is empty as well, the
	// event gets a random distinct id of its own and no person profile.
	DistinctId string
	// SessionId becomes the $session_id property.
	SessionId string
	// WindowId becomes the $window_id property.
	WindowId string
	// DeviceId becomes the $device_id property.
	DeviceId string
	// Properties are added to the event's.
	Properties Properties
}

// WithRequestContext returns a context that carries rc on top of what ctx
// carries already: ids that rc leaves empty or blank are inherited, and its
// properties are added to the inherited ones and win. rc is copied.
func WithRequestContext(ctx context.Context, rc RequestContext) context.Context {
	parent := requestContext(ctx)
	if parent == nil {
		return WithFreshRequestContext(ctx, rc)
	}
	c := &carried{rc: rc, root: parent.root, below: parent, named: !event.Blank(rc.DistinctId) || parent.named}
	if event.Blank(rc.DistinctId) {
		c.rc.DistinctId = parent.rc.DistinctId
	}
	if event.Blank(rc.SessionId) {
		c.rc.SessionId = parent.rc.SessionId
	}
	if event.Blank(rc.WindowId) {
		c.rc.WindowId = parent.rc.WindowId
	}
	if event.Blank(rc.DeviceId) {
		c.rc.DeviceId = parent.rc.DeviceId
	}
	return c.under(ctx)
}

// WithFreshRequestContext returns a context that carries rc and inherits
// nothing. rc is copied.
func WithFreshRequestContext(ctx context.Context, rc RequestContext) context.Context {
	c := &carried{rc: rc}
	c.root = c
	return c.under(ctx)
}

// SetDistinctId says who the request is made by, once that is known: after
// authentication, say, far below the middleware. From then on the id takes the
// place of the one that ctx, and whatever else belongs to the same request,
// was made with; one that [WithRequestContext] gave to a part of the request
// stays. An empty or blank id takes back what an earlier call said. It reports whether ctx
// belongs to a request, and may be called from any goroutine.
func SetDistinctId(ctx context.Context, distinctId string) bool {
	c := requestContext(ctx)
	if c == nil {
		return false
	}
	if event.Blank(distinctId) {
		c.root.identified.Store(nil)
	} else {
		c.root.identified.Store(&distinctId)
	}
	return true
}

// RequestContextFromContext returns a copy of the request context that ctx
// carries, and whether it carries one. Its distinct id is empty as long as nobody
// is known: none is ever made up.
func RequestContextFromContext(ctx context.Context) (RequestContext, bool) {
	c := requestContext(ctx)
	if c == nil {
		return RequestContext{}, false
	}
	rc := c.rc
	rc.DistinctId, rc.Properties = c.distinctID(), Properties{}
	if l := c.properties(); l != nil {
		rc.Properties = event.Clone(l.Values())
	}
	return rc, true
}

// carried is a request context as a context carries it.
type carried struct {
	rc    RequestContext // with inherited ids, and properties of its own only
	root  *carried       // of the whole request
	below layered        // what its properties are added to, or nil

	identified atomic.Pointer[string]      // of a root: what SetDistinctId said
	steps      requestSteps                // of a root: what AddStep said
	marked     atomic.Pointer[requestMark] // of a root: what mark returns

	layer  *event.Layer // set within encode; nil without properties
	encode sync.Once
	named  bool // the distinct id was given to a part of the request
}

// A requestMark is what tells a request from others, to those who remember it
// longer than it lasts. It is not empty, so that each has an address of its own.
type requestMark struct{ _ byte }

// mark returns the mark of the request that c belongs to, the same each time.
func (c *carried) mark() *requestMark {
	if m := c.root.marked.Load(); m != nil {
		return m
	}
	m := new(requestMark)
	if inner, ok := c.root.below.(interface{ outer() *carried }); ok {
		if outer := inner.outer(); outer != nil {
			m = outer.mark()
		}
	}
	c.root.marked.CompareAndSwap(nil, m)
	return c.root.marked.Load()
}

type requestContextKey struct{}

// under puts c into a context below ctx.
func (c *carried) under(ctx context.Context) context.Context {
	if len(c.rc.Properties) > 0 {
		c.rc.Properties = event.Clone(c.rc.Properties)
	}
	if ctx == nil {
		ctx = context.Background()
	}
	return context.WithValue(ctx, requestContextKey{}, c)
}

func requestContext(ctx context.Context) *carried {
	if ctx == nil {
		return nil
	}
	c, _ := ctx.Value(requestContextKey{}).(*carried)
	return c
}

// distinctID is who events within c are about.
func (c *carried) distinctID() string {
	if id := c.root.identified.Load(); id != nil && !c.named {
		return *id
	}
	return c.rc.DistinctId
}

// properties are those of c and of what it inherits from, put together for the
// first event that needs them.
func (c *carried) properties() *event.Layer {
	c.encode.Do(func() {
		switch own := c.rc.Properties; {
		case c.below != nil:
			c.layer = c.below.with(own)
		case len(own) > 0:
			c.layer = event.NewLayer(nil, own)
		}
	})
	return c.layer
}

// layered has properties that others are added to: a request context, and in
// programs with the middleware a request.
type layered interface {
	// with returns its properties with own on top.
	with(own Properties) *event.Layer
}

func (c *carried) with(own Properties) *event.Layer {
	inherited := c.properties()
	switch {
	case len(own) == 0:
		return inherited
	case inherited == nil:
		return event.NewLayer(nil, own)
	}
	all := maps.Clone(inherited.Values())
	maps.Copy(all, own)
	return event.NewLayer(nil, all)
}

// apply makes c what the draft's request context says.
func (c *carried) apply(d *event.Draft) {
	d.Layer = c.properties()
	d.SessionID, d.WindowID, d.DeviceID = c.rc.SessionId, c.rc.WindowId, c.rc.DeviceId
	if event.Blank(d.DistinctID) {
		d.DistinctID = c.distinctID()
	}
}
