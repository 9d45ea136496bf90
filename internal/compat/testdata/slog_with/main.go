// Command slog_with captures with no option but who it is about, from a logger of a request.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	logger := slog.New(posthog.NewSlogCaptureHandler(slog.NewJSONHandler(io.Discard, nil), client))
	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_1"})
	request := logger.With("tenant", "acme", "err", errors.New("card declined")).WithGroup("http").With("method", "POST")
	request.ErrorContext(ctx, "payment failed", "took", 1500*time.Millisecond)
	logger.Error("of nobody")
}
