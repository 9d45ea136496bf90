package monitor

import (
	"bytes"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Kills returns how often the kernel has killed a process for want of memory in the control group of this process and
// those below it. System is the root directory. It knows control groups of version 2 alone, and reports whether it knows.
func Kills(system fs.FS) (n uint64, ok bool) {
	groups, err := fs.ReadFile(system, "proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(groups) {
		group, found := strings.CutPrefix(strings.TrimSuffix(string(line), "\n"), "0::/")
		if !found {
			continue
		}
		// Within a container the group may be named as the host sees it, while the container sees itself alone.
		for _, dir := range []string{path.Join("sys/fs/cgroup", path.Clean("/"+group)), "sys/fs/cgroup"} {
			if n, ok := kills(system, dir); ok {
				return n, true
			}
		}
	}
	return 0, false
}

// kills reads the events of one control group.
func kills(system fs.FS, dir string) (n uint64, ok bool) {
	events, err := fs.ReadFile(system, path.Join(dir, "memory.events"))
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(events) {
		if count, found := strings.CutPrefix(strings.TrimSpace(string(line)), "oom_kill "); found {
			n, err := strconv.ParseUint(count, 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
