package posthog

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// Errors of the methods about feature flags, for errors.Is.
var (
	// ErrFlagNotFound means that the project has no such flag.
	ErrFlagNotFound = errors.New("feature flag not found")
	// ErrNoSecretKey means that the call needs [Config.SecretKey], or another
	// source of definitions: it asks for local evaluation, for the definitions,
	// or for the payload of a remote config.
	ErrNoSecretKey = errors.New("no SecretKey provided")
	// ErrNoPersonalAPIKey is the older name of ErrNoSecretKey.
	//
	// Deprecated: use ErrNoSecretKey, which is the same value.
	ErrNoPersonalAPIKey = ErrNoSecretKey
	// ErrNoDistinctID means that a flag was asked for without a distinct id,
	// which none stands in for.
	ErrNoDistinctID = errors.New("no distinct_id provided")
	// ErrNoPayload means that the flag has no payload for this value.
	ErrNoPayload = errors.New("feature flag has no payload")
	// ErrDefinitionsNotLoaded means that a flag was to be evaluated without a
	// request before the definitions were there.
	ErrDefinitionsNotLoaded = evaluation.ErrNotLoaded
	// ErrInconclusive means that the definitions and what is known of the person
	// do not decide the flag, and that a request was not allowed. A [*FlagError]
	// says what is missing.
	ErrInconclusive = evaluation.ErrInconclusive
	// ErrFlagFailed means that PostHog answered, but could not evaluate the flag.
	ErrFlagFailed = evaluation.ErrFailed
	// ErrQuotaLimited means that the project has used up its flag requests.
	ErrQuotaLimited = errors.New("the project has used up its quota of feature flag requests")
)

// The words that the property $feature_flag_error of a $feature_flag_called
// event consists of, separated by commas. [FlagError.Code] has them as well.
const (
	// FeatureFlagErrorErrorsWhileComputing: PostHog could not evaluate all flags.
	FeatureFlagErrorErrorsWhileComputing = "errors_while_computing_flags"
	// FeatureFlagErrorFlagMissing: there is no such flag.
	FeatureFlagErrorFlagMissing = "flag_missing"
	// FeatureFlagErrorEvaluationFailed: PostHog could not evaluate this flag, or
	// the definitions do not decide it and no request was allowed.
	FeatureFlagErrorEvaluationFailed = "evaluation_failed"
	// FeatureFlagErrorQuotaLimited: the project has used up its quota.
	FeatureFlagErrorQuotaLimited = "quota_limited"
	// FeatureFlagErrorTimeout: there was no answer in time.
	FeatureFlagErrorTimeout = "timeout"
	// FeatureFlagErrorConnectionError: there was no way to PostHog.
	FeatureFlagErrorConnectionError = "connection_error"
	// FeatureFlagErrorUnknownError: anything else.
	FeatureFlagErrorUnknownError = "unknown_error"
	// FeatureFlagErrorAPIErrorPrefix is followed by the status of an answer that
	// was an error.
	FeatureFlagErrorAPIErrorPrefix = "api_error_"
)

// FlagError says why there is no answer about a flag, or why some are missing
// from a snapshot. errors.Is finds in it [ErrInconclusive],
// [ErrDefinitionsNotLoaded], [ErrFlagFailed], [ErrQuotaLimited] and [ErrClosed],
// and the error of a context that ended; errors.As finds an [*APIError].
type FlagError struct {
	// Key is the flag, empty where the error is about several.
	Key string
	// Code is the word for $feature_flag_error, such as "timeout", empty where
	// nobody was asked.
	Code string
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Attempts counts the requests that were made.
	Attempts int
	// Why is what local evaluation lacked, such as [flags.MissingGroup], zero
	// where that is not the cause.
	Why flags.Why
	// MissingProperties are what local evaluation would have had to know, sorted.
	MissingProperties []flags.Property
	// Err is the cause.
	Err error
}

// Error says in one line what happened.
func (e *FlagError) Error() string {
	var b strings.Builder
	b.WriteString("posthog: feature flag")
	if e.Key == "" {
		b.WriteByte('s')
	} else {
		fmt.Fprintf(&b, " %q", e.Key)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Why != 0 && len(e.MissingProperties) == 0 {
		fmt.Fprintf(&b, " (%v)", e.Why)
	}
	for i, p := range e.MissingProperties {
		if i == 0 {
			b.WriteString("; not given: ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *FlagError) Unwrap() error { return e.Err }

// Is reports whether target is ErrQuotaLimited and the quota is the cause.
func (e *FlagError) Is(target error) bool {
	return target == ErrQuotaLimited && e.Code == FeatureFlagErrorQuotaLimited
}

// As stores an [*APIError] if PostHog answered with an error status.
func (e *FlagError) As(target any) bool {
	api, ok := target.(**APIError)
	if !ok || e.Status < 300 {
		return false
	}
	*api = NewAPIError(e.Status, e.Err.Error())
	return true
}

// APIError is an answer of PostHog's with an error status. Programs written for
// posthog-go look for it with errors.As.
type APIError struct {
	// StatusCode is the HTTP status.
	StatusCode int
	// Message describes it.
	Message string
}

// NewAPIError returns an APIError.
func NewAPIError(statusCode int, message string) *APIError {
	return &APIError{StatusCode: statusCode, Message: message}
}

// Error returns the message.
func (e *APIError) Error() string { return e.Message }

// flagError makes the error of an evaluation, or of a request, the caller's.
func flagError(key string, why *flags.Inconclusive, err error) error {
	if err == nil {
		return nil
	}
	e := &FlagError{Key: key, Err: err}
	if why != nil && errors.Is(err, ErrInconclusive) {
		e.Why, e.MissingProperties = why.Why, why.MissingProperties
	}
	if failed, ok := errors.AsType[*remote.Error](err); ok {
		e.Code, e.Status, e.Attempts = failed.Word(), failed.Status, failed.Attempts
	}
	switch {
	case errors.Is(err, evaluation.ErrClosed), errors.Is(err, flagsync.ErrClosed), errors.Is(err, remote.ErrClosed):
		e.Err = ErrClosed
	case errors.Is(err, evaluation.ErrFailed):
		e.Code = FeatureFlagErrorEvaluationFailed
	case errors.Is(err, evaluation.ErrIncomplete):
		e.Code = FeatureFlagErrorErrorsWhileComputing
	case errors.Is(err, evaluation.ErrNoIdentity):
		e.Err = ErrNoDistinctID
	case errors.Is(err, flagsync.ErrNoSource), errors.Is(err, remote.ErrNoSecret):
		e.Err = ErrNoSecretKey
	}
	return e
}
