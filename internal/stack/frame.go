package stack

import (
	"math"
	"runtime"
)

// A Frame is one call of a stack, with the names that PostHog reads. What does not apply to the frame's platform is
// left out.
//
// The frames of a [Stack] are shared with other stacks that lead through the same place, and with other goroutines.
// They must not be changed; copies may.
type Frame struct {
	// Platform is "go"; "native" for frames that PostHog resolves with uploaded symbols; "custom" for frames with
	// source lines.
	Platform string `json:"platform"`
	// Function is the full name of the function, without arguments.
	Function string `json:"function"`
	// Filename is the file as the project calls it, or "unknown".
	Filename string `json:"filename"`
	// Line counts from 1; 0 means unknown.
	Line int `json:"lineno"`
	// InApp says whether it is the application's own code.
	InApp bool `json:"in_app"`
	// Synthetic marks the statement that started a goroutine, which was not a call.
	Synthetic bool `json:"synthetic,omitempty"`
	// Lang is the language of native and custom frames.
	Lang string `json:"lang,omitempty"`
	// Resolved says that a custom frame has its names already.
	Resolved bool `json:"resolved,omitempty"`
	// ContextLine is the line of source code.
	ContextLine string `json:"context_line,omitempty"`
	// PreContext and PostContext are the lines before and after it, in the order of the file.
	PreContext  []string `json:"pre_context,omitempty"`
	PostContext []string `json:"post_context,omitempty"`
	// InstructionAddr is the return address of a native frame, in hexadecimal, as all addresses. The frames that
	// were inlined into another one have the address of that.
	InstructionAddr string `json:"instruction_addr,omitempty"`
	// SymbolAddr is where the function starts.
	SymbolAddr string `json:"symbol_addr,omitempty"`
	// ImageAddr is where the binary is loaded.
	ImageAddr string `json:"image_addr,omitempty"`
	// ClientResolved says that the names of a native frame come from the running program.
	ClientResolved bool `json:"client_resolved,omitempty"`
	// Inline marks a call that was inlined into the frame before it.
	Inline bool `json:"inline,omitempty"`

	// Package is the import path of the package that the code is in. It is not sent.
	Package string `json:"-"`
	// Path is the file as the compiler named it. It is not sent.
	Path string `json:"-"`

	json  []byte // of owner
	owner *Frame // this frame, or the one that it is a copy of and may differ from; nil if there is no JSON
}

// Frame returns the frame of a call by what is known of it, such as from the text of a crash.
func (r *Rules) Frame(function, file string, line int) Frame {
	return *r.frame(runtime.Frame{Function: function, File: file, Line: line})
}

// A Call is what is known of a call that was not captured in this process.
type Call struct {
	Function string
	File     string
	Line     int
	// Synthetic marks what was not a call: the statement that started a goroutine.
	Synthetic bool
}

// Calls returns the frames of calls, which are given innermost first, the outermost first. They are limited like
// those of a captured stack; a synthetic call at the outer end stays.
func (r *Rules) Calls(calls []Call) []*Frame {
	if n := r.options.MaxFrames; len(calls) > n {
		last := calls[len(calls)-1]
		calls = append([]Call(nil), calls[:n]...)
		if last.Synthetic {
			calls[n-1] = last
		}
	}
	var p patience
	frames := make([]*Frame, len(calls))
	for i := range calls {
		f := r.frame(runtime.Frame{Function: calls[i].Function, File: calls[i].File, Line: calls[i].Line})
		f.Synthetic = calls[i].Synthetic
		if r.options.Sources != nil {
			f, _ = r.options.Sources.withLines(f, &p)
		}
		frames[len(calls)-1-i] = f
	}
	return frames
}

// Frames returns the frames of a captured stack, the outermost call first. An empty trace has none. The slice is the
// caller's, the frames are shared.
func (r *Rules) Frames(t *Trace) []*Frame {
	var p patience
	return r.captured(t, &p)
}

func (r *Rules) captured(t *Trace, p *patience) []*Frame {
	if t == nil || t.n == 0 {
		return nil
	}
	var room [DefaultFrames + slack]*place
	calls := r.at(room[:0], t.pcs[:t.n])
	if t.panicked {
		calls = sincePanic(calls)
	}
	return r.frames(withoutLibrary(calls), p)
}

// frames turns calls, innermost first, into frames, outermost first.
func (r *Rules) frames(calls []*place, p *patience) []*Frame {
	calls = shorten(calls, r.options.MaxFrames)
	frames := make([]*Frame, len(calls))
	if r.options.Image != nil {
		markNative(r.options.Image, frames, calls)
	}
	for i, call := range calls {
		if f := &frames[len(frames)-1-i]; *f == nil {
			*f = r.complete(call, p)
		}
	}
	return frames
}

// shorten leaves out the outermost calls beyond the limit, and those inlined into one of them.
func shorten(calls []*place, limit int) []*place {
	if len(calls) <= limit {
		return calls
	}
	for n := limit; n > 0; n-- {
		if calls[n-1].call.Func != nil {
			return calls[:n]
		}
	}
	return calls[:limit]
}

func (r *Rules) frame(call runtime.Frame) *Frame {
	pkg := r.packageOf(call)
	f := &Frame{
		Platform: "go",
		Function: clip(unescape(call.Function), maxName),
		Filename: clip(r.filename(call.File, pkg), maxName),
		Line:     line(call.Line),
		InApp:    r.inApp(call, pkg),
		Package:  pkg,
		Path:     call.File,
	}
	if f.Function == "" {
		f.Function = unknown
	}
	if f.Filename == "" {
		f.Filename = unknown
	}
	if f.Filename == unknown {
		f.Line = 0
	}
	return f
}

// line bounds a line number to what PostHog can read.
func line(n int) int {
	if n < 0 || int64(n) > math.MaxUint32 {
		return 0
	}
	return n
}
