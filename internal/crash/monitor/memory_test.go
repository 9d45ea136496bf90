package monitor_test

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// What the kernel says: the count of either version, the groups of a process, and who is in them.
const (
	events  = "low 0\nhigh 0\nmax 812\noom 3\noom_kill 2\noom_group_kill 0\n"
	control = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
	members = "4710\n4711\n4712\n"

	// A machine with the controllers in hierarchies of version 1, and one of version 2 that has none of them.
	hybridGroups = "9:name=systemd:/\n8:pids:/\n4:memory:/shop/c0ffee\n2:cpu,cpuacct:/\n0::/\n"
	hybridMounts = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resv_strict,resuid=65534,resgid=65534\n" +
		"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n" +
		"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n" +
		"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n" +
		"40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n" +
		"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"

	// A machine, and a container with a namespace of its own, that have version 2 alone.
	unified = "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
)

func TestAProcessFindsWhereItsKillsAreCounted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		groups, mounts string
		dir            string // where the group is
		version1       bool
		above          string // the directory with the count, if that is not dir
		unknown        bool
	}{
		"a service of systemd":               {groups: "0::/system.slice/shop.service\n", mounts: unified, dir: "sys/fs/cgroup/system.slice/shop.service"},
		"a container that sees itself alone": {groups: "0::/\n", mounts: unified, dir: "sys/fs/cgroup"},
		"a container that is named by its host": {
			groups: "0::/kubepods/pod1/c2\n", mounts: "714 713 0:30 /kubepods/pod1/c2 /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n", dir: "sys/fs/cgroup",
		},
		"a group without a controller for memory": {
			groups: "0::/user.slice/shop.scope/web/1\n", mounts: unified, dir: "sys/fs/cgroup/user.slice/shop.scope/web/1", above: "sys/fs/cgroup/user.slice/shop.scope",
		},
		"no controller for memory but at the top": {groups: "0::/init/1\n", mounts: unified, dir: "sys/fs/cgroup/init/1", above: "sys/fs/cgroup"},
		"a group outside of the namespace": {
			groups: "0::/../shop\n", mounts: "52 48 0:38 /.. /sys/fs/cgroup rw - cgroup2 none rw\n", dir: "sys/fs/cgroup/shop",
		},
		"a group outside of the namespace and of the mount": {groups: "0::/../shop\n", mounts: unified, dir: "sys/fs/shop", unknown: true},
		"a group inside, on a mount of which only the host knows where": {
			groups: "0::/\n", mounts: "52 48 0:38 /../.. /sys/fs/cgroup rw - cgroup2 none rw\n", dir: "sys/fs/cgroup", unknown: true,
		},
		"a hierarchy of each version": {groups: hybridGroups, mounts: hybridMounts, dir: "sys/fs/cgroup/memory/shop/c0ffee", version1: true},
		"version 1, of which a container has its part": {
			groups: hybridGroups, mounts: "65 44 0:32 /shop/c0ffee /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n", dir: "sys/fs/cgroup/memory", version1: true,
		},
		"version 1, of which a container has more than its part": {
			groups: hybridGroups, mounts: "65 44 0:32 /shop /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n", dir: "sys/fs/cgroup/memory/c0ffee", version1: true,
		},
		"version 1, of which a container has another part": {
			groups: hybridGroups, mounts: "65 44 0:32 /shop/c0 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n", dir: "sys/fs/cgroup/memory/ffee", version1: true, unknown: true,
		},
		"version 1 in a namespace, below the mounts of the host": {
			groups: "4:memory:/\n0::/\n", version1: true, dir: "tmp/groups",
			mounts: "65 44 0:32 / /tmp/groups rw,relatime - cgroup none rw,memory\n52 48 0:32 /../../../.. /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		},
		"version 1 in a namespace, moved to the top of the host": {
			groups: "4:memory:/../..\n0::/\n", version1: true, dir: "sys/fs/cgroup/memory",
			mounts: "52 48 0:32 /../.. /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n",
		},
		"controllers that share a hierarchy": {
			groups: "4:cpu,memory:/shop\n", mounts: "52 48 0:32 / /cgroup rw - cgroup none rw,cpu,memory,clone_children\n", dir: "cgroup/shop", version1: true,
		},
		"names with spaces and colons": {
			groups: "4:memory:/the shop:1\n", mounts: `52 48 0:32 /the\040shop:1 /my\040groups\134\011 rw - cgroup cgroup rw,memory` + "\n", dir: "my groups\\\t", version1: true,
		},
		"fields that were not there once": {
			groups: "0::/shop\n", mounts: "35 24 0:30 / /sys/fs/cgroup rw shared:4 master:7 propagate_from:2 unbindable - cgroup2 my cgroup rw\n", dir: "sys/fs/cgroup/shop",
		},
		"a mount that another one covers": {
			groups: "0::/shop/web\n", mounts: "35 24 0:30 /shop /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n" + unified, dir: "sys/fs/cgroup/shop/web",
		},
		"a process that is not in the group that is seen": {groups: "0::/other\n", mounts: unified, dir: "sys/fs/cgroup/shop", unknown: true},
		"version 1 where a count of version 2 is":         {groups: hybridGroups, mounts: hybridMounts, dir: "sys/fs/cgroup/memory/shop/c0ffee", unknown: true},
		"version 1 without its mount":                     {groups: hybridGroups, mounts: unified, dir: "sys/fs/cgroup/shop/c0ffee", version1: true, unknown: true},
		"no controller for memory anywhere":               {groups: "4:cpu:/shop\n0::/shop\n", mounts: unified, dir: "sys/fs/cgroup/shop", above: "var", unknown: true},
		"version 1, where the count is that of the group above": {
			groups: hybridGroups, mounts: hybridMounts, dir: "sys/fs/cgroup/memory/shop/c0ffee", version1: true, above: "sys/fs/cgroup/memory/shop", unknown: true,
		},
		"a hierarchy that is only called memory": {
			groups: "9:name=memory:/shop\n", mounts: hybridMounts, dir: "sys/fs/cgroup/memory/shop", version1: true, unknown: true,
		},
		"a mount that is only called memory": {
			groups: hybridGroups, mounts: "40 31 0:37 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,name=memory\n", dir: "sys/fs/cgroup/memory/shop/c0ffee", version1: true, unknown: true,
		},
		"a mount without options":                              {groups: hybridGroups, mounts: "35 31 0:32 / /groups rw - cgroup cgroup\n", dir: "groups/shop/c0ffee", version1: true, unknown: true},
		"version 1, and a group of the same name in version 2": {groups: "4:memory:/shop\n0::/web\n", mounts: unified, dir: "sys/fs/cgroup/shop", unknown: true},
		"no groups":                     {mounts: unified, dir: "sys/fs/cgroup", unknown: true},
		"no mounts":                     {groups: "0::/\n", dir: "sys/fs/cgroup", unknown: true},
		"mounts that end too early":     {groups: hybridGroups, mounts: strings.ReplaceAll(hybridMounts, ",memory\n", ",mem"), dir: "sys/fs/cgroup/memory/shop/c0ffee", version1: true, unknown: true},
		"more mounts than there can be": {groups: "0::/\n", mounts: unified + strings.Repeat("\n", 4<<20), dir: "sys/fs/cgroup", unknown: true},
		"names that are none":           {groups: "0::/\x00\n\n0::\n::/\n4:memory\n0::/..\n0::/a//b\n", mounts: unified, dir: "sys/fs/cgroup", unknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, text := "memory.events", events
			if c.version1 {
				file, text = "memory.oom_control", control
			}
			counts := path.Join(c.dir, file)
			if c.above != "" {
				counts = path.Join(c.above, file)
			}
			system := fstest.MapFS{
				"proc/self/cgroup":               {Data: []byte(c.groups)},
				"proc/self/mountinfo":            {Data: []byte(c.mounts)},
				path.Join(c.dir, "cgroup.procs"): {Data: []byte(members)},
				path.Join(c.dir, "../x", file):   {Data: []byte(strings.Replace(text, "oom_kill 2", "oom_kill 99", 1))},
				counts:                           {Data: []byte(text)},
			}
			tally := monitor.FindTally(system, 4711)
			if n, known := tally.Kills(); known == c.unknown || known && n != 2 {
				t.Errorf("got %d kills, known %t; want 2, known %t", n, known, !c.unknown)
			}
			if n, known := monitor.FindTally(system, 471).Kills(); known {
				t.Errorf("a process that is in none of the groups has %d kills, want none to be known", n)
			}
			if c.unknown {
				return
			}
			system[counts] = &fstest.MapFile{Data: []byte(strings.Replace(text, "oom_kill 2", "oom_kill 3", 1))}
			system["proc/self/cgroup"] = &fstest.MapFile{Data: []byte("4:memory:/x\n0::/x\n")} // it moved, and those before it remain
			if n, known := tally.Kills(); n != 3 || !known {
				t.Errorf("after one more: got %d kills, known %t; want 3", n, known)
			}
			delete(system, counts)
			if n, known := tally.Kills(); known {
				t.Errorf("without the group: got %d kills, want none to be known", n)
			}
		})
	}
}

