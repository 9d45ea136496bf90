package crash

import "strings"

// A Kind is the way in which a process ended.
type Kind string

// The kinds of ends that leave a text.
const (
	// Nothing is the kind of an empty text: the process was killed, or it called os.Exit.
	Nothing Kind = ""
	// Panic is a panic that nobody recovered.
	Panic Kind = "panic"
	// Fatal is an error that the runtime does not let a program recover from.
	Fatal Kind = "fatal"
	// Signal is a signal that makes the runtime dump all stacks.
	Signal Kind = "signal"
	// Unknown is anything else.
	Unknown Kind = "unknown"
)

// A Report is what a crash text says.
type Report struct {
	// Kind is the way in which the process ended.
	Kind Kind
	// Type is a title: "panic", "runtime.Error", "main.T" for a value of that type, "fatal error", or the name of
	// a signal.
	Type string
	// Message is the text of the panic, of the fatal error, or of the signal. See [Report.Inferred].
	Message string
	// Inferred says that Message was concluded from the stack. The runtime leaves out the messages of fatal errors.
	Inferred bool
	// Panics are the panics of the crashed goroutine, the last one first: each of the others happened before and
	// was replaced. Empty unless Kind is [Panic].
	Panics []Value
	// Signal describes a signal that the process died of, or that the runtime made a panic or a fatal error of.
	Signal *SignalInfo
	// Thrown is the place of the fatal error's message in the binary, if it is known.
	Thrown *Text
	// Goroutines are those that the text shows, as many as 256. Which of them crashed tells [Report.Crashed].
	Goroutines []Goroutine
	// System is the stack of the runtime itself at the time, innermost first.
	System []Frame
	// Truncated says that the text is not complete: it does not end with a line's end, or it was longer than
	// [MaxText].
	Truncated bool
}

// A Value is what a panic was called with.
type Value struct {
	// Type is "panic", "runtime.Error", or the type of the value where the text tells.
	Type string
	// Message is the text of the value, without the addresses in it.
	Message string
	// Recovered says that the panic was recovered before the next one replaced it.
	Recovered bool
	// Repanicked says that it was recovered, and that the same value was the next panic.
	Repanicked bool
}

// A SignalInfo is what is known of a signal.
type SignalInfo struct {
	// Name is as in "SIGSEGV".
	Name string
	// Description is as in "segmentation violation".
	Description string
	// Code, Addr and PC are as the runtime writes them, in hexadecimal for the most part; empty if it does not.
	Code, Addr, PC string
}

// A Text is a string in the memory of the process that crashed.
type Text struct {
	// Addr is the address of its first byte.
	Addr uint64
	// Len is its length in bytes, if Exact says that it can be relied on.
	Len   uint64
	Exact bool
}

// A Goroutine is one stack of the text.
type Goroutine struct {
	// ID is its number; 0 is a thread's own stack.
	ID uint64
	// State is what it was doing, such as "running" or "chan receive", and for how long.
	State string
	// Frames are its calls, innermost first, 512 at most.
	Frames []Frame
	// Elided is how many calls the runtime left out, -1 if it does not say how many.
	Elided int
	// CreatedBy is the statement that started it, nil if the text does not tell.
	CreatedBy *Frame
	// Creator is the goroutine that did, 0 if the text does not tell.
	Creator uint64
}

// A Frame is one call.
type Frame struct {
	// Function is the full name, without arguments.
	Function string
	// File and Line are the place in the sources, as the compiler named it. They are empty where the runtime did
	// not know.
	File string
	Line int
	// Inlined says that the call was inlined into the next one.
	Inlined bool
	// PC is the return address, 0 if the text does not tell. Of a statement that failed, or that a signal interrupted, it is
	// one more than the address of that. Calls that were inlined have none; they share that of the call they were inlined into.
	PC uint64
	// Entry is where the function begins, 0 if the text does not tell.
	Entry uint64
	// Created marks the statement that started the goroutine.
	Created bool
}

// Crashed returns the goroutine that ended the process, nil if the text does not show it. It is the first one if that
// was running; otherwise, such as after a signal that met an idle thread, the first with code of somebody but the
// runtime.
func (r *Report) Crashed() *Goroutine {
	running := true
	for i := range r.Goroutines {
		g := &r.Goroutines[i]
		if g.ID == 0 {
			continue
		}
		if running && strings.HasPrefix(g.State, "running") || !ofRuntimeAlone(g.Frames) {
			return g
		}
		running = false
	}
	if len(r.System) == 0 && len(r.Goroutines) > 0 {
		return &r.Goroutines[0]
	}
	return nil
}

// Stack returns the calls of the goroutine that ended the process, innermost first, without what the runtime did to
// end it. The statement that started the goroutine comes last. If a panic was recovered and called again with the same
// value, the stack ends where it happened first. Without such a goroutine there is the runtime's own stack.
func (r *Report) Stack() []Frame {
	g := r.Crashed()
	if g == nil {
		return r.System
	}
	rest := raised(g.Frames)
	if r.Kind == Panic && len(r.Panics) > 0 && r.Panics[0].Repanicked {
		for i := range rest {
			if panics(rest[i].Function) {
				rest = raised(rest[i:])
				break
			}
		}
	}
	frames := make([]Frame, 0, len(rest)+1)
	for _, f := range rest {
		if !panics(f.Function) && f.Function != "runtime.goexit" && f.Function != "runtime.main" {
			frames = append(frames, f)
		}
	}
	if len(frames) == 0 {
		frames = append(frames, g.Frames...)
	}
	if g.CreatedBy != nil {
		frames = append(frames, *g.CreatedBy)
	}
	return frames
}
