package main

// chargeError is what a service reports. Its text is there already, because making one is nobody's work here.
type chargeError struct {
	text  string
	cause error
}

// Error implements error.
func (e *chargeError) Error() string { return e.text }

// Unwrap returns what went wrong below.
func (e *chargeError) Unwrap() error { return e.cause }

// tableError is what a chargeError wraps.
type tableError struct{ text string }

// Error implements error.
func (e *tableError) Error() string { return e.text }

// failures makes errors that each wrap another one. All are different, as they are in a service.
func failures(count int) []error {
	made := make([]error, count)
	for i := range made {
		made[i] = &chargeError{"charge the card: the table is locked", &tableError{"the table is locked"}}
	}
	return made
}

// errorProperties are what the i-th error is reported with.
func errorProperties(i int) map[string]any {
	return map[string]any{"tenant": "example.com", "order": i, "total": float64(i%1000) + 0.95}
}
