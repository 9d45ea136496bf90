//go:build !unix

package disk

// Exhausted is false: there is no bound that a service meets.
func Exhausted(error) bool { return false }
