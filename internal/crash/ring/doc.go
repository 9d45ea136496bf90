// Package ring keeps what a program did last in a file that outlives it, as docs/crash-format.md describes under Steps:
// it makes the file of this process, copies steps into its mapping, and reads the file of a process that is dead.
//
// It starts no goroutine. Adding a step runs on the caller's goroutine, under a short lock, and makes no system call
// where files can be mapped; the other calls go to the disk and may wait for it. It syncs nothing, never reads the
// mapping, and never ends the process when the file is truncated under it.
package ring

const (
	// DefaultSize is the size of a file that holds as much as Read gives back.
	DefaultSize = 64 << 10
	// MaxStep is the size of the largest step, in bytes.
	MaxStep = 8 << 10
	// MaxRead is what Read gives back at most, in bytes of JSON as one array.
	MaxRead = 32 << 10

	minSize = 16 << 10 // so that the largest step fits
	maxSize = 1 << 20
)
