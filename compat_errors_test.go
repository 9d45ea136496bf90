package posthog_test

import (
	"context"
	"log/slog"
	"runtime"

	"github.com/hedgerow/posthog"
)

// The slog handler and the stacks have the signatures that programs were written
// for.
var (
	_ func(slog.Handler, posthog.EnqueueClient, ...posthog.SlogOption) *posthog.SlogCaptureHandler = posthog.NewSlogCaptureHandler

	_ slog.Handler                                                                   = (*posthog.SlogCaptureHandler)(nil)
	_ func(slog.Level) posthog.SlogOption                                            = posthog.WithMinCaptureLevel
	_ func(func(context.Context, slog.Record) string) posthog.SlogOption             = posthog.WithDistinctIDFn
	_ func(func(context.Context, slog.Record) *string) posthog.SlogOption            = posthog.WithFingerprintFn
	_ func(func(context.Context, slog.Record) posthog.Properties) posthog.SlogOption = posthog.WithPropertiesFn
	_ func(int) posthog.SlogOption                                                   = posthog.WithSkip
	_ func(posthog.StackTraceExtractor) posthog.SlogOption                           = posthog.WithStackTraceExtractor
	_ func(posthog.DescriptionExtractor) posthog.SlogOption                          = posthog.WithDescriptionExtractor
	_ func(context.Context, slog.Record) posthog.Properties                          = posthog.SlogAttrsAsProperties
	_ posthog.DescriptionExtractor                                                   = posthog.ErrorExtractor{ErrorKeys: []string{}, Fallback: ""}
	_ posthog.DescriptionExtractor                                                   = interface{ ExtractDescription(slog.Record) string }(nil)
	_ posthog.StackTraceExtractor                                                    = posthog.DefaultStackTraceExtractor{InAppDecider: posthog.SimpleInAppDecider}
	_ posthog.StackTraceExtractor                                                    = interface {
		GetStackTrace(int) *posthog.ExceptionStacktrace
	}(nil)
	_ posthog.DebugImageProvider = posthog.DefaultStackTraceExtractor{}
	_ posthog.DebugImageProvider = interface{ GetDebugImages() []posthog.DebugImage }(nil)
	_ posthog.InAppDecider       = func(runtime.Frame) bool { return true }
	_ func(runtime.Frame) bool   = posthog.SimpleInAppDecider
)