// A kernel that counts is believed, and no other.
func TestAKernelThatDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                  "",
		"other events alone":       "low 0\noom 3\noom_group_kill 2\n",
		"what is no number":        "oom_kill many\n",
		"what is less than none":   "oom_kill -1\n",
		"more than there can be":   "oom_kill 99999999999999999999\n",
		"a name without a number":  "oom_kill \n",
		"more than anybody counts": strings.Repeat("low 0\n", 1<<20) + events,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n, known := monitor.FindTally(ownGroup(unified, "0::/\n", []byte(text)), 4711).Kills(); known {
				t.Errorf("got %d kills, want none to be known", n)
			}
		})
	}
	if n, known := (monitor.Tally{}).Kills(); known {
		t.Errorf("the zero Tally has %d kills, want none to be known", n)
	}
}

// A file that never ends is no reason to read for ever.
func TestAFileOfTheSystemThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	system := ownGroup(unified, "0::/\n", []byte(events))
	for name := range system.MapFS {
		if n, known := monitor.FindTally(endless{system, name}, 4711).Kills(); known {
			t.Errorf("without an end of %s: got %d kills, want none to be known", name, n)
		}
	}
}

// endless is a system in which one file does not end.
type endless struct {
	groupFS
	name string
}

// Open returns that file, or another one.
func (e endless) Open(name string) (fs.File, error) {
	f, err := e.groupFS.Open(name)
	if name == e.name {
		return endlessFile{f}, err
	}
	return f, err
}

