package posthog

import (
	"errors"
	"fmt"
)

// Errors that callers branch on, with errors.Is.
var (
	// ErrClosed means that the client was closed before the call.
	ErrClosed = errors.New("the client was already closed")
	// ErrQueueFull means that the queue holds as many events or bytes as it
	// may, in memory or in the spool; see [Config.MaxQueueSize],
	// [Config.MaxQueueBytes], those of the same name that begin with CaptureAI,
	// [SpoolConfig.MaxBytes] and [Config.Overflow].
	ErrQueueFull = errors.New("the message queue is full")
	// ErrMessageTooBig means that the encoded event is larger than
	// [Config.MaxEventBytes], or [Config.CaptureAIMaxEventBytes] on [LaneAI], or
	// that PostHog found it too large, with status 413.
	ErrMessageTooBig = errors.New("the message exceeds the maximum allowed size")
	// ErrBillingLimit means that PostHog did not take the event because the
	// project has used up what its billing limit allows: it said so with status
	// 402, with the result "limited", or with a "drop" for being over quota. /batch/ says nothing of the kind, and answers
	// as if it had stored the event.
	ErrBillingLimit = errors.New("the project has reached its billing limit")
	// ErrSDKDisabled means that the client has no project API key.
	ErrSDKDisabled = errors.New("posthog SDK is disabled because project API key is missing")
	// ErrTooManyRequests exists for programs written for posthog-go. Nothing
	// returns it: a full queue is [ErrQueueFull].
	ErrTooManyRequests = errors.New("too many requests are already in-flight")
)

// FieldError reports a required field of a message that is empty or unusable.
type FieldError struct {
	// Type is the message's type, such as "posthog.Capture".
	Type string
	// Name is the field.
	Name string
	// Value is what it holds.
	Value interface{}
	// Reason says what is expected instead.
	Reason string
}

// Error says which field of what is invalid, and what is expected.
func (e FieldError) Error() string {
	reason := e.Reason
	if reason == "" {
		reason = "must not be empty or white space"
	}
	return fmt.Sprintf("%s.%s: invalid field value %#v: %s", e.Type, e.Name, e.Value, reason)
}

// ConfigError reports a field of [Config] that cannot be used.
type ConfigError struct {
	// Reason says what is wrong and what to do about it.
	Reason string
	// Field is the name of the field.
	Field string
	// Value is what it holds. Secrets are left out.
	Value interface{}
}

// Error says which field is invalid and why.
func (e ConfigError) Error() string {
	return fmt.Sprintf("posthog.Config.%s: %s (is %v)", e.Field, e.Reason, e.Value)
}

// UndeliveredError reports how many events a Flush or Close left undelivered.
type UndeliveredError struct {
	// Call is "flush" or "close".
	Call string
	// Events counts them. After a flush they are still queued; after a close
	// they are gone, except for those in the spool.
	Events int
	// Spooled counts those that a close left in the spool. The next client with
	// the same [SpoolConfig.Dir] and project key sends them.
	Spooled int
	// Err is why the call ended, such as context.DeadlineExceeded.
	Err error
}

// Error says how many events were left, and why.
func (e *UndeliveredError) Error() string {
	kept := ""
	if e.Spooled > 0 {
		kept = fmt.Sprintf(" (%d of them are in the spool, and the next start sends them)", e.Spooled)
	}
	return fmt.Sprintf("posthog: %s: %d events were not delivered%s: %v", e.Call, e.Events, kept, e.Err)
}

// Unwrap returns why the call ended.
func (e *UndeliveredError) Unwrap() error { return e.Err }
