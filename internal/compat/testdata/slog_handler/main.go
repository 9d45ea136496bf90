// Command slog_handler sends what it logs as errors to error tracking, with options for all that it knows.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"

	"github.com/posthog/posthog-go"
)

type userKey struct{}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	logger := slog.New(posthog.NewSlogCaptureHandler(slog.NewTextHandler(io.Discard, nil), client,
		posthog.WithMinCaptureLevel(slog.LevelError),
		posthog.WithDistinctIDFn(func(ctx context.Context, _ slog.Record) string {
			user, _ := ctx.Value(userKey{}).(string)
			return user
		}),
		posthog.WithFingerprintFn(func(_ context.Context, r slog.Record) *string {
			fingerprint := "shop: " + r.Message
			return &fingerprint
		}),
		posthog.WithPropertiesFn(posthog.SlogAttrsAsProperties),
		posthog.WithDescriptionExtractor(posthog.ErrorExtractor{ErrorKeys: []string{"cause"}, Fallback: "no cause"}),
		posthog.WithSkip(5),
		posthog.WithStackTraceExtractor(posthog.DefaultStackTraceExtractor{InAppDecider: posthog.SimpleInAppDecider}),
	))
	ctx := context.WithValue(context.Background(), userKey{}, "u_1")
	logger.InfoContext(ctx, "order paid", "order", 16)
	logger.WarnContext(ctx, "order late", "order", 17)
	logger.ErrorContext(ctx, "payment failed", "cause", fmt.Errorf("charge 9: %w", errors.New("card declined")), "order", 18, "retry", true)
	logger.ErrorContext(ctx, "disk full", "volume", "/data")
}
