package posthogtest

// TB is the part of *testing.T this package needs. Declaring it here keeps
// package testing out of programs that embed the server. Implementations must
// be safe for use from the test's own goroutine; the package calls no method
// from any other.
type TB interface {
	// Helper marks the caller as a helper, whose lines are not reported.
	Helper()
	// Errorf reports a failure, and the test goes on.
	Errorf(format string, args ...any)
	// Fatalf reports a failure and ends the test.
	Fatalf(format string, args ...any)
	// Cleanup calls a function at the end of the test.
	Cleanup(func())
	// Logf adds to the log of the test.
	Logf(format string, args ...any)
}
