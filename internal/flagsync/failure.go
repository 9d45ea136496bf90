package flagsync

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
)

// StatusError is an answer of PostHog's that brings no definitions.
type StatusError struct {
	// Status is the HTTP status.
	Status int
	// Message is the server's own text or what a redirect did, on one line; possibly empty.
	Message string
	// RetryAfter is the pause that the server asked for, 0 if it did not.
	RetryAfter time.Duration
}

// Error names the status and the message.
func (e *StatusError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("PostHog answered %d", e.Status)
	}
	return fmt.Sprintf("PostHog answered %d: %s", e.Status, e.Message)
}

// documentError is an answer that is no definitions document.
type documentError struct{ err error }

func (e *documentError) Error() string { return "not a definitions document: " + e.err.Error() }
func (e *documentError) Unwrap() error { return e.err }

// status returns the HTTP status that a load failed with, 0 if it failed otherwise.
func status(err error) int {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Status
	}
	return 0
}

// refused reports whether PostHog will give the same answer until somebody does something about it, so that to
// ask again soon helps nobody.
func refused(err error) bool {
	s := status(err)
	return s != 0 && s < 500 && s != http.StatusRequestTimeout
}

// kind names the failures that are reported once in a streak.
func kind(err error) string {
	if s := status(err); s != 0 {
		return http.StatusText(s) + fmt.Sprint(s)
	}
	if _, ok := errors.AsType[*documentError](err); ok {
		return "document"
	}
	return "connection"
}

// explain says what a failed load means, and how serious it is.
func explain(err error, c *Config, loaded bool) (notice.Level, string) {
	rest := "the definitions that are loaded stay in use"
	if !loaded {
		rest = "none are loaded"
	}
	text := fmt.Sprintf("posthog: load feature flag definitions: %v; %s", err, rest)
	switch status(err) {
	case http.StatusPaymentRequired:
		return notice.Error, fmt.Sprintf("posthog: load feature flag definitions: %v; the project's quota of feature flag "+
			"requests is used up, so all definitions were cleared until PostHog hands them out again", err)
	case http.StatusUnauthorized:
		return notice.Error, text + "; " + wrongKey(c.Secret, "is not, or no longer, a key that PostHog knows")
	case http.StatusForbidden:
		return notice.Error, text + "; " + wrongKey(c.Secret, "has no right to read the feature flags of this project")
	case http.StatusTooManyRequests:
		return notice.Warn, text + "; this project's processes ask too often: raise the interval or share the definitions between them"
	case http.StatusBadRequest, http.StatusNotFound:
		return notice.Warn, text + "; check the endpoint and the project key"
	}
	return notice.Warn, text
}

// wrongKey says which kind of key the secret is, and what is wrong with it. Keys themselves are never named.
func wrongKey(secret, trouble string) string {
	secret = strings.TrimSpace(secret)
	switch {
	case strings.HasPrefix(secret, "phc_"):
		return "the secret key begins with phc_, so it is the public project key: " +
			"use a project secret key (phs_) or a personal API key (phx_)"
	case strings.HasPrefix(secret, "phs_"):
		return "the project secret key (phs_) " + trouble + ": compare it with the project's settings"
	case strings.HasPrefix(secret, "phx_"):
		return "the personal API key (phx_) " + trouble + ": it needs the scope to read feature flags and access to the project"
	}
	return "the secret key is neither a project secret key (phs_) nor a personal API key (phx_)"
}
