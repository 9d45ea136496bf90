package posthogecho

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/hedgerow/posthog"
)

// source is what reports the failures of requests.
const source = "go.echo"

// explain makes reports say what Echo knows. What the application says goes
// before that.
func explain(o *posthog.RequestContextOptions) {
	behind, describe := o.ServerError, o.ReportOptions
	o.ServerError = func(r *http.Request) error {
		if err := ask(behind, r); err != nil {
			return err
		}
		return failure(of(r).err)
	}
	o.ReportOptions = func(r *http.Request) []posthog.ExceptionOption {
		return append([]posthog.ExceptionOption{posthog.WithSource(source, "")}, ask(describe, r)...)
	}
}

// failure returns the error that a handler returned, and only the status if
// there is no more to it.
func failure(err error) error {
	switch e := err.(type) { //nolint:errorlint // an error around one of these says more
	case *middleware.PanicStackError: // it has a stack in its text, which the error of the panic has not
		return e.Err
	case *echo.HTTPError:
		if e.Unwrap() == nil {
			return bare(e.Code, e.Message)
		}
	default:
		if reflect.TypeOf(err) == statusError {
			return bare(echo.StatusCode(err), "")
		}
	}
	return err
}

// statusError is the type of Echo's errors that are nothing but a status, which
// has no name outside of Echo.
var statusError = reflect.TypeOf(echo.ErrInternalServerError)

// bare is an answer without an error behind it. Text is what it says, or
// nothing if that is what such a status always says.
func bare(status int, text string) posthog.StatusError {
	if text == "" {
		text = http.StatusText(status)
	}
	return posthog.StatusError{Title: fmt.Sprintf("HTTP %d", status), Text: text}
}
