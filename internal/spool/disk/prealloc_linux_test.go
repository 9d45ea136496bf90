package disk_test

import (
	"os"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// All of a new file has blocks of the disk behind it, or a full disk would be
// met by whoever writes to the mapping.
func TestAFileIsPreallocated(t *testing.T) {
	t.Parallel()
	s := create(t, newOwner(t, disk.Local(), t.TempDir()), 1<<20)
	info, err := os.Stat(s.Name())
	must(t, err)
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatalf("got %T, want the system's own", info.Sys())
	}
	if got := stat.Blocks * 512; info.Size() != disk.FileSize(1<<20) || got < info.Size() {
		t.Errorf("got a file of %d bytes with blocks for %d, want %d and as much", info.Size(), got, disk.FileSize(1<<20))
	}
}
