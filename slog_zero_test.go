package posthog_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// A handler that nobody made, in a struct say, is no reason for a panic: it does
// nothing with a record, and so do those that come of it.
func TestTheZeroSlogCaptureHandler(t *testing.T) {
	t.Parallel()
	var none *posthog.SlogCaptureHandler
	for name, handler := range map[string]*posthog.SlogCaptureHandler{"zero": {}, "nil": none} {
		for level := slog.LevelDebug; level < 100; level += 4 {
			if handler.Enabled(t.Context(), level) {
				t.Errorf("%s: Enabled is true for level %v, want false", name, level)
			}
		}
		record := slog.NewRecord(time.Now(), slog.LevelError, "payment failed", 0)
		record.Add("err", errors.New("card declined"))
		inner := handler.WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g").WithAttrs(nil).WithGroup("")
		for _, h := range []slog.Handler{handler, inner} {
			if err := h.Handle(context.Background(), record); err != nil {
				t.Errorf("%s: Handle returns %v, want nil", name, err)
			}
		}
		slog.New(handler).With("a", 1).WithGroup("g").Error("payment failed", "err", errors.New("card declined"))
	}
}
