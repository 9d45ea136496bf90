package posthog

import "fmt"

// PanicError is the error of a function that panicked; see [ServerClient.Task].
type PanicError struct {
	// Value is what panic was called with.
	Value any
}

// Error says that there was a panic, and with what.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns Value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
