package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// innermostCalls returns the end of the first exception's stack, as short names.
func innermostCalls(e posthogtest.Event, n int) string {
	frames := e.Exceptions()[0].Frames
	names := make([]string, 0, n)
	for i := len(frames) - 1; i >= 0 && len(names) < n; i-- {
		names = append(names, frames[i].Function[strings.LastIndexByte(frames[i].Function, '.')+1:])
	}
	return strings.Join(names, "<")
}

// logPayment logs for whoever calls it.
//
//go:noinline
func logPayment(logger *slog.Logger, err error) { logger.Error("payment failed", "err", err) }

//go:noinline
func pay(logger *slog.Logger) { logPayment(logger, errors.New("card declined")) }

// The stack begins with the line that logged, and with Skip beyond it.
func TestTheStackOfARecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []posthog.SlogOption
		want string
	}{
		"by default":                        {nil, "logPayment<pay"},
		"with the skip of posthog-go":       {[]posthog.SlogOption{posthog.WithSkip(5)}, "logPayment<pay"},
		"with less":                         {[]posthog.SlogOption{posthog.WithSkip(2)}, "logPayment<pay"},
		"without a helper":                  {[]posthog.SlogOption{posthog.WithSkip(6)}, "pay<1"},
		"with more than there are":          {[]posthog.SlogOption{posthog.WithSkip(1000)}, "goexit"},
		"with the extractor":                {[]posthog.SlogOption{posthog.WithStackTraceExtractor(posthog.DefaultStackTraceExtractor{})}, "logPayment<pay"},
		"with the extractor and a skip":     {[]posthog.SlogOption{posthog.WithStackTraceExtractor(posthog.DefaultStackTraceExtractor{}), posthog.WithSkip(6)}, "pay<1"},
		"with an extractor of its own":      {[]posthog.SlogOption{posthog.WithStackTraceExtractor(extractorFunc(namesOfCallers))}, "logPayment<pay"},
		"with one that is a skip too short": {[]posthog.SlogOption{posthog.WithStackTraceExtractor(extractorFunc(namesOfCallers)), posthog.WithSkip(4)}, "Error<logPayment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{}, c.opts...)
			func() { pay(logger) }()
			if got := innermostCalls(onlyCaptured(t, client, server), strings.Count(c.want, "<")+1); got != c.want {
				t.Errorf("the stack ends with %s, want %s", got, c.want)
			}
		})
	}
}

// Handlers in between are calls as well, and a program that counts them, as one
// for posthog-go has to, sees the line that logged. Nobody has to count them.
func TestTheStackBehindOtherHandlers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		skip int
		want string
	}{
		"by default":                   {5, "logPayment<pay"},
		"with one that is counted":     {6, "logPayment<pay"},
		"with both that are counted":   {7, "logPayment<pay"},
		"with both and without helper": {8, "pay<1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{}, posthog.WithSkip(c.skip))
			func() { pay(slog.New(passingHandler{passingHandler{logger.Handler()}})) }()
			if got := innermostCalls(onlyCaptured(t, client, server), 2); got != c.want {
				t.Errorf("the stack ends with %s, want %s", got, c.want)
			}
		})
	}
}

// passingHandler passes records on.
type passingHandler struct{ slog.Handler }

func (h passingHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.Handler.Handle(ctx, r)
}

// namesOfCallers is what extractors for posthog-go do. The function type's own
// method is a call more.
func namesOfCallers(skip int) *posthog.ExceptionStacktrace {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(skip+1, pcs[:])])
	stack := new(posthog.ExceptionStacktrace)
	for {
		frame, more := frames.Next()
		stack.Frames = append([]posthog.StackFrame{{Function: frame.Function, LineNo: -frame.Line}}, stack.Frames...)
		if !more {
			return stack
		}
	}
}

// A record that a handler took to another goroutine has the line that it was
// made at, and no more.
func TestTheStackOfARecordOfElsewhere(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	handler := &takingHandler{handler: posthog.NewSlogCaptureHandler(nil, client, posthog.WithSkip(7))}
	pay(slog.New(handler))
	done := make(chan error)
	go func() { done <- handler.handler.Handle(context.Background(), handler.record) }()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	e := onlyCaptured(t, client, server)
	if frames := e.Exceptions()[0].Frames; len(frames) != 1 || innermostCalls(e, 1) != "logPayment" {
		t.Errorf("the stack is %+v, want the line that logged alone", frames)
	}
}

// A record from who knows where may have any number for a place.
func TestARecordOfNowhere(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	if err := posthog.NewSlogCaptureHandler(nil, client).Handle(t.Context(), slog.NewRecord(time.Now(), slog.LevelError, "payment failed", 1)); err != nil {
		t.Fatal(err)
	}
	if e := onlyCaptured(t, client, server).Exceptions()[0]; len(e.Frames) != 0 || !isSynthetic(e) {
		t.Errorf("the exception is %+v, want a synthetic one without frames", e)
	}
}

