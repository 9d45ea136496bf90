package monitor

import (
	"bytes"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// A Tally is where the kernel counts what it kills for want of memory in one control group. The zero Tally is none.
//
// Version 2 counts the groups below as well, to which the processes of this one may move. Version 1 does not. Both count
// for the group of the victim, whoever it was that wanted the memory and whose limit it met, that of the machine included.
type Tally struct {
	system fs.FS
	file   string
}

// FindTally returns the tally of the control group of this process, which has the id pid, or none if that cannot be told
// for sure. System is the root directory of Linux.
func FindTally(system fs.FS, pid int) Tally {
	mounts := groupMounts(system)
	for _, s := range seatsOf(system) {
		for _, m := range mounts {
			if m.version1 != s.version1 {
				continue
			}
			group, found := below(m.root, s.group)
			if !found || !holds(system, path.Join(m.point, group), pid) {
				continue
			}
			if t := (Tally{system, tallyFile(system, m, group)}); t.file != "" {
				return t
			}
		}
	}
	return Tally{}
}

// tallyFile returns the file that has the count for a group of the hierarchy that is mounted there, empty if none has.
func tallyFile(system fs.FS, m groupMount, group string) string {
	for {
		file := path.Join(m.point, group, m.events())
		if _, known := (Tally{system, file}).Kills(); known {
			return file
		}
		if m.version1 || group == "" {
			return ""
		}
		// A group of version 2 that has no controller for memory shares that of the group above.
		if group = path.Dir(group); group == "." {
			group = ""
		}
	}
}

// Kills returns how often the kernel has killed a process, and reports whether that is known.
func (t Tally) Kills() (n uint64, known bool) {
	if t.file == "" {
		return 0, false
	}
	events, found := read(t.system, t.file)
	if !found {
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
