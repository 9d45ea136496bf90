package posthog_test

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// A logger, and those made of it, may be used by many goroutines at once.
func TestManyGoroutinesLog(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: -1, TotalBurst: -1}}})
	handler := posthog.NewSlogCaptureHandler(nil, client, posthog.WithAttrFilter(func(groups []string, a slog.Attr) bool {
		return a.Key != "n" || groups[len(groups)-1] == a.Value.String()
	}))
	shared := slog.New(handler).With(manyAttrs(11)...).With("tenant", "acme", "err", errors.New("card declined")).WithGroup("g").WithGroup("h").WithGroup("i")
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			name := fmt.Sprint("worker", worker)
			own := shared.With("own", worker)
			for i := range 50 {
				shared.Error("payment failed", slog.Group(name, "n", name))
				own.WithGroup(name).With("n", name).Error("order failed", "err", fmt.Errorf("order %d", i))
			}
		})
	}
	group.Wait()
	count := map[string]int{}
	for _, e := range capturedLogs(t, client, server) {
		requireLogged(t, e, map[string]any{"tenant": "acme"})
		for worker := range 8 {
			name := fmt.Sprint("worker", worker)
			if e.Properties["g.h.i."+name+".n"] == name {
				count[name]++
			}
		}
	}
	for worker := range 8 {
		if n := count[fmt.Sprint("worker", worker)]; n != 100 {
			t.Errorf("worker %d has %d exceptions with what it logged, want 100", worker, n)
		}
	}
	requireLedger(t, client)
}

// Records without an error have one title, and yet no line that fails in a loop
// holds back another.
func TestRecordsWithoutAnErrorAreLimitedByTheirLine(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		logger := slog.New(posthog.NewSlogCaptureHandler(nil, w.client))
		for range 100 {
			logger.Error("disk full")
		}
		logger.Error("payment failed")
		w.flush()
		events := w.server.Events()
		if len(events) != 51 {
			t.Fatalf("got %d exceptions of 101 records, want a burst of 50, and that of the other line", len(events))
		}
		requireLogged(t, events[50], map[string]any{"$exception_message": "payment failed", "exceptions_held_back": absent})
	})
}

// Bridges from other packages for logs make records that do not say where they
// come from. Then the message tells one line from another, for the limits and for
// an error that is logged twice.
func TestRecordsOfNoLineAreToldApartByTheirMessage(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{}, func(w *world) {
		handler := posthog.NewSlogCaptureHandler(nil, w.client)
		handle := func(message string, attrs ...slog.Attr) {
			record := slog.NewRecord(time.Now(), slog.LevelError, message, 0)
			record.AddAttrs(attrs...)
			if err := handler.Handle(w.Context(), record); err != nil {
				w.Errorf("Handle: %v", err)
			}
		}
		for range 100 {
			handle("disk full")
		}
		handle("payment failed")
		w.flush()
		if events := w.server.Events(); len(events) != 51 || events[50].Properties["$exception_message"] != "payment failed" {
			w.Fatalf("got %d exceptions of 101 records, want a burst of 50, and that of the other message", len(events))
		}
		err := slog.Any("err", errors.New("card declined"))
		handle("payment failed", err)
		handle("order failed", err) // the same one, on its way up
		handle("order failed", err) // it has happened again
		w.flush()
		if n := len(w.server.Events()); n != 53 {
			w.Errorf("got %d exceptions of an error that was logged at three places, two of them one, want 2", n-51)
		}
	})
}

// Records that are held back are counted, and told of with the next one.
// Proves EXC-41 for what is logged.
func TestRecordsOfOneTypeAreLimited(t *testing.T) {
	inWorld(t, posthog.Config{}, func(w *world) {
		logger := slog.New(posthog.NewSlogCaptureHandler(nil, w.client))
		for range 1000 {
			logger.Error("payment failed", "err", errors.New("card declined"))
		}
		w.pass(posthog.DefaultExceptionRateLimit.Every)
		logger.Error("payment failed", "err", errors.New("card declined"))
		w.flush()
		events := w.server.Events()
		if len(events) != 51 {
			t.Fatalf("got %d exceptions of 1,001 records, want a burst of 50, and the next", len(events))
		}
		requireLogged(t, events[50], map[string]any{"exceptions_held_back": 950})
	})
}
