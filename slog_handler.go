package posthog

import (
	"context"
	"log/slog"
	"slices"
)

// SlogCaptureHandler is a [slog.Handler] that captures records as exceptions;
// see [NewSlogCaptureHandler]. Its zero value, and a nil one, do nothing with a
// record.
type SlogCaptureHandler struct {
	next    slog.Handler  // nil in the zero value alone
	client  EnqueueClient // nil captures nothing
	options *SlogOptions  // immutable
	own     []uintptr     // of ownCode
	scope   logScope
}

// NewSlogCaptureHandler returns a handler that passes records on to next, and
// then captures those of level error and above. With a nil next it does nothing
// but capture, and with a nil client nothing but pass on.
//
// A record is captured as the error among its attributes, with all that the
// error wraps, as [ServerClient.CaptureException] does. It is the one whose key
// is err, error, exception or cause, or else the first one; those of the record
// come before those of [slog.Logger.With]. The message is then the property
// log.message. A record without an error is an exception of type slog.Record.
// The stack begins with the call that logged.
//
// Attributes become properties, those of groups with keys such as "http.status":
// 64 at most, texts of 1,024 bytes at most, durations as text. Who is concerned
// comes from the request context, and the level from the record, of which 12 and
// above are fatal unless [WithFatalLevel] says otherwise. An error that is captured elsewhere, too, is sent once, and
// [ErrorTrackingConfig.RateLimit] bounds the rest. What the client itself has to
// say is passed on and never captured, and neither is what is logged during a
// capture.
//
// A client of another type gets messages. Limits and duplicates are then the
// affair of the [ServerClient] that it passes them on to, if it does.
//
// The handler returns the errors of next, and none of the client's. It is safe
// for concurrent use if next is.
//
// Next must not be the handler that [slog.Default] has at first, if the result is
// for [slog.SetDefault]: package slog then waits for itself for ever.
func NewSlogCaptureHandler(next slog.Handler, client EnqueueClient, opts ...SlogOption) *SlogCaptureHandler {
	if next == nil {
		next = slog.DiscardHandler
	}
	return &SlogCaptureHandler{next: next, client: client, options: slogOptions(opts), own: ownCode()}
}

// Enabled reports whether a record of that level is captured, or wanted by the
// next handler.
func (h *SlogCaptureHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return !h.inert() && (h.captures(ctx, level) || h.next.Enabled(ctx, level))
}

// Handle passes the record on, if the next handler wants it, and then captures
// it, if its level asks for that. The error is the next handler's.
func (h *SlogCaptureHandler) Handle(ctx context.Context, r slog.Record) (err error) {
	if h.inert() {
		return nil
	}
	if h.next.Enabled(ctx, r.Level) {
		err = h.next.Handle(ctx, r)
	}
	if !h.captures(ctx, r.Level) {
		return err
	}
	c := h.begin(ctx, r)
	if c == nil {
		return err
	}
	defer c.finish(ctx) // also if the extractor panics
	if extractor := h.options.StackTraceExtractor; extractor != nil {
		c.stack = extractor.GetStackTrace(h.options.Skip) // from here, because Skip counts calls
	}
	return err
}

// WithAttrs returns a handler whose records have these attributes, too, both
// those that are passed on and those that are captured.
func (h *SlogCaptureHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 || h.inert() {
		return h
	}
	inner := *h
	if h.client != nil {
		inner.scope = h.scope.with(attrs, h.options)
		attrs = slices.Clone(attrs) // each handler owns what it is given, and may change it
	}
	inner.next = h.next.WithAttrs(attrs)
	return &inner
}

// WithGroup returns a handler that puts the attributes that follow into a
// group.
func (h *SlogCaptureHandler) WithGroup(name string) slog.Handler {
	if name == "" || h.inert() {
		return h
	}
	inner := *h
	inner.next = h.next.WithGroup(name)
	if h.client != nil {
		inner.scope = h.scope.within(name, h.options)
	}
	return &inner
}

// inert reports whether nobody made h, so that it has nowhere to pass records on
// to.
func (h *SlogCaptureHandler) inert() bool { return h == nil || h.next == nil }

// captures reports whether a record of that level is captured.
func (h *SlogCaptureHandler) captures(ctx context.Context, level slog.Level) bool {
	return level >= h.options.MinCaptureLevel && h.client != nil && !ownLine(ctx)
}
