package posthog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// adapterLogger is a Logger as programs for posthog-go write one.
type adapterLogger struct{ logger **slog.Logger }

func (a adapterLogger) log(format string, args []any) {
	(*a.logger).Error(fmt.Sprintf(format, args...))
}

func (a adapterLogger) Debugf(format string, args ...any) { a.log(format, args) }
func (a adapterLogger) Logf(format string, args ...any)   { a.log(format, args) }
func (a adapterLogger) Warnf(format string, args ...any)  { a.log(format, args) }
func (a adapterLogger) Errorf(format string, args ...any) { a.log(format, args) }

// laterHandler passes records on later, and on another goroutine.
type laterHandler struct {
	slog.Handler
	records chan func()
}

func (h laterHandler) Handle(ctx context.Context, r slog.Record) error {
	h.records <- func() { _ = h.Handler.Handle(ctx, r) }
	return nil
}

// What the client says to a logger that captures with it is a line of the log,
// and no exception: not of a capture, and not of anything else.
func TestTheClientsOwnLinesAreNotCaptured(t *testing.T) {
	t.Parallel()
	for name, logger := range map[string]func(**slog.Logger) posthog.Logger{
		"SlogLogger":     func(l **slog.Logger) posthog.Logger { return posthog.SlogLogger(slog.New(throughHandler{l})) },
		"one of its own": func(l **slog.Logger) posthog.Logger { return adapterLogger{l} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			var own *slog.Logger
			server := posthogtest.NewServer(t, nil)
			client := dial(t, server, posthog.Config{Logger: logger(&own), ErrorTracking: posthog.ErrorTrackingConfig{LogCaptured: true}})
			own = slog.New(posthog.NewSlogCaptureHandler(slog.NewTextHandler(&out, nil), client, posthog.WithMinCaptureLevel(slog.LevelDebug)))
			own.Error("payment failed", "err", errors.New("card declined"))
			_ = client.Enqueue(posthog.Capture{}) // refused, and a warning
			onlyCaptured(t, client, server)
			if log := out.String(); strings.Count(log, "posthog: ") != 2 || !strings.Contains(log, "posthog: captured errors.errorString: card declined") {
				t.Errorf("the log is %q, want the record and two lines of the client", log)
			}
		})
	}
}

// throughHandler passes records on to a logger that is there later.
type throughHandler struct{ logger **slog.Logger }

func (h throughHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h throughHandler) Handle(ctx context.Context, r slog.Record) error {
	return (*h.logger).Handler().Handle(ctx, r)
}
func (h throughHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h throughHandler) WithGroup(string) slog.Handler      { return h }

// The mark is in the context, so it is there on another goroutine as well.
func TestTheClientsOwnLinesAreKnownElsewhere(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	next := new(lineHandler)
	handler := laterHandler{posthog.NewSlogCaptureHandler(next, client), make(chan func(), 10)}
	posthog.SlogLogger(slog.New(handler)).Errorf("events lost")
	slog.New(handler).Error("payment failed")
	close(handler.records)
	for handle := range handler.records {
		handle()
	}
	if lines := next.all(); len(lines) != 2 {
		t.Errorf("the log is %q, want the client's line and the other", lines)
	}
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"$exception_message": "payment failed"})
}

// What functions of the application log while they are asked about a record is
// passed on. Otherwise one that fails would be asked about that for ever.
func TestWhatIsLoggedDuringACaptureIsNotCaptured(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var logger *slog.Logger
	trouble := func(name string) string {
		logger.Error(name, "err", errors.New("no such user"))
		return name
	}
	client, server := open(t, posthog.Config{Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
		trouble("hook")
		return e
	}}})
	logger = slog.New(posthog.NewSlogCaptureHandler(slog.NewTextHandler(&out, nil), client,
		posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { return trouble("who") }),
		posthog.WithDescriptionExtractor(descriptionFunc(func(slog.Record) string { return trouble("what") })),
		posthog.WithAttrFilter(func([]string, slog.Attr) bool { return trouble("filter") == "" })))
	logger.Error("payment failed", "err", errors.New("card declined"))
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"log.message": "payment failed", "$exception_message": "what"})
	for _, name := range []string{"payment failed", "hook", "who", "what", "filter"} {
		if n := strings.Count(out.String(), name); n != 1 && name != "payment failed" {
			t.Errorf("%q is %d times in the log, want once: %s", name, n, out.String())
		}
	}
}

// That is known however few calls of a stack are sent, and however serious it is.
func TestWhatIsLoggedFarBelowACaptureIsNotCaptured(t *testing.T) {
	t.Parallel()
	var logger *slog.Logger
	hooked := 0
	client, server := open(t, posthog.Config{
		ErrorTracking: posthog.ErrorTrackingConfig{MaxFrames: 1},
		Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
			if hooked++; hooked < 10 {
				callDepth(150, func() { logger.Log(t.Context(), slog.LevelError+4, "hook failed") })
			}
			return e
		}},
	})
	logger = slog.New(posthog.NewSlogCaptureHandler(nil, client))
	logger.Error("payment failed")
	e := onlyCaptured(t, client, server)
	if frames := e.Exceptions()[0].Frames; len(frames) != 1 {
		t.Errorf("the stack has %d calls, want 1", len(frames))
	}
}

// clearingHandler does what it likes with the attributes that it is given, which
// are its own.
type clearingHandler struct{ slog.Handler }

func (h clearingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clear(attrs)
	return h
}

// What the next handler does with attributes changes nothing for the capture.
func TestTheNextHandlerMayChangeItsAttributes(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	handler := posthog.NewSlogCaptureHandler(clearingHandler{slog.DiscardHandler}, client)
	slog.New(handler).With("tenant", "acme", "err", &cardDeclined{1}).Error("payment failed")
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"tenant": "acme", "$exception_type": "posthog_test.cardDeclined"})
	withIDs := posthog.NewSlogCaptureHandler(clearingHandler{slog.DiscardHandler}, client, posthog.WithPropertiesFn(posthog.SlogAttrsAsProperties))
	slog.New(withIDs).With("tenant", "acme").Error("payment failed")
	if e := capturedLogs(t, client, server); len(e) != 2 || e[1].Properties["tenant"] != "acme" {
		t.Errorf("got %v, want a second one of tenant acme", e)
	}
}

// A handler may be the next one of another, of another project say: each
// captures.
func TestHandlersMayFollowEachOther(t *testing.T) {
	t.Parallel()
	first, firstServer := open(t, posthog.Config{})
	second, secondServer := open(t, posthog.Config{})
	logger := slog.New(posthog.NewSlogCaptureHandler(posthog.NewSlogCaptureHandler(nil, second), first))
	logger.With("tenant", "acme").Error("payment failed")
	requireLogged(t, onlyCaptured(t, first, firstServer), map[string]any{"tenant": "acme"})
	requireLogged(t, onlyCaptured(t, second, secondServer), map[string]any{"tenant": "acme"})
}

// A program's handler for the whole log may be one that captures.
func TestAMultiHandlerCaptures(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	client, server := open(t, posthog.Config{})
	handler := slog.NewMultiHandler(slog.NewTextHandler(&out, nil), posthog.NewSlogCaptureHandler(nil, client))
	slog.New(handler).With("tenant", "acme").Error("payment failed")
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"tenant": "acme"})
}
