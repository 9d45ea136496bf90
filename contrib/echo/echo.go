// Package posthogecho carries who a request is made by through Echo: events
// know their person, session and route by themselves. It is for Echo v5, the
// current version.
//
//	e := echo.New()
//	e.Use(middleware.Recover(), posthogecho.Middleware(
//		posthog.WithCapturePanics(client),
//		posthog.WithCaptureServerErrors(client),
//	))
//	e.POST("/orders/:id/payment", func(c *echo.Context) error {
//		err := client.EnqueueWithContext(c.Request().Context(), posthog.Capture{Event: "order paid"})
//		…
//	})
//
// It is [posthog.NewRequestContextMiddleware], with the same options, told what
// Echo knows: $request_route is Echo's pattern, "/orders/:id/payment", the
// status is the one that an error stands for, and the report of an answer of 500
// and above is about that error.
//
// # Errors
//
// That report has the error's type, its text, the errors that it wraps, and the
// stack if it brought one along, with the source go.echo. An error that the
// handler captured itself, or that wraps nothing but errors that it captured,
// such as an [echo.HTTPError], is not reported again. An error that is nothing
// but a status, as [echo.ErrBadGateway] is, and an [echo.HTTPError] that wraps
// none, is "HTTP 502", with its message, and is not reported if the request
// captured an error before. [posthog.WithServerError] names another error, and
// [posthog.WithReportOptions] adds to reports, such as a fingerprint. The limits
// of [posthog.ErrorTrackingConfig] hold for all of it.
//
// # Panics
//
// [posthog.WithCapturePanics] reports a panic with its stack and passes it on,
// so middleware.Recover, which makes an error of it, stands in front. Behind, it
// ends panics before anybody sees them, and what is left to report is the error,
// without its stack. With [posthog.WithRecoverPanics] the middleware makes
// [echo.ErrInternalServerError] of a panic, and needs no other.
//
// # The order
//
// The middleware belongs into Use, as routes are not known in Pre, and sees what
// is registered after it. So what ends panics stands in front, and
// authentication may stand on either side. In front, an option asks what it
// found out:
//
//	posthog.WithRequestIdentity(func(r *http.Request) string {
//		user, _ := posthogecho.ContextOf(r).Get("user").(string)
//		return user
//	})
//
// Behind, it says so itself:
//
//	posthog.SetDistinctId(c.Request().Context(), user.ID)
//
// An error is answered by [echo.Echo]'s HTTPErrorHandler, after all
// middlewares. Until then its status is what [echo.ResolveResponseStatus] says,
// which Echo's own logger goes by as well: 500, if the error has none. Errors
// that a handler of the application's own answers otherwise should have a
// StatusCode method.
//
// $ip follows [posthog.WithTrustedProxies], and not Echo's IPExtractor.
//
// Everything runs on the goroutine of the request; the package starts none, and
// keeps nothing of a request that has ended. It leaves Echo's response alone, so
// streams and upgrades work as without it.
//
// # Echo v4
//
// Echo v4 gets fixes until the end of 2026 and needs no package. Its own
// adapter takes the middleware; what is missing is the route, and the reports of
// errors that a handler returned, as they are not answered yet:
//
//	e.Use(echo.WrapMiddleware(func(next http.Handler) http.Handler {
//		return posthog.NewRequestContextMiddleware(next, posthog.WithCapturePanics(client))
//	}))
package posthogecho

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/hedgerow/posthog"
)

// Middleware returns a middleware that gives every request a fresh
// [posthog.RequestContext], and reports how it fails if the options say so. They
// are those of [posthog.NewRequestContextMiddleware]; none means ids from
// headers and no reports. The middleware may be used by several instances and
// groups at once.
func Middleware(opts ...posthog.RequestContextOption) echo.MiddlewareFunc {
	own := make([]posthog.RequestContextOption, 0, len(opts)+1)
	own = append(own, opts...)
	own = append(own, explain) // sees what the others have set
	middleware := posthog.NewRequestContextMiddleware(http.HandlerFunc(proceed), own...)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			x := exchange{Context: c.Request().Context(), echo: c, next: next}
			middleware.ServeHTTP(silent{}, c.Request().WithContext(&x)) // Echo has set its Pattern
			if !x.returned {                                            // but its panic ended
				return echo.ErrInternalServerError
			}
			return x.err
		}
	}
}

// ContextOf returns Echo's context of a request that [Middleware] has seen, and
// nil of others. It is for the functions of the options, which are called
// during the request; Echo uses a context again when its request has ended.
func ContextOf(r *http.Request) *echo.Context {
	if x := of(r); x != nil {
		return x.echo
	}
	return nil
}

// proceed runs the handler that follows.
func proceed(w http.ResponseWriter, r *http.Request) {
	x := of(r)
	x.echo.SetRequest(r)
	defer func() {
		resp, status := echo.ResolveResponseStatus(x.echo.Response(), x.err)
		if x.returned || resp != nil && resp.Committed { // the answer to a panic is still to come
			w.WriteHeader(status)
		}
	}()
	x.err = x.next(x.echo)
	x.returned = true
}

// silent is the writer of an answer that Echo writes.
type silent struct{}

func (silent) Header() http.Header            { return http.Header{} }
func (silent) Write(body []byte) (int, error) { return len(body), nil }
func (silent) WriteHeader(int)                {}
