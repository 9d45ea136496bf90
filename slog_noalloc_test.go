//go:build !race

package posthog_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// A record below the level costs the handler no allocation, whatever the logger
// was given.
func TestRecordsBelowTheLevelNoAlloc(t *testing.T) {
	client := roomy(t, posthog.OverflowReject)
	var handler slog.Handler = posthog.NewSlogCaptureHandler(careless{}, client, posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { return "" }))
	handler = handler.WithAttrs([]slog.Attr{slog.String("tenant", "acme")}).WithGroup("g")
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_7"})
	record := slog.NewRecord(time.Now(), slog.LevelWarn, "slow", 0)
	record.AddAttrs(slog.Int("order", 17), slog.Bool("late", true))
	got := testing.AllocsPerRun(1000, func() {
		if !handler.Enabled(ctx, slog.LevelWarn) {
			t.Fatal("not enabled")
		}
		if err := handler.Handle(ctx, record); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("a record below the level allocates %v times, want 0", got)
	}
}

// careless takes every record and does nothing.
type careless struct{}

func (careless) Enabled(context.Context, slog.Level) bool  { return true }
func (careless) Handle(context.Context, slog.Record) error { return nil }
func (h careless) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h careless) WithGroup(string) slog.Handler           { return h }
