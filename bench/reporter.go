package main

import (
	"context"
	"encoding/json"
)

// A reporter reports errors with one of the libraries.
type reporter interface {
	// Report reports the i-th error that a person met.
	Report(i int, err error) error
	// Flush returns when everything that was reported has been sent.
	Flush(ctx context.Context) error
	// Close ends the client.
	Close(ctx context.Context) error
}

// An archive is where reports arrive.
type archive interface {
	// Tally says how many did.
	Tally(ctx context.Context) (tally, error)
	// Sample returns some that did since it was asked before.
	Sample(ctx context.Context) ([]incident, error)
	Stop() error
}

// A path is a way for an error to its library.
type path struct {
	name  string
	open  func(ctx context.Context) (reporter, archive, error)
	title string // that arrives
	chain int    // errors that arrive of one that wraps another
}

// Name is what messages call it.
func (p path) Name() string { return p.name }

// The ways that are compared.
var (
	ourCapture    = path{"CaptureException", toSink(openOurs), "chargeError", 2}
	ourSlog       = path{"the slog handler", toSink(openOurSlog), "chargeError", 2}
	theirCapture  = path{"posthog-go", toSink(openTheirs), "chargeError", 1}
	theirSlog     = path{"posthog-go's slog handler", toSink(openTheirSlog), slogMessage, 1}
	sentryCapture = path{"sentry-go", openSentry, "chargeError", 2}
)

// toSink makes a reporter send to a sink in another process.
func toSink(open func(url string) (reporter, error)) func(context.Context) (reporter, archive, error) {
	return func(ctx context.Context) (reporter, archive, error) {
		server, err := startSink(ctx)
		if err != nil {
			return nil, nil, err
		}
		r, err := open(server.URL)
		if err != nil {
			server.Stop() //nolint:errcheck // what went wrong before says more
			return nil, nil, err
		}
		return r, server, nil
	}
}

// Sample returns the exceptions of a body that came since it was asked before.
func (s *sinkProcess) Sample(ctx context.Context) ([]incident, error) {
	var body json.RawMessage
	if err := s.ask(ctx, samplePath, &body); err != nil {
		return nil, err
	}
	return incidents(body)
}
