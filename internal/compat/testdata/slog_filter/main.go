// Command slog_filter has extractors of its own for a log that goes nowhere else.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"github.com/posthog/posthog-go"
)

// caller is a stack of one call: that of the line that logs.
type caller struct{}

func (caller) GetStackTrace(skip int) *posthog.ExceptionStacktrace {
	var pcs [1]uintptr
	runtime.Callers(skip, pcs[:])
	frame, _ := runtime.CallersFrames(pcs[:]).Next()
	name := frame.Function[strings.LastIndexByte(frame.Function, '.')+1:]
	return &posthog.ExceptionStacktrace{Type: "raw", Frames: []posthog.StackFrame{
		{Platform: "go", Function: name, Filename: "main.go", LineNo: 7, InApp: true},
	}}
}

// reason describes records that have one, and leaves out all others.
type reason struct{}

func (reason) ExtractDescription(r slog.Record) (text string) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "reason" {
			text = a.Value.String()
		}
		return text == ""
	})
	return text
}

//go:noinline
func charge(logger *slog.Logger) {
	logger.Error("payment failed", "reason", "card declined", "err", errors.New("declined"))
	logger.Error("payment lost")
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	charge(slog.New(posthog.NewSlogCaptureHandler(slog.NewTextHandler(io.Discard, nil), client,
		posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { return "u_1" }),
		posthog.WithDescriptionExtractor(reason{}),
		posthog.WithStackTraceExtractor(caller{}),
		posthog.WithPropertiesFn(func(_ context.Context, r slog.Record) posthog.Properties {
			return posthog.NewProperties().Set("attributes", r.NumAttrs())
		}),
	)))
}