// endlessFile is a file of zeros.
type endlessFile struct{ fs.File }

func (endlessFile) Read(p []byte) (int, error) { return len(p), nil }

// groupFS is a system in which every control group has the process and the same count.
type groupFS struct {
	fstest.MapFS
	counts []byte
}

func ownGroup(mounts, groups string, counts []byte) groupFS {
	return groupFS{fstest.MapFS{"proc/self/mountinfo": {Data: []byte(mounts)}, "proc/self/cgroup": {Data: []byte(groups)}}, counts}
}

// Open returns the files of the system, and those that any group has.
func (g groupFS) Open(name string) (fs.File, error) {
	if g.MapFS[name] == nil && fs.ValidPath(name) {
		switch path.Base(name) {
		case "cgroup.procs":
			return fstest.MapFS{name: {Data: []byte(members)}}.Open(name)
		case "memory.events", "memory.oom_control":
			return fstest.MapFS{name: {Data: g.counts}}.Open(name)
		}
	}
	return g.MapFS.Open(name)
}

func FuzzTally(f *testing.F) {
	f.Add(hybridMounts, hybridGroups, []byte(control))
	f.Add(unified, "0::/system.slice/shop.service\n", []byte(events))
	f.Add("52 48 0:38 /../.. /sys/fs/cgroup rw - cgroup2 none rw\n", "0::/../../a\n", []byte("oom_kill 18446744073709551615"))
	f.Add(`1 1 0:1 /a\040b / rw - cgroup c memory`, "1:memory:/a b", []byte("oom_kill 1\noom_kill 2"))
	f.Add("1 2 3 / - cgroup2\n - \n", "::\n", []byte("\x00"))
	f.Fuzz(func(t *testing.T, mounts, groups string, counts []byte) {
		system := ownGroup(mounts, groups, counts)
		tally := monitor.FindTally(system, 4711)
		n, known := tally.Kills()
		if known && (!strings.Contains(groups, ":/") || !strings.Contains(mounts, " - cgroup") || !bytes.Contains(counts, []byte("oom_kill "))) {
			t.Errorf("got %d kills by mounts %q, groups %q and counts %q, want none to be known", n, mounts, groups, counts)
		}
		if elsewhere, known := monitor.FindTally(system, 1).Kills(); known {
			t.Errorf("a process that is in no group has %d kills, want none to be known", elsewhere)
		}
	})
}
