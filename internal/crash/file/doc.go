// Package file keeps the files into which the runtime writes when it ends a process, as docs/crash-format.md describes
// them: it makes the file of this process, adds records to it, keeps its steps beside it, and finds the files of
// processes that are dead.
//
// It starts no goroutine and tells the runtime nothing: who makes a file hands it to debug.SetCrashOutput, and takes
// it back before it removes it. All calls go to the disk and may wait for it. It never touches the file of a living
// process, nor a file whose name is not one of its own.
package file

import "encoding/json"

const (
	// MaxAttempts is how many sweeps have a file before it is removed.
	MaxAttempts = 5
	// MaxFiles is how many files a sweep takes; of more, the newest.
	MaxFiles = 20

	// MaxRecords is how much of the records is read, in bytes.
	MaxRecords = 8 << 20

	version   = 1
	maxHeader = 64 << 10 // bytes
	maxRecord = 1 << 20  // bytes
	separator = "---\n"
)

// A Header says whose file it is. Members that are empty are left out.
type Header struct {
	// Version is that of the format, which Create fills in.
	Version int `json:"v"`
	// UUID is the id of the event that a crash of the process becomes.
	UUID string `json:"uuid"`
	// PID is the process, and Start when it opened the file, in RFC 3339.
	PID   int    `json:"pid,omitempty"`
	Start string `json:"start,omitempty"`
	// Go is the version of Go, Main the path of the main module, and VCS the revision that it was built from.
	Go   string `json:"go,omitempty"`
	Main string `json:"main,omitempty"`
	VCS  string `json:"vcs,omitempty"`
	// Exe is the path of the binary, BuildID its build id, and Slide the difference between where it is loaded and
	// where it was linked for, in hexadecimal.
	Exe     string `json:"exe,omitempty"`
	BuildID string `json:"build_id,omitempty"`
	Slide   string `json:"slide,omitempty"`
	// Image is the binary's entry of $debug_images.
	Image json.RawMessage `json:"image,omitempty"`
	// Host is where the process runs, and ReleaseID which release it is.
	Host      string `json:"host,omitempty"`
	ReleaseID string `json:"release_id,omitempty"`
	// DistinctID is who crashes, if that is somebody.
	DistinctID string `json:"distinct_id,omitempty"`
	// Props are the properties of every event of the process.
	Props json.RawMessage `json:"props,omitempty"`
}
