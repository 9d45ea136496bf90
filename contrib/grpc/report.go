package posthoggrpc

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hedgerow/posthog"
)

// The properties that a call has, and other requests have not.
const (
	propertyRequestID = "$request_id"
	propertyCode      = "$grpc_status_code"
)

// headerRequestID is what proxies call the id of a request.
const headerRequestID = "X-Request-Id"

// propertyStatus is the property of an exception that calls have not.
const propertyStatus = "$response_status_code"

// maxText is how many characters of a text from outside are kept.
const maxText = 1000

// translate makes the options of a request those of a call.
func translate(o *posthog.RequestContextOptions) {
	if o.PanicCaptureClient != nil {
		o.PanicCaptureClient = translator{o.PanicCaptureClient}
	}
	if o.ServerErrorCaptureClient != nil {
		o.ServerErrorCaptureClient = translator{o.ServerErrorCaptureClient}
	}
	collect := o.RequestProperties
	o.RequestProperties = func(r *http.Request) posthog.Properties {
		var properties posthog.Properties
		if collect != nil {
			properties = collect(r)
		}
		return identified(r, properties)
	}
}

// identified returns properties with the id of r, if it has one and they do not
// say otherwise. Properties are the application's, and stay as they are.
func identified(r *http.Request, properties posthog.Properties) posthog.Properties {
	id := short(r.Header.Get(headerRequestID))
	if _, known := properties[propertyRequestID]; known || id == "" {
		return properties
	}
	properties = maps.Clone(properties)
	if properties == nil {
		properties = make(posthog.Properties, 1)
	}
	properties[propertyRequestID] = id
	return properties
}

// translator is a client that is told of calls what happened to requests.
type translator struct{ client posthog.EnqueueClient }

// Enqueue enqueues msg.
func (t translator) Enqueue(msg posthog.Message) error { return t.client.Enqueue(msg) }

// EnqueueWithContext enqueues msg in the words of gRPC.
func (t translator) EnqueueWithContext(ctx context.Context, msg posthog.Message) error {
	c, _ := ctx.Value(callKey{}).(*call)
	if exception, ok := msg.(posthog.Exception); ok && c != nil {
		c.describe(&exception)
		msg = exception
	}
	return posthog.EnqueueWithContext(ctx, t.client, msg)
}

// describe tells of the call what msg tells of a request.
func (c *call) describe(msg *posthog.Exception) {
	delete(msg.Properties, propertyStatus)
	if c.err == nil { // it panicked
		return
	}
	s := statusOf(c.err)
	msg.Properties[propertyCode] = s.Code().String()
	msg.ExceptionList[0].Type = "gRPC " + s.Code().String()
	msg.ExceptionList[0].Value = short(s.Message())
}

// statusOf returns the status that a server answers with if a call ends with
// err.
func statusOf(err error) *status.Status {
	if s, ok := status.FromError(err); ok {
		return s
	}
	return status.FromContextError(err)
}

// serversFault reports whether err, the end of a call, says that the server
// failed, and not the caller.
func serversFault(err error) bool {
	switch statusOf(err).Code() {
	case codes.OK, codes.Canceled, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied,
		codes.ResourceExhausted, codes.FailedPrecondition, codes.Aborted, codes.OutOfRange, codes.Unauthenticated:
		return false
	default: // Unknown, DeadlineExceeded, Unimplemented, Internal, Unavailable, DataLoss, and what comes later
		return true
	}
}

// short returns as much of text as is kept.
func short(text string) string {
	text = strings.TrimSpace(text)
	kept := 0
	for i := range text {
		if kept++; kept > maxText {
			return text[:i]
		}
	}
	return text
}