// takingHandler keeps the last record.
type takingHandler struct {
	handler slog.Handler
	record  slog.Record
}

func (h *takingHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h *takingHandler) Handle(_ context.Context, r slog.Record) error {
	h.record = r.Clone()
	return nil
}
func (h *takingHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *takingHandler) WithGroup(string) slog.Handler      { return h }

// carrying is an error with a stack of its own.
type carrying struct{ pcs []uintptr }

func (*carrying) Error() string           { return "card declined" }
func (e *carrying) StackTrace() []uintptr { return e.pcs }
func (e *carrying) Is(target error) bool  { return target == error(e) }
func newCarrying() (e *carrying)          { return refused() }
func refused() (e *carrying) {
	e = &carrying{make([]uintptr, 32)}
	e.pcs = e.pcs[:runtime.Callers(1, e.pcs)]
	return e
}
func chargeFailed(err error) error { return fmt.Errorf("charge 9: %w", err) }
func isSynthetic(e posthogtest.Exception) bool {
	return e.Mechanism.Synthetic != nil && *e.Mechanism.Synthetic
}

// The stack that an error brought along is kept, with an extractor as well: it
// is nearer to what went wrong than that of a log.
func TestTheStackOfTheErrorIsKept(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]posthog.SlogOption{
		"by default":        nil,
		"with an extractor": {posthog.WithStackTraceExtractor(posthog.DefaultStackTraceExtractor{})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{}, opts...)
			logger.Error("x", "err", chargeFailed(newCarrying()))
			list := onlyCaptured(t, client, server).Exceptions()
			if len(list) != 2 || len(list[0].Frames) != 0 || isSynthetic(list[0]) || len(list[1].Frames) == 0 ||
				!strings.HasSuffix(list[1].Frames[len(list[1].Frames)-1].Function, ".refused") {
				t.Errorf("the exceptions are %+v, want the stack of the one that is wrapped alone", list)
			}
		})
	}
}

// imaging is an extractor that knows binaries.
type imaging struct {
	stack  *posthog.ExceptionStacktrace
	images func() []posthog.DebugImage
}

func (x imaging) GetStackTrace(int) *posthog.ExceptionStacktrace { return x.stack }
func (x imaging) GetDebugImages() []posthog.DebugImage           { return x.images() }

// An extractor may return native frames, and the binaries that they are in:
// those arrive, and no others.
func TestAnExtractorWithDebugImages(t *testing.T) {
	t.Parallel()
	native := &posthog.ExceptionStacktrace{Type: "raw", Frames: []posthog.StackFrame{{
		Platform: "native", Function: "main.main", Filename: "main.go", LineNo: 7, InApp: true, Lang: "go",
		InstructionAddr: "0x401234", ImageAddr: "0x400000", ClientResolved: true,
	}}}
	used := posthog.DebugImage{Type: "elf", DebugID: "d1", ImageAddr: "0x400000", Arch: "arm64"}
	unused := posthog.DebugImage{Type: "elf", DebugID: "d2", ImageAddr: "0x900000", Arch: "arm64"}
	nameless := posthog.DebugImage{Type: "elf", ImageAddr: "0x400000", Arch: "arm64"}
	for name, c := range map[string]struct {
		images func() []posthog.DebugImage
		want   int
	}{
		"one":             {func() []posthog.DebugImage { return []posthog.DebugImage{unused, used, used} }, 1},
		"none":            {func() []posthog.DebugImage { return nil }, 0},
		"none of use":     {func() []posthog.DebugImage { return []posthog.DebugImage{unused, nameless} }, 0},
		"one that panics": {func() []posthog.DebugImage { panic("GetDebugImages") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{}, posthog.WithStackTraceExtractor(imaging{native, c.images}))
			logger.Error("x", "err", errors.New("card declined"))
			e := onlyCaptured(t, client, server)
			if got, _ := e.Properties["$debug_images"].([]any); len(got) != c.want || c.want > 0 && got[0].(map[string]any)["debug_id"] != "d1" {
				t.Errorf("the images are %v, want %d, of the frame", got, c.want)
			}
			if f := e.Exceptions()[0].Frames; len(f) != 1 || f[0].Platform != "native" || f[0].InstructionAddr != "0x401234" {
				t.Errorf("the frames are %+v, want the extractor's", f)
			}
			var got posthog.Exception
			posthog.NewSlogCaptureHandler(nil, clientFunc(func(msg posthog.Message) error {
				got = msg.(posthog.Exception)
				return nil
			}), posthog.WithStackTraceExtractor(imaging{native, c.images})).Handle(t.Context(), slog.NewRecord(time.Now(), slog.LevelError, "x", 0))
			if len(got.DebugImages) != c.want || len(got.ExceptionList[0].Stacktrace.Frames) != 1 {
				t.Errorf("another client got %+v, want the same", got)
			}
		})
	}
	if native.Frames[0].LineNo != 7 || len(native.Frames) != 1 {
		t.Errorf("the application's stack is now %+v, want it as it was", native)
	}
}
