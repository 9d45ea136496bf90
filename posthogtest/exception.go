package posthogtest

// exceptionEvent is the name of the events that error tracking reads.
const exceptionEvent = "$exception"

// Exception is one entry of the $exception_list of an event, as PostHog reads
// it.
type Exception struct {
	// Type is the title, such as "fs.PathError", never empty.
	Type string
	// Value is the message, "" for none.
	Value string
	// Module is the package of the type, "" if it was not told.
	Module string
	// ThreadID is the goroutine, 0 if it was not told.
	ThreadID int32
	// Mechanism says how the exception came to be reported.
	Mechanism Mechanism
	// Frames is the stack as it was sent, by convention the outermost call first.
	// It is nil without a stacktrace, and empty but not nil for a stacktrace
	// without frames, which keeps the message out of the grouping.
	Frames []Frame
}

// Mechanism says how an exception came to be reported, and which one of its list
// it hangs on.
type Mechanism struct {
	// Type is the boundary that reported it, such as "generic" or "panic", and
	// "chained" further down the list.
	Type string
	// Source is how it hangs on its parent, such as "unwrap" or "member".
	Source string
	// Handled and Synthetic are nil where they were not told.
	Handled, Synthetic *bool
	// ID is exception_id, and ParentID parent_id; nil where they were not told.
	ID, ParentID *int
}

// Frame is one call of a stack. What PostHog drops of a platform, such as the
// source lines of "go", is not here; [Event.Properties] has it.
type Frame struct {
	// Platform is "go", "native", "custom" or that of another language.
	Platform string
	// Lang is the language of native and custom frames.
	Lang string
	// Function, Filename and Module are where; Module is "" for "go".
	Function, Filename, Module string
	// Line and Column count from 1; 0 is unknown.
	Line, Column int
	// InApp says that the frame is the application's own code, as it is where
	// nothing was sent.
	InApp bool
	// Synthetic says that it was made up by instrumentation.
	Synthetic bool
	// Resolved says that PostHog takes the names as they are: those of "go"
	// always, those of "custom" if it was sent, those of "native" without an
	// address, as no symbols were uploaded here.
	Resolved bool
	// ContextLine is the line of source code.
	ContextLine string
	// PreContext and PostContext are the lines before and after it, in the order
	// that was sent.
	PreContext, PostContext []string
	// InstructionAddr, SymbolAddr and ImageAddr are the addresses of a native
	// frame, such as "0x401000".
	InstructionAddr, SymbolAddr, ImageAddr string
	// ClientResolved says that the names of a native frame come from the running
	// program, and Inline that it was inlined into the frame before it.
	ClientResolved, Inline bool
}

// Exceptions returns what an event named $exception reports, the error that was
// caught first, and nil for other events and for those that PostHog cannot read.
// It reads the properties anew at each call.
func (e Event) Exceptions() []Exception {
	if e.Name != exceptionEvent {
		return nil
	}
	in, flaw := readIncident(e.Properties)
	if flaw != nil {
		return nil
	}
	return in.list
}
