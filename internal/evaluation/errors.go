package evaluation

import "errors"

// What keeps a question from being answered, besides the *remote.Error of a failed request.
var (
	// ErrNotLoaded: there are no definitions, yet, and nobody else may be asked.
	ErrNotLoaded = errors.New("feature flag definitions are not loaded")
	// ErrInconclusive: the definitions do not decide, and nobody else may be asked. Record.Inconclusive says why.
	ErrInconclusive = errors.New("feature flag cannot be evaluated locally")
	// ErrFailed: the server could not evaluate the flag.
	ErrFailed = errors.New("server failed to evaluate the feature flag")
	// ErrIncomplete: the server's answer does not have the flag, and cannot prove that there is none.
	ErrIncomplete = errors.New("server's answer is incomplete and does not have the feature flag")
	// ErrNoIdentity: the definitions do not decide, and without a distinct id the server cannot be asked.
	ErrNoIdentity = errors.New("feature flag request has no distinct id")
	// ErrClosed: the request was not made, or given up, because of Engine.Close.
	ErrClosed = errors.New("feature flags are closed")
)
