package posthoggin

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/hedgerow/posthog"
)

// source is what reports the failures of requests.
const source = "go.gin"

// explain makes reports say what gin knows. What the application says goes
// before that.
func explain(o *posthog.RequestContextOptions) {
	behind, describe := o.ServerError, o.ReportOptions
	o.ServerError = func(r *http.Request) error {
		if err := ask(behind, r); err != nil {
			return err
		}
		return failure(ContextOf(r).Errors)
	}
	o.ReportOptions = func(r *http.Request) []posthog.ExceptionOption {
		return append([]posthog.ExceptionOption{posthog.WithSource(source, "")}, ask(describe, r)...)
	}
}

// failure returns the errors of a request without what gin puts around each, the
// last one first, as it is the one that most likely became the answer.
func failure(all []*gin.Error) error {
	var errs []error
	for _, e := range slices.Backward(all) {
		if e != nil && e.Err != nil {
			errs = append(errs, e.Err)
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
