package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/stack"
)

// ExceptionOption changes what [ServerClient.CaptureException] and its
// relatives send. It must not keep the options that it is given, which become
// those of another exception.
type ExceptionOption func(*ExceptionOptions)

// ExceptionOptions are what an application may say about an exception. What it
// leaves at zero is as the place of the capture has it. A value that PostHog
// does not know gives way to that as well.
type ExceptionOptions struct {
	// Uuid identifies the event; see [Capture.Uuid].
	Uuid string
	// DistinctId is who met the error. Default: the one of the request context;
	// without one the event has no person profile.
	DistinctId string
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// Properties are further properties of the event. Those that describe the
	// exception itself are ignored.
	Properties Properties
	// Flags adds the feature flags of a snapshot; see [Capture.Flags].
	Flags *FeatureFlagEvaluations

	// Level says how serious it is. Other words for PostHog's levels, such as
	// "warn" and "critical", are translated.
	Level Level
	// Fingerprint groups exceptions into one issue. Default: PostHog decides.
	Fingerprint string
	// Handled says whether the application dealt with the error.
	Handled *bool
	// Synthetic says whether the error, or its stack, was made up for the report.
	Synthetic *bool
	// Mechanism is the category of the place that captures, such as "generic",
	// "task" or "middleware".
	Mechanism string
	// Source is that place: technology and hook, in lower case, such as
	// "go.cron". Default none for CaptureException.
	Source string

	// Recover ends the panic of a [ServerClient.Go], and with it the goroutine but
	// not the program. It means nothing elsewhere.
	Recover bool

	// complete, if there is one, adds to an exception that will be sent what is
	// not needed to decide that: it is called once, with these options and the
	// list, and may change both.
	complete func(*ExceptionOptions, []stack.Exception)
	images   []DebugImage // that frames refer to which complete has brought
	line     uintptr      // that captured, where the library called on its behalf; 0 for the caller
	panicked any          // what an option panicked with
}

// WithLevel sets [ExceptionOptions.Level].
func WithLevel(level Level) ExceptionOption {
	return func(o *ExceptionOptions) { o.Level = level }
}

// WithFingerprint sets [ExceptionOptions.Fingerprint].
func WithFingerprint(fingerprint string) ExceptionOption {
	return func(o *ExceptionOptions) { o.Fingerprint = fingerprint }
}

// WithProperties adds properties to [ExceptionOptions.Properties].
func WithProperties(properties Properties) ExceptionOption {
	return func(o *ExceptionOptions) {
		if o.Properties == nil {
			o.Properties = properties
			return
		}
		o.Properties = NewProperties().Merge(o.Properties).Merge(properties)
	}
}

// WithDistinctId sets [ExceptionOptions.DistinctId].
func WithDistinctId(distinctId string) ExceptionOption {
	return func(o *ExceptionOptions) { o.DistinctId = distinctId }
}

// WithHandled sets [ExceptionOptions.Handled].
func WithHandled(handled bool) ExceptionOption {
	return func(o *ExceptionOptions) { o.Handled = &handled }
}

// WithSource sets [ExceptionOptions.Source] and, unless it is empty,
// [ExceptionOptions.Mechanism]: what captured the error, and of what category
// that is.
func WithSource(source, mechanism string) ExceptionOption {
	return func(o *ExceptionOptions) {
		o.Source = source
		if mechanism != "" {
			o.Mechanism = mechanism
		}
	}
}

// WithRecover sets [ExceptionOptions.Recover].
func WithRecover() ExceptionOption {
	return func(o *ExceptionOptions) { o.Recover = true }
}

// exceptionOptions returns what opts say.
func exceptionOptions(opts []ExceptionOption) *ExceptionOptions {
	o := new(ExceptionOptions)
	o.read(opts)
	return o
}

// read makes o, which is empty, what opts say. One that panics is left out.
func (o *ExceptionOptions) read(opts []ExceptionOption) {
	for len(opts) > 0 {
		opts = o.apply(opts)
	}
	if event.Blank(o.Source) {
		o.Source = ""
	}
	if event.Blank(o.Mechanism) {
		o.Mechanism = ""
	}
}

// apply lets opts change the options, and returns those behind one that panics.
func (o *ExceptionOptions) apply(opts []ExceptionOption) (rest []ExceptionOption) {
	var before ExceptionOptions
	next := 0
	defer func() {
		if value := recover(); value != nil {
			*o = before
			o.panicked, rest = value, opts[next:]
		}
	}()
	for next < len(opts) {
		opt := opts[next]
		next++
		if opt != nil {
			before = *o
			opt(o)
		}
	}
	return nil
}

// level is the one that the options say, or that of the place.
func (o *ExceptionOptions) level(p *place) Level {
	level := o.Level.known()
	fallback(&level, p.level)
	return level
}

// message returns the exception that the options describe, without its list.
func (o *ExceptionOptions) message() Exception {
	msg := Exception{
		Uuid: o.Uuid, DistinctId: o.DistinctId, Timestamp: o.Timestamp,
		Properties: o.Properties, Flags: o.Flags, Level: o.Level, Source: o.Source,
		DebugImages: o.images,
	}
	if !event.Blank(o.Fingerprint) {
		msg.ExceptionFingerprint = new(o.Fingerprint)
	}
	return msg
}
