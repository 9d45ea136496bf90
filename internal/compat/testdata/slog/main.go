// Command slog sends errors of its log to error tracking with a handler of its own.
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"os"

	"github.com/posthog/posthog-go"
)

// handler mirrors records of level error.
type handler struct {
	slog.Handler
	client posthog.EnqueueClient
}

func (h handler) Handle(ctx context.Context, record slog.Record) error {
	if record.Level >= slog.LevelError {
		exception := posthog.NewDefaultException(record.Time, "server", record.Message, "see the log")
		exception.Properties = posthog.NewProperties()
		record.Attrs(func(attr slog.Attr) bool {
			exception.Properties.Set(attr.Key, attr.Value.Any())
			return true
		})
		if err := posthog.EnqueueWithContext(ctx, h.client, exception); err != nil {
			return err
		}
	}
	return h.Handler.Handle(ctx, record)
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	logger := slog.New(handler{slog.NewTextHandler(io.Discard, nil), client})
	logger.Info("started")
	logger.Error("disk full", "volume", "/data", "free", 0)
}
