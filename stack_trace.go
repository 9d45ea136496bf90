package posthog

import (
	"runtime"
	"slices"

	"github.com/hedgerow/posthog/internal/stack"
)

// InAppDecider says whether a frame is the application's own code; see
// [ErrorTrackingConfig.InApp].
type InAppDecider func(frame runtime.Frame) bool

// SimpleInAppDecider decides as the library does by default: frames of package
// main, of the main module, and of modules that are replaced by folders beside
// it, are the application's own. Function and File of the frame are what counts.
// It is for deciders that have an opinion about a few frames only.
func SimpleInAppDecider(frame runtime.Frame) bool {
	return plain().rules.Frame(frame.Function, frame.File, frame.Line).InApp
}

// StackTraceExtractor takes the stack of its caller; see
// [SlogOptions.StackTraceExtractor]. [DefaultStackTraceExtractor] is one. One
// that is a [DebugImageProvider], too, is asked for images after each stack.
type StackTraceExtractor interface {
	// GetStackTrace returns the stack of the calling goroutine without the skip
	// innermost calls, of which 0 is that of [runtime.Callers] within it, and 1
	// its own. It may be called by several goroutines at once.
	GetStackTrace(skip int) *ExceptionStacktrace
}

// DefaultStackTraceExtractor takes stacks as the library does by default. They
// have [DefaultExceptionFrames] frames at most, and begin with the program's
// entry. The zero value is ready.
type DefaultStackTraceExtractor struct {
	// InAppDecider says which frames are the application's own. It gets frames
	// with Function, File and Line; for one that panics there is none. Default
	// nil: the rules of [ErrorTrackingConfig.InApp].
	InAppDecider InAppDecider
}

// GetStackTrace returns the stack of the calling goroutine without the skip
// innermost calls: 2 and less let it end with the call of GetStackTrace. The
// library's own calls are left out in any case.
func (d DefaultStackTraceExtractor) GetStackTrace(skip int) *ExceptionStacktrace {
	var trace stack.Trace
	trace.Capture(max(skip-1, 0), 0)
	frames := plain().rules.Frames(&trace)
	shown := stackFrames(frames)
	if d.InAppDecider != nil {
		for i, f := range frames {
			shown[i].InApp, _ = guarded(func() bool {
				return d.InAppDecider(runtime.Frame{Function: f.Function, File: f.Path, Line: f.Line})
			})
		}
	}
	return &ExceptionStacktrace{Type: "raw", Frames: shown}
}

// GetDebugImages returns nothing, because the frames have no addresses. Those of
// [ErrorTrackingConfig.NativeFrames] do, and their images travel with them.
func (d DefaultStackTraceExtractor) GetDebugImages() []DebugImage { return nil }

// completedStack returns a copy of a stack that PostHog can read.
func completedStack(s *ExceptionStacktrace) *ExceptionStacktrace {
	given := &ExceptionStacktrace{Type: s.Type, Frames: slices.Clone(s.Frames)}
	completeStack(given)
	return given
}

// described returns a stack of the application as the library describes its
// own.
func (s *ExceptionStacktrace) described() *stack.Stack {
	frames := make([]*stack.Frame, len(s.Frames))
	for i := range s.Frames {
		f := &s.Frames[i]
		frames[i] = &stack.Frame{
			Filename: f.Filename, Line: f.LineNo, Function: f.Function, InApp: f.InApp, Synthetic: f.Synthetic,
			Platform: f.Platform, Lang: f.Lang,
			InstructionAddr: f.InstructionAddr, SymbolAddr: f.SymbolAddr, ImageAddr: f.ImageAddr,
			ClientResolved: f.ClientResolved, Inline: f.Inline, Resolved: f.Resolved,
			ContextLine: f.ContextLine, PreContext: slices.Clone(f.PreContext), PostContext: slices.Clone(f.PostContext),
		}
	}
	return &stack.Stack{Type: s.Type, Frames: frames}
}
