package posthog

import (
	"fmt"
	"slices"

	"github.com/hedgerow/posthog/internal/stack"
)

// PanicError is the error of a function that panicked; see [ServerClient.Task].
type PanicError struct {
	// Value is what panic was called with.
	Value any

	callers []uintptr
}

// newPanicError returns the error of a panic, on the stack of the panic.
func newPanicError(value any) *PanicError {
	var trace stack.Trace
	trace.CapturePanic(0, 0)
	return &PanicError{Value: value, callers: trace.Panicked()}
}

// Error says that there was a panic, and with what.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// ErrorType is the title of the panic's issue: "panic" for text, or the type of
// Value. It is empty if Value is an error, whose own type is the title then.
func (e *PanicError) ErrorType() string {
	if _, ok := e.Value.(error); ok {
		return ""
	}
	return stack.Recovered(e.Value, nil).Title()
}

// Callers returns the stack of the panic, as [runtime.Callers] does, innermost
// call first. It is empty for an error that Task did not make.
func (e *PanicError) Callers() []uintptr { return slices.Clone(e.callers) }

// Unwrap returns Value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
