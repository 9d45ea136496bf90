package file_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// Behind the end of a crash file there are blocks of the disk for what the runtime writes, whatever becomes of the disk:
// from the start, after a record, and after records were removed. The end is that of what was written.
func TestTheDiskIsReservedForTheText(t *testing.T) {
	t.Parallel()
	const room = 64 << 10
	f := create(t, t.TempDir(), 0)
	begin := ends(t, f, "new", room)
	record := []byte(`{"a":"` + strings.Repeat("x", 100<<10) + `"}`)
	if err := f.Record(record); err != nil {
		t.Fatal(err)
	}
	if got := ends(t, f, "with a record", room); got < begin+int64(len(record)) {
		t.Errorf("with a record: got a file of %d bytes, want the record in it", got)
	}
	if err := f.Reset(); err != nil {
		t.Fatal(err)
	}
	if got := ends(t, f, "without the record", room); got != begin {
		t.Errorf("without the record: got a file of %d bytes, want %d", got, begin)
	}
	if err := f.Output().Truncate(begin); err != nil { // which gives the room back, as if the disk had been full
		t.Fatal(err)
	}
	f.Reserve()
	ends(t, f, "reserved again", room)
}

// ends returns the size of the file, behind which there must be blocks for so many bytes more, but for the rest of a block.
func ends(t *testing.T, f *file.File, when string, room int64) int64 {
	t.Helper()
	info, err := os.Stat(f.Output().Name())
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatalf("got %T, want the system's own", info.Sys())
	}
	if got := stat.Blocks * 512; got < info.Size()+room {
		t.Errorf("%s: got blocks for %d bytes, want as much as its %d and %d more", when, got, info.Size(), room)
	}
	return info.Size()
}
