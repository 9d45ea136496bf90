// Command slog_wrapped captures with a client of its own around that of the library, behind a handler of its own.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"os"

	"github.com/posthog/posthog-go"
)

// client says which team is responsible.
type client struct {
	posthog.Client
	team string
}

func (c client) Enqueue(msg posthog.Message) error {
	if exception, ok := msg.(posthog.Exception); ok {
		if exception.Properties == nil {
			exception.Properties = posthog.NewProperties()
		}
		exception.Properties.Set("team", c.team)
		msg = exception
	}
	return c.Client.Enqueue(msg)
}

// both hands records to two handlers.
type both [2]slog.Handler

func (h both) Enabled(ctx context.Context, level slog.Level) bool {
	return h[0].Enabled(ctx, level) || h[1].Enabled(ctx, level)
}

func (h both) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(h[0].Handle(ctx, r.Clone()), h[1].Handle(ctx, r.Clone()))
}

func (h both) WithAttrs(attrs []slog.Attr) slog.Handler {
	return both{h[0].WithAttrs(attrs), h[1].WithAttrs(attrs)}
}

func (h both) WithGroup(name string) slog.Handler {
	return both{h[0].WithGroup(name), h[1].WithGroup(name)}
}

func main() {
	inner, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer inner.Close()

	var outer posthog.Client = client{inner, "payments"}
	text := slog.NewTextHandler(io.Discard, nil)
	logger := slog.New(both{text, posthog.NewSlogCaptureHandler(text, outer,
		posthog.WithMinCaptureLevel(slog.LevelError),
		posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { return "u_1" }),
		posthog.WithSkip(6), // one more than usual, because of the handler in front
		posthog.WithPropertiesFn(posthog.SlogAttrsAsProperties),
	)})
	logger.Info("order paid", "order", 16)
	logger.Error("payment failed", "error", errors.New("card declined"), "order", 17)
	logger.Error("payment failed", "error", errors.New("card expired"), "order", 18)
	if err := posthog.EnqueueWithContext(context.Background(), outer, posthog.Capture{DistinctId: "u_1", Event: "order lost"}); err != nil {
		log.Fatal(err)
	}
}
