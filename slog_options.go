package posthog

import (
	"context"
	"log/slog"
)

// SlogOption changes how [NewSlogCaptureHandler] works.
type SlogOption func(*SlogOptions)

// SlogOptions are the settings of [NewSlogCaptureHandler]. Its functions are
// called on the goroutine that logs, and so by several at once. One that panics
// is taken for one that returned nothing.
//
// The records that they get have what the logger was given with With and
// WithGroup among their attributes, with groups around them.
type SlogOptions struct {
	// MinCaptureLevel is the lowest level of records that are captured. Default
	// [slog.LevelError].
	MinCaptureLevel slog.Level
	// FatalLevel is the lowest level of records that are fatal exceptions, which
	// no limit holds back and which [Config.Crash] has on the disk when the call
	// returns. Default 0, which stands for [slog.LevelError] + 4.
	FatalLevel slog.Level
	// RequireError leaves out records without an error. Default false: such a
	// record is an exception of type slog.Record, with the message as its text.
	RequireError bool

	// DistinctID returns who a record is about. Default nil: the one of the
	// request context. If that has none either, or DistinctID returns an empty
	// one, the event has no person profile.
	DistinctID func(context.Context, slog.Record) string
	// Fingerprint returns what groups exceptions into one issue. Default nil, and
	// nil or an empty text leave that to PostHog.
	Fingerprint func(context.Context, slog.Record) *string

	// Properties returns the properties of the event, in place of the attributes.
	// Default nil.
	Properties func(context.Context, slog.Record) Properties
	// AttrFilter says which attributes become properties. It gets the groups
	// that the attribute is in, outermost first, which it must not keep, and the
	// attribute with its value resolved. It is called for each that is no group
	// itself; for those of With when With is called. Errors are found whether it
	// keeps them or not. Default nil, which keeps all. One that panics keeps
	// nothing.
	AttrFilter func(groups []string, a slog.Attr) bool
	// NoAttrs leaves out all attributes. Default false.
	NoAttrs bool

	// StackTraceExtractor takes the stack, for errors that brought none along.
	// Default nil: it begins with the call that logged, and
	// [ErrorTrackingConfig] says what becomes of it. A nil stack stands for that,
	// too.
	StackTraceExtractor StackTraceExtractor
	// Skip is what StackTraceExtractor is called with: how many calls it is to
	// leave out, of which the first five are the library's and those of package
	// slog, and the next ones those of handlers in between. Without a
	// StackTraceExtractor, all of these are left out anyway, and what is beyond are
	// further calls to leave out, such as functions of the application that log for
	// others. Default 5.
	Skip int
	// DescriptionExtractor returns the text of the exception in place of the
	// error's, or the message. Default nil. If it returns nothing, the record is
	// not captured, unless it panicked.
	DescriptionExtractor DescriptionExtractor
}

// defaultSkip is how many calls there are from a line that logs to the stack,
// both included: runtime.Callers, GetStackTrace, Handle, and two of slog. The
// calls of handlers that pass a record on come on top of that.
const defaultSkip = 5

// skipToHandle is how many of them there are before Handle.
const skipToHandle = 2

// WithMinCaptureLevel sets [SlogOptions.MinCaptureLevel], which is
// [slog.LevelError] without it.
func WithMinCaptureLevel(l slog.Level) SlogOption {
	return func(o *SlogOptions) { o.MinCaptureLevel = l }
}

// WithFatalLevel sets [SlogOptions.FatalLevel], which is [slog.LevelError] + 4
// without it: for programs whose level 12 is not the end of everything. A level
// that no record has makes none fatal.
func WithFatalLevel(l slog.Level) SlogOption {
	return func(o *SlogOptions) { o.FatalLevel = l }
}

// WithRequireError sets [SlogOptions.RequireError]. Without it, records
// without an error are captured as well.
func WithRequireError() SlogOption {
	return func(o *SlogOptions) { o.RequireError = true }
}

// WithDistinctIDFn sets [SlogOptions.DistinctID]. Without it, the request
// context says who a record is about.
func WithDistinctIDFn(fn func(ctx context.Context, r slog.Record) string) SlogOption {
	return func(o *SlogOptions) { o.DistinctID = fn }
}

// WithFingerprintFn sets [SlogOptions.Fingerprint]. Without it, PostHog groups
// exceptions.
func WithFingerprintFn(fn func(ctx context.Context, r slog.Record) *string) SlogOption {
	return func(o *SlogOptions) { o.Fingerprint = fn }
}

// WithPropertiesFn sets [SlogOptions.Properties]: the result are the properties
// of the event, and attributes are not. Without it, or with nil, the attributes
// are.
func WithPropertiesFn(fn func(ctx context.Context, r slog.Record) Properties) SlogOption {
	return func(o *SlogOptions) { o.Properties = fn }
}

// WithAttrFilter sets [SlogOptions.AttrFilter]. Without it, every attribute
// becomes a property.
func WithAttrFilter(keep func(groups []string, a slog.Attr) bool) SlogOption {
	return func(o *SlogOptions) { o.AttrFilter = keep }
}

// WithoutAttrs sets [SlogOptions.NoAttrs]. Without it, attributes become
// properties.
func WithoutAttrs() SlogOption {
	return func(o *SlogOptions) { o.NoAttrs = true }
}

// WithSkip sets [SlogOptions.Skip], which is 5 without it. Numbers below 1 are
// ignored.
func WithSkip(n int) SlogOption {
	return func(o *SlogOptions) {
		if n > 0 {
			o.Skip = n
		}
	}
}

// WithStackTraceExtractor sets [SlogOptions.StackTraceExtractor]. Without it,
// or with nil, the client describes the stack.
func WithStackTraceExtractor(extractor StackTraceExtractor) SlogOption {
	return func(o *SlogOptions) { o.StackTraceExtractor = extractor }
}

// WithDescriptionExtractor sets [SlogOptions.DescriptionExtractor]. Without it,
// or with nil, the text is that of the error, or the message.
func WithDescriptionExtractor(extractor DescriptionExtractor) SlogOption {
	return func(o *SlogOptions) { o.DescriptionExtractor = extractor }
}

// slogOptions returns what opts say, and the defaults.
func slogOptions(opts []SlogOption) *SlogOptions {
	o := &SlogOptions{MinCaptureLevel: slog.LevelError, Skip: defaultSkip}
	for _, opt := range opts {
		if opt != nil {
			opt(o)
		}
	}
	fallback(&o.FatalLevel, levelFatal)
	return o
}

// wantsAttrs reports whether attributes become properties.
func (o *SlogOptions) wantsAttrs() bool { return !o.NoAttrs && o.Properties == nil }

// readsRecords reports whether functions of the application get records.
func (o *SlogOptions) readsRecords() bool {
	return o.DistinctID != nil || o.Fingerprint != nil || o.Properties != nil || o.DescriptionExtractor != nil
}
