package posthog

import (
	"fmt"
	"net/http"
)

// StatusError is how a request ended, where nobody knows why: the error that
// [WithCaptureServerErrors] reports of an answer with a status of 500 and above,
// and one for [RequestContextOptions.ServerError] to return where a framework
// has other words for that. It says so little that it is not reported if an
// error, or something worse, was captured within the request.
type StatusError struct {
	// Title is the title of the issue, such as "HTTP 503".
	Title string
	// Text is what was answered, such as "Service Unavailable". It may be empty.
	Text string
}

// ErrorType returns Title.
func (e StatusError) ErrorType() string { return e.Title }

// Error returns Text, or Title if there is none.
func (e StatusError) Error() string {
	if e.Text == "" {
		return e.Title
	}
	return e.Text
}

// serverError returns the error behind an answer with that status, and says
// whether that is nothing but the status.
func (in *inbound) serverError(r *http.Request, status int) (bare bool, err error) {
	if err = in.failure(r); err == nil {
		err = StatusError{Title: fmt.Sprintf("HTTP %d", status), Text: http.StatusText(status)}
	}
	_, bare = err.(StatusError) //nolint:errorlint // an error that wraps one has something to say
	return bare, err
}

// failure asks the program for the error behind an answer.
func (in *inbound) failure(r *http.Request) (err error) {
	defer func() {
		if recover() != nil {
			err = nil
		}
	}()
	if in.middleware.options.ServerError == nil {
		return nil
	}
	return in.middleware.options.ServerError(r)
}

// reportOptions asks the program for what it has to say of a report.
func (in *inbound) reportOptions(r *http.Request) (opts []ExceptionOption) {
	defer func() {
		if recover() != nil {
			opts = nil
		}
	}()
	if in.middleware.options.ReportOptions == nil {
		return nil
	}
	return in.middleware.options.ReportOptions(r)
}

// madeUp says of an exception that there was none.
func madeUp(o *ExceptionOptions) { o.Synthetic = new(true) }

// escaped says of a panic whether the middleware ends it.
func (in *inbound) escaped(o *ExceptionOptions) {
	o.Handled = new(in.middleware.options.RecoverPanics)
}

// end answers a request whose handler panicked. An answer that has begun is
// broken off, so that nobody takes it for a whole one.
func (in *inbound) end(w http.ResponseWriter) {
	switch {
	case in.answer.Hijacked():
	case in.answer.Status() != 0:
		panic(http.ErrAbortHandler) //nolint:forbidigo // this is how net/http is told
	default:
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}
