package posthog

import (
	"slices"

	"github.com/hedgerow/posthog/internal/event"
)

// ExceptionItem is one error of a chain.
type ExceptionItem struct {
	// Type is the title that PostHog shows, such as "*fs.PathError".
	Type string `json:"type"`
	// Value is the error's text. It may be empty.
	Value string `json:"value"`
	// Mechanism says how the error came to be reported.
	Mechanism *ExceptionMechanism `json:"mechanism,omitempty"`
	// Stacktrace says where.
	Stacktrace *ExceptionStacktrace `json:"stacktrace,omitempty"`
}

// Validate reports an empty Type as a [FieldError].
func (msg ExceptionItem) Validate() error {
	if event.Blank(msg.Type) {
		return FieldError{Type: "posthog.ExceptionItem", Name: "Type", Value: msg.Type}
	}
	return nil
}

// ExceptionMechanism says how an error came to be reported. What is not known
// is left out.
type ExceptionMechanism struct {
	// Handled says whether the application dealt with the error.
	Handled *bool `json:"handled,omitempty"`
	// Synthetic says whether the error was made up by instrumentation.
	Synthetic *bool `json:"synthetic,omitempty"`
	// Type is the boundary that reported it, such as "generic" or "panic"; in
	// a chain, "chained" for all but the first.
	Type string `json:"type,omitempty"`
	// Source says how an error of a chain hangs on its parent: "cause",
	// "member", and so on.
	Source string `json:"source,omitempty"`
	// ExceptionID numbers the errors of a chain from 0.
	ExceptionID *int `json:"exception_id,omitempty"`
	// ParentID is the ExceptionID of the error that this one hangs on.
	ParentID *int `json:"parent_id,omitempty"`
}

// ExceptionStacktrace is a stack, from the program's entry to the place of the
// error.
type ExceptionStacktrace struct {
	// Type is "raw".
	Type string `json:"type"`
	// Frames are the calls, outermost first.
	Frames []StackFrame `json:"frames"`
}

// StackFrame is one call of a stack.
type StackFrame struct {
	// Filename is the path of the source file.
	Filename string `json:"filename"`
	// LineNo counts lines from 1.
	LineNo int `json:"lineno"`
	// Function is the full name of the function.
	Function string `json:"function"`
	// InApp says whether the frame is the application's own code.
	InApp bool `json:"in_app"`
	// Synthetic says whether the frame was made up by instrumentation.
	Synthetic bool `json:"synthetic"`
	// Platform is "go", or "native" for frames that PostHog resolves.
	Platform string `json:"platform"`
	// Lang is the language to show native frames in.
	Lang string `json:"lang,omitempty"`
	// InstructionAddr is the address of the call, in hexadecimal.
	InstructionAddr string `json:"instruction_addr,omitempty"`
	// SymbolAddr is where the function starts, in hexadecimal.
	SymbolAddr string `json:"symbol_addr,omitempty"`
	// ImageAddr is where the binary is loaded, in hexadecimal.
	ImageAddr string `json:"image_addr,omitempty"`
	// ClientResolved says that the names come from the running program.
	ClientResolved bool `json:"client_resolved,omitempty"`
	// Inline marks a call that the compiler inlined into the frame before.
	Inline bool `json:"inline,omitempty"`
}

// DebugImage is a binary that native frames refer to.
type DebugImage struct {
	// Type is the format: "elf", "macho" or "pe".
	Type string `json:"type"`
	// DebugID identifies the uploaded symbols.
	DebugID string `json:"debug_id"`
	// CodeID identifies the code, such as the build ID of an ELF file.
	CodeID string `json:"code_id,omitempty"`
	// ImageAddr is where the binary is loaded, in hexadecimal.
	ImageAddr string `json:"image_addr"`
	// ImageSize is its size in memory, in bytes.
	ImageSize uint64 `json:"image_size,omitempty"`
	// ImageVmaddr is where it was linked to be loaded, in hexadecimal.
	ImageVmaddr string `json:"image_vmaddr,omitempty"`
	// CodeFile is the path of the binary.
	CodeFile string `json:"code_file,omitempty"`
	// Arch is the processor, such as "arm64".
	Arch string `json:"arch"`
}

// cloneItems returns a copy of items that shares nothing with them.
func cloneItems(items []ExceptionItem) []ExceptionItem {
	items = slices.Clone(items)
	for i := range items {
		items[i].Mechanism = clonePointer(items[i].Mechanism)
		if m := items[i].Mechanism; m != nil {
			m.Handled, m.Synthetic = clonePointer(m.Handled), clonePointer(m.Synthetic)
			m.ExceptionID, m.ParentID = clonePointer(m.ExceptionID), clonePointer(m.ParentID)
		}
		items[i].Stacktrace = clonePointer(items[i].Stacktrace)
		if s := items[i].Stacktrace; s != nil {
			s.Frames = slices.Clone(s.Frames)
		}
	}
	return items
}

// clonePointer returns a pointer to a copy of what p points to, or nil.
func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
