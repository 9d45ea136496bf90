package monitor

import (
	"bytes"
	"io/fs"
	"strings"
)

// Foreground reports whether this process runs in the foreground of a terminal, as far as Linux tells. System is the root
// directory.
func Foreground(system fs.FS) bool {
	stat, err := fs.ReadFile(system, "proc/self/stat")
	if err != nil {
		return false
	}
	// The name of the program, in parentheses, may hold anything. State, parent, group, session, terminal, and the group in
	// the foreground of that follow.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	return len(fields) > 5 && fields[4] != "0" && fields[2] == fields[5]
}
