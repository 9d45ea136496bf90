package posthoggin

import (
	"context"

	"github.com/gin-gonic/gin"
)

// exchange is the context of a request, with gin's.
type exchange struct {
	context.Context //nolint:containedctx // it is one: that of the request, with a value more

	gin      *gin.Context
	returned bool // the handlers that follow have; otherwise one panicked
}

type exchangeKey struct{}

// Value returns e, or what the context of the request has.
func (e *exchange) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return e
	}
	return e.Context.Value(key)
}
