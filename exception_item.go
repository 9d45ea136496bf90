package posthog

import "github.com/hedgerow/posthog/internal/event"

// ExceptionItem is one error of a chain.
type ExceptionItem struct {
	// Type is the title that PostHog shows, such as "fs.PathError".
	Type string `json:"type"`
	// Value is the error's text. It may be empty.
	Value string `json:"value"`
	// Module is the import path of the error's type, where Type does not say it.
	Module string `json:"module,omitempty"`
	// ThreadID is the id of the goroutine, 0 if nobody knows it.
	ThreadID int32 `json:"thread_id,omitempty"`
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
	// Resolved says that the names of a frame of platform "custom" are final.
	Resolved bool `json:"resolved,omitempty"`
	// ContextLine is the line of source code, which PostHog shows of frames of
	// platform "custom".
	ContextLine string `json:"context_line,omitempty"`
	// PreContext are the lines before it, in the order of the file; those that the
	// library found are the other way round with
	// [ErrorTrackingConfig.NearestLinesFirst].
	PreContext []string `json:"pre_context,omitempty"`
	// PostContext are the lines after it, in the order of the file.
	PostContext []string `json:"post_context,omitempty"`
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
