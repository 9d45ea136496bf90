package evaluation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// interrupted is the failure of a question whose context ended before a request was made for it.
func interrupted(ctx context.Context) error {
	kind, err := remote.Canceled, ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		kind = remote.Timeout
	}
	return &remote.Error{Kind: kind, Err: err}
}

// over reports whether a context has ended, or is about to because its time is up.
func over(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() != nil || limited && !time.Now().Before(deadline)
}

// word is what $feature_flag_error says about a failure.
func word(err error) string {
	if failure, ok := errors.AsType[*remote.Error](err); ok {
		return failure.Word()
	}
	if errors.Is(err, ErrInconclusive) || errors.Is(err, ErrNotLoaded) {
		return wordEvaluation
	}
	return "unknown_error"
}

// givenUp reports whether the caller ended the question, or Close did, so that nobody wants a substitute for the answer.
func givenUp(err error) bool {
	failure, ok := errors.AsType[*remote.Error](err)
	return ok && failure.Kind == remote.Canceled || errors.Is(err, ErrClosed)
}

// refused reports whether a failure may be due to what was asked, so that another question may fare better.
func refused(err error) bool {
	failure, ok := errors.AsType[*remote.Error](err)
	return ok && (failure.Status == http.StatusBadRequest || failure.Status == http.StatusRequestEntityTooLarge)
}

// guarded calls what is the host's, whose panic is an error.
func guarded(call func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v", value)
		}
	}()
	return call()
}
