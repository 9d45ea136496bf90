package monitor

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxSystemFile bounds how much of a file of the system is read, which is enough for some twenty thousand mounts. What is
// longer is taken for unreadable.
const maxSystemFile = 4 << 20 // bytes

// read returns what is in a file of the system.
func read(system fs.FS, name string) (text []byte, ok bool) {
	f, err := system.Open(name)
	if err != nil {
		return nil, false
	}
	defer func() { _ = f.Close() }() // it was not written to
	text, err = io.ReadAll(io.LimitReader(f, maxSystemFile+1))
	if err != nil || len(text) > maxSystemFile {
		return nil, false
	}
	return text, true
}

// seat is the group that a process has in one hierarchy of control groups.
type seat struct {
	version1 bool
	group    string // as seen from that of the namespace, above which it may be: "/shop", "/../shop"
}

// seatsOf returns the groups of this process that may count its memory. At most one of them does: a controller is in
// one hierarchy at a time, and that of version 1 says which it has.
func seatsOf(system fs.FS) []seat {
	text, _ := read(system, "proc/self/cgroup")
	var seats []seat
	for line := range bytes.Lines(text) {
		id, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), ":")
		controllers, group, found := strings.Cut(rest, ":")
		switch {
		case !found:
		case hasOption(controllers, "memory"):
			seats = append(seats, seat{version1: true, group: group})
		case id == "0" && controllers == "":
			seats = append(seats, seat{group: group})
		}
	}
	return seats
}

// groupMount is a place where some part of a hierarchy of control groups can be seen.
type groupMount struct {
	version1 bool
	root     string // the group that is seen there, as a seat has it
	point    string // without the slash in front
}

// events is the name of the file that counts what the kernel did to a group.
func (m groupMount) events() string {
	if m.version1 {
		return "memory.oom_control" // it counts since Linux 4.13
	}
	return "memory.events"
}

// groupMounts returns the mounts that may show the group of this process.
func groupMounts(system fs.FS) []groupMount {
	text, _ := read(system, "proc/self/mountinfo")
	var mounts []groupMount
	for line := range bytes.Lines(text) {
		if m, ok := parseMount(string(line)); ok {
			mounts = append(mounts, m)
		}
	}
	return mounts
}

// parseMount reads a line of mountinfo: two numbers, the device, root, point, and options, any number of further fields,
// a dash, the type of the file system, its source, and its options.
func parseMount(line string) (m groupMount, ok bool) {
	where, what, _ := strings.Cut(line, " - ")
	place, kind := strings.Fields(where), strings.Fields(what)
	if len(place) < 6 || len(kind) < 3 {
		return m, false
	}
	switch kind[0] {
	case "cgroup":
		if !hasOption(kind[2], "memory") {
			return m, false
		}
		m.version1 = true
	case "cgroup2":
	default:
		return m, false
	}
	m.root, m.point = escapes.Replace(place[3]), strings.TrimPrefix(path.Clean(escapes.Replace(place[4])), "/")
	return m, strings.HasPrefix(m.root, "/")
}

// hasOption reports whether a list that is separated by commas has the option.
func hasOption(list, option string) bool { return slices.Contains(strings.Split(list, ","), option) }

// escapes are the characters that would have separated fields, and how the kernel writes them.
var escapes = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// below returns the path of a group as it is below another one, which is empty if it is that one.
func below(root, group string) (rest string, ok bool) {
	if root == group {
		return "", true
	}
	rest, ok = strings.CutPrefix(group, strings.TrimSuffix(root, "/")+"/")
	return rest, ok && fs.ValidPath(rest)
}

// holds reports whether the process is in the group that a directory shows, which may be another one than the mounts say,
// because they cover each other.
func holds(system fs.FS, dir string, pid int) bool {
	text, _ := read(system, path.Join(dir, "cgroup.procs"))
	for line := range bytes.Lines(text) {
		if n, err := strconv.Atoi(string(bytes.TrimSpace(line))); err == nil && n == pid {
			return true
		}
	}
	return false
}
