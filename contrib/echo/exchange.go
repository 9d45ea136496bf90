package posthogecho

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v5"
)

// exchange is the context of a request, with Echo's.
type exchange struct {
	context.Context //nolint:containedctx // it is one: that of the request, with a value more

	echo     *echo.Context
	next     echo.HandlerFunc
	returned bool  // next has; otherwise it panicked
	err      error // what it returned
}

type exchangeKey struct{}

// Value returns x, or what the context of the request has.
func (x *exchange) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return x
	}
	return x.Context.Value(key)
}

// of returns the exchange that r is part of, or nil.
func of(r *http.Request) *exchange {
	x, _ := r.Context().Value(exchangeKey{}).(*exchange)
	return x
}
