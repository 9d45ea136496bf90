package host

import (
	"runtime"
	"testing"
)

func TestTheInnermostMountCounts(t *testing.T) {
	t.Parallel()
	const mounts = `/dev/a / ext4 rw 0 0
proc /proc proc rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/b /data xfs rw 0 0
/dev/c /data/deep btrfs rw 0 0
/dev/d /data/deep f2fs rw 0 0
/dev/e /with\040blank zfs rw 0 0
cut short
`
	tests := map[string]string{
		"/":             "ext4",
		"/home/someone": "ext4",
		"/tmp":          "tmpfs",
		"/tmp/folder":   "tmpfs",
		"/tmpfolder":    "ext4",
		"/data/x":       "xfs",
		"/data/deep/x":  "f2fs",
		"/with blank/x": "zfs",
	}
	for path, want := range tests {
		if got := mountOf(path, []byte(mounts)); got != want {
			t.Errorf("got %s, want %s, for %s", got, want, path)
		}
	}
	if got := mountOf("/", nil); got != Unknown {
		t.Errorf("without mounts: got %s, want %s", got, Unknown)
	}
}

func TestThisMachineIsKnown(t *testing.T) {
	t.Parallel()
	kernel, system := Kernel(), FileSystem(t.TempDir())
	if known := kernel != Unknown && system != Unknown; known != (runtime.GOOS == "linux") {
		t.Errorf("got kernel %q and file system %q on %s", kernel, system, runtime.GOOS)
	}
	if got := FileSystem("/missing/folder"); got != Unknown {
		t.Errorf("got %q for a folder that is not there, want %q", got, Unknown)
	}
}
