//go:build linux

package posthog

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// wantOutput fails the test unless the runtime has a descriptor of its own of the file, beside the two that the file has.
func wantOutput(t *testing.T, own *file.File, when string) {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, entry := range entries {
		if name, err := os.Readlink(filepath.Join(descriptors, entry.Name())); err == nil && name == own.Output().Name() {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%s: got %d descriptors of the crash file, want three, one of them the runtime's", when, n)
	}
}

// A disk that was full when the crash file was made has room for the runtime's text as soon as somebody looks.
func TestTheDiskIsReservedAgain(t *testing.T) {
	tended(t, t.TempDir(), func(c tendedTest) {
		own := c.wantCrashFile("at first")
		blocks := func() int64 {
			var stat syscall.Stat_t
			if err := syscall.Stat(own.Output().Name(), &stat); err != nil {
				c.Fatal(err)
			}
			return stat.Blocks
		}
		reserved := blocks()
		info, err := own.Output().Stat()
		if err != nil {
			c.Fatal(err)
		}
		if err := own.Output().Truncate(info.Size()); err != nil { // which gives the room back
			c.Fatal(err)
		}
		c.later(tendInterval)
		c.AddStep(c.Context(), "looked", nil)
		synctest.Wait()
		if got := blocks(); got < reserved {
			c.Errorf("got %d blocks of the disk, want the %d of before", got, reserved)
		}
	})
}
