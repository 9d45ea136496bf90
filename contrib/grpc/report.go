package posthoggrpc

import (
	"maps"
	"net/http"
	"reflect"
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

// What reports the failures of calls.
const (
	sourcePanic = "go.grpc_recover_interceptor"
	sourceError = "go.grpc_interceptor"
)

// headerRequestID is what proxies call the id of a request.
const headerRequestID = "X-Request-Id"

// propertyStatus is the property of an exception that calls have not.
const propertyStatus = "$response_status_code"

// maxID is how many characters of a request's id are kept.
const maxID = 1000

// errPanicked is how a call ends whose panic does. Whoever calls has no use for
// more, and might tell it to others.
var errPanicked = status.Error(codes.Internal, "internal error")

// translate makes the options of a request those of a call. What the
// application says goes before what the interceptor knows.
func translate(o *posthog.RequestContextOptions) {
	collect, behind, describe := o.RequestProperties, o.ServerError, o.ReportOptions
	o.RequestProperties = func(r *http.Request) posthog.Properties { return identified(r, ask(collect, r)) }
	o.ServerError = func(r *http.Request) error {
		if err := ask(behind, r); err != nil {
			return err
		}
		return callOf(r).failure()
	}
	recovers := o.RecoverPanics
	o.ReportOptions = func(r *http.Request) []posthog.ExceptionOption {
		return append([]posthog.ExceptionOption{callOf(r).describe(recovers)}, ask(describe, r)...)
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

// failure returns the error that the call ended with, and only the status if
// there is no more to it.
func (c *call) failure() error {
	err := c.err
	if !c.returned {
		err = errPanicked
	}
	if reflect.TypeOf(err) != statusError {
		return err
	}
	s := statusOf(err)
	return posthog.StatusError{Title: "gRPC " + s.Code().String(), Text: s.Message()}
}

// statusError is the type of an error that is nothing but a status, which has
// no name outside of gRPC.
var statusError = reflect.TypeOf(errPanicked)

// describe tells of the call what an exception tells of a request. Recovers is
// whether its panics end.
func (c *call) describe(recovers bool) posthog.ExceptionOption {
	return func(o *posthog.ExceptionOptions) {
		delete(o.Properties, propertyStatus)
		switch {
		case c.returned:
			o.Source = sourceError
			o.Properties[propertyCode] = statusOf(c.err).Code().String()
			return
		case recovers:
			o.Properties[propertyCode] = codes.Internal.String()
		}
		o.Source = sourcePanic
	}
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
		if kept++; kept > maxID {
			return text[:i]
		}
	}
	return text
}
