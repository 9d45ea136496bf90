//go:build !race

package posthog_test

import (
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/hedgerow/posthog"
)

// BenchmarkSlogBelow is what the handler adds to records that are not captured.
func BenchmarkSlogBelow(b *testing.B) {
	text := slog.NewTextHandler(io.Discard, nil) //nolint:sloglint // its cost is what the handler adds to
	for name, handler := range map[string]slog.Handler{
		"next alone": text,
		"capturing":  posthog.NewSlogCaptureHandler(text, roomy(b, posthog.OverflowDropOldest)),
	} {
		b.Run(name, func(b *testing.B) {
			logger := slog.New(handler)
			b.ReportAllocs()
			for b.Loop() {
				logger.Info("paid", "order", 17)
			}
		})
	}
}

// BenchmarkSlogCapture is the capture of an error, from the same line and so
// with everything known of the stack.
func BenchmarkSlogCapture(b *testing.B) {
	for name, opts := range map[string][]posthog.SlogOption{
		"by default":        nil,
		"with an extractor": {posthog.WithStackTraceExtractor(posthog.DefaultStackTraceExtractor{})},
	} {
		b.Run(name, func(b *testing.B) {
			logger := slog.New(posthog.NewSlogCaptureHandler(nil, unlimited(b), opts...)).With("tenant", "acme")
			err := errors.New("card declined")
			b.ReportAllocs()
			for b.Loop() {
				logger.Error("payment failed", "err", err, "order", 17)
			}
		})
	}
}

// BenchmarkSlogHeldBack is a record of a type of which there are too many.
func BenchmarkSlogHeldBack(b *testing.B) {
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, roomy(b, posthog.OverflowDropOldest))).With("tenant", "acme")
	err := errors.New("card declined")
	b.ReportAllocs()
	for b.Loop() {
		logger.Error("payment failed", "err", err, "order", 17)
	}
}

// BenchmarkSlogWith is a logger of a request.
func BenchmarkSlogWith(b *testing.B) {
	text := slog.NewTextHandler(io.Discard, nil) //nolint:sloglint // its cost is what the handler adds to
	for name, handler := range map[string]slog.Handler{
		"next alone": text,
		"capturing":  posthog.NewSlogCaptureHandler(text, roomy(b, posthog.OverflowDropOldest)),
	} {
		b.Run(name, func(b *testing.B) {
			logger := slog.New(handler)
			b.ReportAllocs()
			for b.Loop() {
				_ = logger.With("request", "r_1", "user", 7)
			}
		})
	}
}

// unlimited returns a client that holds no exception back.
func unlimited(b *testing.B) *posthog.ServerClient {
	b.Helper()
	client, err := posthog.NewWithConfig(testKey, posthog.Config{
		DryRun: true, Logger: silent{},
		ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: -1, TotalBurst: -1}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	return client
}
