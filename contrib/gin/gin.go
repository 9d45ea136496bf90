// Package posthoggin carries who a request is made by through gin: events know
// their person, session and route by themselves.
//
//	router := gin.New()
//	router.Use(gin.Recovery(), posthoggin.Middleware(
//		posthog.WithCapturePanics(client),
//		posthog.WithCaptureServerErrors(client),
//	))
//	router.POST("/orders/:id/payment", func(c *gin.Context) {
//		err := client.EnqueueWithContext(c.Request.Context(), posthog.Capture{Event: "order paid"})
//		…
//	})
//
// It is [posthog.NewRequestContextMiddleware], with the same options, told what
// gin knows: $request_route is gin's pattern, "/orders/:id/payment", the status
// is the one that gin will answer with, and the report of an answer of 500 and
// above is about the error that the request was given, with [gin.Context.Error]
// or [gin.Context.AbortWithError].
//
// # Errors
//
// That report has the error's type, its text, the errors that it wraps, and the
// stack if it brought one along, with the source go.gin. Of several errors the
// last one is first. An error that the handler captured itself, or that wraps
// nothing but errors that it captured, is not reported again. A status without
// an error is "HTTP 502", and is not reported if the request captured an error
// before. [posthog.WithServerError] names another error, and
// [posthog.WithReportOptions] adds to reports, such as a fingerprint. The limits
// of [posthog.ErrorTrackingConfig] hold for all of it.
//
// # Panics
//
// [posthog.WithCapturePanics] reports a panic with its stack and passes it on,
// so [gin.Recovery], which answers it, stands in front, as it does in
// [gin.Default]. Behind, it ends panics before anybody sees them, and all that is
// left to report is an answer of 500. With [posthog.WithRecoverPanics] the
// middleware answers by itself, and needs no other.
//
// # The context
//
// The request context is in c.Request.Context(). A [gin.Context] is a context,
// too, but has what that of its request has only if [gin.Engine]'s
// ContextWithFallback is set. Work that goes on after the request needs
// [context.WithoutCancel] of c.Request.Context(): gin uses a gin.Context again.
//
// # The order
//
// The middleware sees what is registered after it. So what ends panics stands in
// front; what turns errors into answers stands behind, because the status decides
// whether an error is reported; and authentication may stand on either side. In
// front, an option asks what it found out:
//
//	posthog.WithRequestIdentity(func(r *http.Request) string {
//		return posthoggin.ContextOf(r).GetString(gin.AuthUserKey)
//	})
//
// Behind, it says so itself:
//
//	posthog.SetDistinctId(c.Request.Context(), user.ID)
//
// $ip follows [posthog.WithTrustedProxies], and not gin's own trusted proxies,
// which are everybody unless the program says otherwise.
//
// Everything runs on the goroutine of the request; the package starts none, and
// keeps nothing of a request that has ended. It leaves gin's writer alone, so
// streams and upgrades work as without it.
package posthoggin

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hedgerow/posthog"
)

// Middleware returns a handler that gives every request a fresh
// [posthog.RequestContext], and reports how it fails if the options say so. They
// are those of [posthog.NewRequestContextMiddleware]; none means ids from
// headers and no reports. The handler may be used by several engines and groups
// at once.
func Middleware(opts ...posthog.RequestContextOption) gin.HandlerFunc {
	own := make([]posthog.RequestContextOption, 0, len(opts)+1)
	own = append(own, opts...)
	own = append(own, explain) // sees what the others have set
	middleware := posthog.NewRequestContextMiddleware(http.HandlerFunc(proceed), own...)
	return func(c *gin.Context) {
		e := exchange{Context: c.Request.Context(), gin: c}
		r := c.Request.WithContext(&e)
		if route := c.FullPath(); route != "" {
			r.Pattern = route
		}
		middleware.ServeHTTP(silent{}, r)
		if !e.returned { // but its panic ended
			c.AbortWithStatus(http.StatusInternalServerError)
		}
	}
}

// ContextOf returns gin's context of a request that [Middleware] has seen, and
// nil of others. It is for the functions of the options, which are called
// during the request; gin uses a context again when its request has ended.
func ContextOf(r *http.Request) *gin.Context {
	if e, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		return e.gin
	}
	return nil
}

// proceed runs the handlers that follow.
func proceed(w http.ResponseWriter, r *http.Request) {
	e, _ := r.Context().Value(exchangeKey{}).(*exchange)
	e.gin.Request = r
	defer func() {
		if e.returned || e.gin.Writer.Written() { // the answer to a panic is still to come
			w.WriteHeader(e.gin.Writer.Status())
		}
	}()
	e.gin.Next()
	e.returned = true
}

// silent is the writer of an answer that gin writes.
type silent struct{}

func (silent) Header() http.Header            { return http.Header{} }
func (silent) Write(body []byte) (int, error) { return len(body), nil }
func (silent) WriteHeader(int)                {}
