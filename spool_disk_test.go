//go:build linux

package posthog_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// outage is one way in which the disk under a spool fails, and comes back.
type outage struct {
	// prepare makes the directory that the spool is in.
	prepare func(d *disk)
	// begin makes the disk fail. Every file that the client needs from then on
	// has to be one too many.
	begin func(d *disk)
	// end undoes what begin did.
	end func(d *disk)
	// complaint is part of what the log says about it.
	complaint string
	// command changes how the program is started.
	command func(*exec.Cmd)
	// early: the disk fails before the client is there.
	early bool
	// passes: nothing has to be done for the client to go on with files.
	passes bool
}

// disk is where the spool of an outage is.
type disk struct {
	*testing.T
	base   string // a directory of the test's own
	spool  string // the spool's, below it
	remote *remote
}

var outages = map[string]outage{
	"the disk is full": {
		prepare:   func(d *disk) { d.mount(d.base, "size=24m") },
		begin:     func(d *disk) { d.fill(filepath.Join(d.base, "ballast")) },
		end:       func(d *disk) { d.must(os.Remove(filepath.Join(d.base, "ballast"))) },
		complaint: "no space left on device",
	},
	"the file system is read-only when the client starts": {
		prepare:   func(d *disk) { d.mount(d.base, "size=24m") },
		begin:     func(d *disk) { d.remount(syscall.MS_RDONLY) },
		end:       func(d *disk) { d.remount(0) },
		complaint: "read-only file system",
		early:     true,
	},
	"another file system, read-only, hides the directory": {
		prepare: func(d *disk) { d.must(os.Mkdir(d.spool, 0o700)) },
		begin: func(d *disk) {
			d.must(syscall.Mount("tmpfs", d.spool, "tmpfs", syscall.MS_RDONLY, ""))
			d.Cleanup(func() { _ = syscall.Unmount(d.spool, syscall.MNT_DETACH) }) // if end has not done it
		},
		end:       func(d *disk) { d.must(syscall.Unmount(d.spool, 0)) },
		complaint: "spool",
	},
	"the directory is removed": {
		prepare: func(*disk) {},
		begin: func(d *disk) {
			gone := d.spool + " that was" // at once: file by file, the client would make new ones
			d.must(os.Rename(d.spool, gone))
			d.must(os.RemoveAll(gone))
		},
		end:       func(*disk) {},
		complaint: "no such file or directory",
		passes:    true,
	},
	"the program loses its permissions": {
		prepare: func(d *disk) {
			for _, dir := range []string{filepath.Dir(d.base), d.base} {
				d.must(os.Chmod(dir, 0o755)) // another user has to reach it
			}
			d.must(os.Mkdir(d.spool, 0o700))
			d.must(os.Chown(d.spool, nobody, nobody))
		},
		begin: func(d *disk) { d.must(os.Chmod(d.spool, 0)) },
		end:   func(d *disk) { d.must(os.Chmod(d.spool, 0o700)) },
		command: func(c *exec.Cmd) {
			c.Path = "/proc/self/exe" // the test binary, which another user may not reach by its name
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		},
		complaint: "permission denied",
	},
	"the program has too many files open": {
		prepare: func(*disk) {},
		begin:   func(d *disk) { d.remote.do("open") },
		end:     func(d *disk) { d.remote.do("release") },
		command: func(c *exec.Cmd) {
			c.Args = []string{"sh", "-c", `ulimit -n 64; exec "$0"`, c.Path}
			c.Path = "/bin/sh"
		},
		complaint: "too many open files",
	},
}

// nobody is a user without rights.
const nobody = 65534

// When the disk fails, a client with a spool goes on in memory and says so
// once. When the disk is back, so is the spool, and what was accepted
// meanwhile survives a kill -9.
func TestTheSpoolSurvivesItsDisk(t *testing.T) {
	t.Parallel()
	for name, o := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := deadServer(t)
			d := &disk{T: t, base: t.TempDir()}
			d.spool = filepath.Join(d.base, "spool")
			o.prepare(d)
			start := func() { d.remote = startStation(t, &station{Dir: d.spool, Host: server.URL()}, o.command) }

			if o.early {
				o.begin(d)
				start()
			} else {
				start()
				d.remote.do("enqueue 100 100")
				o.begin(d)
			}
			d.remote.do("exhaust")
			most := 2 // that a file cannot be made, and that the directory is gone
			if !o.passes {
				d.remote.do("await down")
				most = 1
			}
			d.remote.do("enqueue 100 100")
			o.end(d)
			d.remote.do("await saved")
			enqueued := d.remote.do("enqueue 100 100")
			d.remote.requireComplaints(o.complaint, most)
			d.remote.kill()

			start()
			server.ClearFaults()
			d.remote.do("flush")
			d.remote.do("close")
			(&world{T: t, server: server}).wantRows(enqueued)
			bytesByName(t, server)
			d.requireEmpty()
		})
	}
}

// Files that somebody truncates under a client cost neither the process,
// which would otherwise die of SIGBUS, nor an event.
func TestTruncatedFilesHarmNobody(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]bool{"the process lives": false, "the process is killed later": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := deadServer(t)
			d := &disk{T: t, base: t.TempDir()}
			d.spool = filepath.Join(d.base, "spool")
			start := func() { d.remote = startStation(t, &station{Dir: d.spool, Host: server.URL()}, nil) }
			start()
			d.remote.do("enqueue 100 100")
			if d.truncate() == 0 {
				t.Fatal("there is no file to truncate")
			}
			enqueued := d.remote.do("enqueue 400 10000") // for files that are ready as well
			d.remote.do("await saved")
			if killed {
				d.remote.kill()
				start()
			}
			server.ClearFaults()
			d.remote.do("flush")
			d.remote.do("close")
			(&world{T: t, server: server}).wantRows(enqueued)
			bytesByName(t, server)
		})
	}
}

// deadServer is a server on a port that fails until its faults are cleared.
func deadServer(t *testing.T) *posthogtest.Server {
	t.Helper()
	server := listening(t)
	server.Inject(posthogtest.Fault{Status: 503, Times: -1})
	return server
}

func (d *disk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// mount mounts a small file system at dir until the test ends.
func (d *disk) mount(dir, options string) {
	d.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		d.Fatalf("mounting a small file system: %v; this test has to run as root, where mounting is allowed", err)
	}
	d.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			d.Errorf("unmounting %s: %v", dir, err)
		}
	})
}

// remount changes the flags of the file system at the base.
func (d *disk) remount(flags uintptr) {
	d.Helper()
	d.must(syscall.Mount("", d.base, "", syscall.MS_REMOUNT|flags, "size=24m"))
}

// fill writes to a file until the disk is full.
func (d *disk) fill(name string) {
	d.Helper()
	f, err := os.Create(name)
	d.must(err)
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2 // what is left is less than that
		}
	}
}

// truncate empties every file of the spool that has events, and counts them.
func (d *disk) truncate() (files int) {
	d.Helper()
	d.walk(func(path string) {
		if strings.HasSuffix(path, ".segment") {
			d.must(os.Truncate(path, 0))
			files++
		}
	})
	return files
}

// requireEmpty fails the test if the spool has a file left.
func (d *disk) requireEmpty() {
	d.Helper()
	d.walk(func(path string) { d.Errorf("after the last Close the spool still has %s", path) })
}

// walk calls each for everything below the spool's directory.
func (d *disk) walk(each func(path string)) {
	d.Helper()
	d.must(filepath.WalkDir(d.spool, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != d.spool {
			each(path)
		}
		return err
	}))
}
