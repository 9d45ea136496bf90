package main

import (
	"context"
	"log/slog"
	"time"

	rival "github.com/posthog/posthog-go"
)

// theirReporter reports with posthog-go's exceptions, which are a title and a text.
type theirReporter struct {
	posthogGoClient
	properties func(i int) map[string]any
}

func openTheirs(url string) (reporter, error) { return newTheirReporter(url) }

func newTheirReporter(url string) (theirReporter, error) {
	c, err := rival.NewWithConfig(projectKey, rival.Config{Endpoint: url, Compression: rival.CompressionNone, Logger: silent{}})
	return theirReporter{posthogGoClient{c}, prebuilt(shape{Build: errorProperties})}, err
}

// Report implements reporter.
func (r theirReporter) Report(i int, err error) error {
	e := rival.NewDefaultException(time.Now(), person(i), "chargeError", err.Error())
	e.Properties = r.properties(i)
	return r.c.Enqueue(e)
}

// theirSlogReporter reports with posthog-go's slog handler.
type theirSlogReporter struct {
	theirReporter
	logger *slog.Logger
}

func openTheirSlog(url string) (reporter, error) {
	r, err := newTheirReporter(url)
	if err != nil {
		return nil, err
	}
	who := rival.WithDistinctIDFn(func(context.Context, slog.Record) string { return person(0) })
	return theirSlogReporter{r, slog.New(rival.NewSlogCaptureHandler(slog.DiscardHandler, r.c, who, rival.WithPropertiesFn(rival.SlogAttrsAsProperties)))}, nil
}

// Report implements reporter.
func (r theirSlogReporter) Report(i int, err error) error {
	r.logger.LogAttrs(context.Background(), slog.LevelError, slogMessage, slog.Any("error", err),
		slog.String("tenant", "example.com"), slog.Int("order", i), slog.Float64("total", 12.95))
	return nil
}
