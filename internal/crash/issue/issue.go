// Package issue makes exceptions of crash reports: what internal/crash read becomes what internal/stack sends.
//
// It runs on whatever goroutine calls it and touches nothing. Whose code a frame is, and what files are called, the
// rules of the program that reads the crash decide; it is the one that crashed, or another build of it.
package issue

import (
	"math"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/stack/image"
)

// Source is the $exception_source of every crash.
const Source = "go.crash_output"

// Exceptions returns the list of a crash: what ended the process, with the stack of its goroutine, and then the panics
// that it replaced. A report of nothing has none. Calls whose addresses the text tells, and that lie in m, become native
// frames; a nil m makes none.
func Exceptions(r *crash.Report, rules *stack.Rules, m *image.Image) []stack.Exception {
	if r.Kind == crash.Nothing {
		return nil
	}
	first := stack.Exception{
		Type:      r.Type,
		Value:     r.Message,
		Mechanism: stack.Mechanism{Type: mechanism(r.Kind), Handled: new(false), Synthetic: new(false)},
	}
	if g := r.Crashed(); g != nil && g.ID <= math.MaxInt32 {
		first.ThreadID = int32(g.ID)
	}
	if frames := frames(r.Stack(), rules, m); len(frames) > 0 {
		first.Stack = &stack.Stack{Type: "raw", Frames: frames}
	}
	list := []stack.Exception{first}
	for i := range r.Panics {
		if i == 0 || len(list) == stack.MaxExceptions {
			continue
		}
		list = append(list, stack.Exception{
			Type:  r.Panics[i].Type,
			Value: r.Panics[i].Message,
			Mechanism: stack.Mechanism{
				Type: "chained", Source: "context", Synthetic: new(false),
				ID: i, Parent: new(i - 1),
			},
			Stack: rules.NoStack(),
		})
	}
	return list
}

// mechanism returns the category of a crash.
func mechanism(kind crash.Kind) string {
	switch kind {
	case crash.Panic:
		return "panic"
	case crash.Signal:
		return "signal"
	default:
		return "crash_reporter"
	}
}

// frames turns calls, innermost first, into frames, outermost first. The statement that started the goroutine counts
// as a call that nobody made.
func frames(calls []crash.Frame, rules *stack.Rules, m *image.Image) []*stack.Frame {
	named := make([]stack.Call, len(calls))
	for i := range calls {
		c := &calls[i]
		named[i] = stack.Call{Function: c.Function, File: c.File, Line: c.Line, Synthetic: c.Created}
	}
	frames := rules.Calls(named)
	if m != nil {
		markNative(m, frames, calls)
	}
	return frames
}

// Properties returns what else is known of a crash, as properties of its event: the signal and the address that it
// was about, nothing of the program's memory.
func Properties(r *crash.Report) map[string]any {
	p := make(map[string]any)
	if s := r.Signal; s != nil {
		for name, value := range map[string]string{"crash_signal": s.Name, "crash_code": s.Code, "crash_addr": s.Addr} {
			if value != "" {
				p[name] = value
			}
		}
	}
	if r.Truncated {
		p["crash_truncated"] = true
	}
	if r.Inferred {
		p["crash_inferred"] = true
	}
	return p
}
