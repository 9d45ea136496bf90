// Package host says in a few words what a measurement ran on. It reads /proc, keeps nothing and starts nothing; what it
// cannot find out is Unknown.
package host

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
)

// Unknown stands for what cannot be found out.
const Unknown = "unknown"

// Kernel is the name and the version of the system, without what its builder added: "Linux 6.18.44".
func Kernel() string {
	name, err := os.ReadFile("/proc/sys/kernel/ostype")
	if err != nil {
		return Unknown
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return Unknown
	}
	number, _, _ := strings.Cut(string(bytes.TrimSpace(release)), "-")
	return string(bytes.TrimSpace(name)) + " " + number
}

// FileSystem is the kind of file system that a folder lies on, such as "ext4" or "tmpfs".
func FileSystem(folder string) string {
	at, err := filepath.Abs(folder)
	if err != nil {
		return Unknown
	}
	if at, err = filepath.EvalSymlinks(at); err != nil {
		return Unknown
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return Unknown
	}
	return mountOf(at, mounts)
}

// mountOf finds the innermost mount above an absolute path, in lines of "device point kind options 0 0". Of two at the same
// point the later one hides the earlier.
func mountOf(at string, mounts []byte) string {
	kind, innermost := Unknown, 0
	for lines := bufio.NewScanner(bytes.NewReader(mounts)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 {
			continue
		}
		point := octal.Replace(fields[1])
		if len(point) >= innermost && within(at, point) {
			kind, innermost = fields[2], len(point)
		}
	}
	return kind
}

// octal undoes what the kernel does to the characters that separate the fields.
var octal = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// within reports whether a path is the mount point or below it.
func within(at, point string) bool {
	return at == point || strings.HasPrefix(at, strings.TrimSuffix(point, "/")+"/")
}
