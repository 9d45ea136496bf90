package posthog

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// Defaults and limits of [ErrorTrackingConfig].
const (
	// DefaultExceptionFrames is how many calls of a stack are sent.
	DefaultExceptionFrames = 64
	// MaxExceptionFrames is the largest [ErrorTrackingConfig.MaxFrames].
	MaxExceptionFrames = 256
)

// DefaultExceptionRateLimit is the zero [ExceptionRateLimit], spelled out. It is
// there to be read, and must not be changed.
var DefaultExceptionRateLimit = ExceptionRateLimit{
	Burst: 50, Every: time.Second, TotalBurst: 500, TotalEvery: 100 * time.Millisecond,
}

// ErrorTrackingConfig says how errors and their stacks are described; see
// [ServerClient.CaptureException]. Its functions may be called by several
// goroutines at once. One that panics is taken for one that says nothing.
type ErrorTrackingConfig struct {
	// MaxFrames bounds the calls of a stack; the outermost are left out first.
	// Default [DefaultExceptionFrames], at most [MaxExceptionFrames].
	MaxFrames int

	// InApp decides which frames are the application's own, in place of all
	// rules. PostHog groups exceptions by these frames. Default: those of package
	// main, of the main module, and of modules that are replaced by folders
	// beside it. A frame at which it panics is none of them.
	InApp InAppDecider
	// InAppInclude and InAppExclude are import paths of packages whose frames,
	// and those of packages below, are the application's own, or not;
	// "example.com/lib/..." is the same as "example.com/lib". Exclude wins over
	// Include, and both over the rules.
	InAppInclude, InAppExclude []string
	// AbsolutePaths names files as the compiler did, with the folders of the
	// machine that built the program, so that builds of different machines are
	// different issues. Default: relative to the module, as in "billing/charge.go".
	AbsolutePaths bool

	// NativeFrames sends the addresses of frames, so that PostHog can resolve
	// them with symbols that were uploaded, and show source code. It takes
	// Linux or macOS, and a binary with a build id, as Go builds it unless it is
	// told -ldflags=-B=none; elsewhere frames stay as they are, with a warning.
	NativeFrames bool
	// SourceContext adds lines of source code to the application's frames, if the
	// files are where they were when the program was built, and not newer than it.
	SourceContext bool
	// SourceFS has the files for SourceContext instead, named as frames name
	// them, such as an [embed.FS] of the module's root.
	SourceFS fs.FS
	// NearestLinesFirst sends the lines before a frame's own with the nearest
	// first. Default false: in the order of the file, as PostHog's format says.
	// Its servers have been seen to read them the other way round; set this if
	// PostHog shows the lines above a frame upside down.
	NearestLinesFirst bool

	// TypeName returns the title of an error, or nothing where the rules are to
	// decide: what a method ErrorType() string says, or else the error's type,
	// and that of what it wraps if it is one that only wraps.
	TypeName func(error) string
	// GroupByMessages lets PostHog group exceptions by the texts of errors that
	// are wrapped, too. As those often hold ids, that makes many issues of one.
	GroupByMessages bool
	// AlwaysCaptureSite sends the stack of the capture also where an error that
	// is wrapped has a stack of its own.
	AlwaysCaptureSite bool

	// RateLimit bounds the exceptions that nobody captured by hand.
	RateLimit ExceptionRateLimit
	// KeepDuplicates sends an error as often as it is captured. Default false: once
	// on its way up, see [ServerClient.CaptureException].
	KeepDuplicates bool

	// ReleaseID is the id of a release in PostHog, sent as $release_id. Default
	// none; [FromEnv] takes POSTHOG_RELEASE_ID.
	ReleaseID string
	// ActiveSpan returns the ids of the span that is active in a context, in
	// hexadecimal, of 32 and 16 digits. They are sent as $trace_id and $span_id.
	// Default nil: there is none.
	ActiveSpan func(context.Context) (traceID, spanID string)
	// LogCaptured writes a line of level error to [Config.Logger] for each
	// exception that is captured, and neither a duplicate nor held back. That shows
	// panics which ServerClient.Recover and its like end in silence.
	LogCaptured bool
}

// ExceptionRateLimit bounds how many exceptions are sent, so that one line that
// fails in a loop costs neither events nor a queue. It counts those of one
// type, which is the title of the issue, or of one line that logs without an
// error, and all together. What is beyond it is dropped as
// [OutcomeRateLimited]; the next one of that type that is sent has their number
// as property exceptions_held_back.
//
// It holds for what reports errors by itself: the slog handler, middleware,
// interceptors, and what catches panics. Fatal exceptions are never held back,
// nor is what is given to Enqueue, nor, unless Manual is set, what is given to
// [ServerClient.CaptureException].
type ExceptionRateLimit struct {
	// Burst is how many exceptions of one type are sent at once. Default 50.
	// Negative means no limit.
	Burst int
	// Every is how often one more of that type may be sent. Default a second.
	Every time.Duration
	// TotalBurst is Burst for all types together. Default 500. Negative means no
	// limit.
	TotalBurst int
	// TotalEvery is Every for all types together. Default a tenth of a second.
	TotalEvery time.Duration
	// Manual limits CaptureException as well.
	Manual bool
}

// validate reports the first field that cannot be used.
func (c *ErrorTrackingConfig) validate() error {
	if c.MaxFrames < 0 || c.MaxFrames > MaxExceptionFrames {
		return ConfigError{Field: "ErrorTracking.MaxFrames", Value: c.MaxFrames, Reason: "must be from 1 to 256; 0 means 64"}
	}
	for _, f := range []struct {
		name  string
		paths []string
	}{
		{"ErrorTracking.InAppInclude", c.InAppInclude},
		{"ErrorTracking.InAppExclude", c.InAppExclude},
	} {
		if i := slices.IndexFunc(f.paths, event.Blank); i >= 0 {
			return ConfigError{Field: fmt.Sprintf("%s[%d]", f.name, i), Value: strconv.Quote(f.paths[i]), Reason: "must be an import path"}
		}
	}
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"ErrorTracking.RateLimit.Every", c.RateLimit.Every},
		{"ErrorTracking.RateLimit.TotalEvery", c.RateLimit.TotalEvery},
	} {
		if f.value < 0 {
			return ConfigError{Field: f.name, Value: f.value, Reason: "must not be negative; 0 means the default"}
		}
	}
	return nil
}

// withDefaults returns the limit with no zero value left.
func (l ExceptionRateLimit) withDefaults() ExceptionRateLimit {
	fallback(&l.Burst, DefaultExceptionRateLimit.Burst)
	fallback(&l.Every, DefaultExceptionRateLimit.Every)
	fallback(&l.TotalBurst, DefaultExceptionRateLimit.TotalBurst)
	fallback(&l.TotalEvery, DefaultExceptionRateLimit.TotalEvery)
	l.Burst, l.TotalBurst = min(l.Burst, math.MaxInt32), min(l.TotalBurst, math.MaxInt32)
	return l
}
