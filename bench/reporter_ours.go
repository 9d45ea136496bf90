package main

import (
	"context"
	"log/slog"
	"math"

	"github.com/hedgerow/posthog"
)

// ourReporter reports with CaptureException.
type ourReporter struct {
	*posthog.ServerClient
	properties func(i int) map[string]any
}

func openOurs(url string) (reporter, error) { return newOurReporter(url) }

func newOurReporter(url string) (ourReporter, error) {
	config := settings{URL: url}.config()
	config.ErrorTracking.RateLimit = posthog.ExceptionRateLimit{Burst: math.MaxInt32, TotalBurst: math.MaxInt32} // of what is logged
	c, err := posthog.NewWithConfig(projectKey, config)
	return ourReporter{c, prebuilt(shape{Build: errorProperties})}, err
}

// Report implements reporter.
func (r ourReporter) Report(i int, err error) error {
	return r.CaptureException(context.Background(), err, posthog.WithDistinctId(person(i)), posthog.WithProperties(r.properties(i)))
}

// AgainBare reports an error in another line, without options.
func (r ourReporter) AgainBare(_ int, err error) error {
	return r.CaptureException(context.Background(), err)
}

// Again reports an error in another line.
func (r ourReporter) Again(i int, err error) error {
	return r.CaptureException(context.Background(), err, posthog.WithDistinctId(person(i)), posthog.WithProperties(r.properties(i)))
}

// Close implements reporter.
func (r ourReporter) Close(ctx context.Context) error { return r.CloseWithContext(ctx) }

// slogMessage is what is logged.
const slogMessage = "the card was not charged"

// ourSlogReporter reports with the slog handler.
type ourSlogReporter struct {
	ourReporter
	logger *slog.Logger
}

func openOurSlog(url string) (reporter, error) {
	r, err := newOurReporter(url)
	if err != nil {
		return nil, err
	}
	who := posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { return person(0) })
	// The handler treats a client of this library differently from any other, and so gets that, not what embeds it.
	return ourSlogReporter{r, slog.New(posthog.NewSlogCaptureHandler(slog.DiscardHandler, r.ServerClient, who))}, nil
}

// Report implements reporter.
func (r ourSlogReporter) Report(i int, err error) error {
	r.logger.LogAttrs(context.Background(), slog.LevelError, slogMessage, slog.Any("error", err),
		slog.String("tenant", "example.com"), slog.Int("order", i), slog.Float64("total", 12.95))
	return nil
}
