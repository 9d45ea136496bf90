package posthogtest

// TB is the part of *testing.T this package needs. Declaring it here keeps
// package testing out of programs that embed the server. Implementations must
// be safe for use from the test's own goroutine; the package calls no method
// from any other.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	Logf(format string, args ...any)
}
