package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"
)

// sentryReporter reports with Sentry's library for Go.
type sentryReporter struct {
	hub        *sentry.Hub
	properties func(i int) map[string]any
}

func openSentry(context.Context) (reporter, archive, error) {
	kept := new(sentryArchive)
	client, err := sentry.NewClient(sentry.ClientOptions{Dsn: "https://bench@example.com/1", Transport: kept})
	if err != nil {
		return nil, nil, err
	}
	return sentryReporter{sentry.NewHub(client, sentry.NewScope()), prebuilt(shape{Build: errorProperties})}, kept, nil
}

// Report implements reporter. It does by hand what WithScope does, which would be one more call of the stack.
func (r sentryReporter) Report(i int, err error) error {
	scope := r.hub.PushScope()
	defer r.hub.PopScope()
	scope.SetUser(sentry.User{ID: person(i)})
	scope.SetContext(sentryContext, r.properties(i))
	if r.hub.CaptureException(err) == nil {
		return errors.New("sentry-go dropped an error")
	}
	return nil
}

// sentryContext is under what Sentry shows the properties.
const sentryContext = "charge"

// Flush implements reporter.
func (r sentryReporter) Flush(ctx context.Context) error {
	if !r.hub.FlushWithContext(ctx) {
		return errors.New("sentry-go did not flush")
	}
	return nil
}

// Close implements reporter.
func (r sentryReporter) Close(context.Context) error {
	r.hub.Client().Close()
	return nil
}

// sentryArchive is a transport that counts events and keeps the last one. It is safe for concurrent use.
type sentryArchive struct {
	mu    sync.Mutex // guards the fields below
	count int
	last  *sentry.Event
}

// SendEvent implements sentry.Transport.
func (a *sentryArchive) SendEvent(e *sentry.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count++
	a.last = e
}

// Configure implements sentry.Transport.
func (*sentryArchive) Configure(sentry.ClientOptions) {}

// Flush implements sentry.Transport.
func (*sentryArchive) Flush(time.Duration) bool { return true }

// FlushWithContext implements sentry.Transport.
func (*sentryArchive) FlushWithContext(context.Context) bool { return true }

// Close implements sentry.Transport.
func (*sentryArchive) Close() {}

// Stop implements archive.
func (*sentryArchive) Stop() error { return nil }

// Tally implements archive. Each event came from a call of its own.
func (a *sentryArchive) Tally(context.Context) (tally, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return tally{Events: a.count, Distinct: a.count}, nil
}

// Sample implements archive. Sentry lists what is wrapped first.
func (a *sentryArchive) Sample(context.Context) ([]incident, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.last
	if a.last = nil; e == nil {
		return nil, nil
	}
	var i incident
	for _, exception := range slices.Backward(e.Exception) {
		i.Titles = append(i.Titles, exception.Type)
		if len(i.Titles) > 1 || exception.Stacktrace == nil {
			continue
		}
		for _, frame := range exception.Stacktrace.Frames {
			i.Functions = append(i.Functions, frame.Function)
		}
	}
	for name := range e.Contexts[sentryContext] {
		i.Properties = append(i.Properties, name)
	}
	return []incident{i}, nil
}
