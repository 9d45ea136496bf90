//go:build linux || darwin

package disk_test

import (
	"os"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// Somebody empties the file of a living process. That is the end of the file,
// and of nothing else.
func TestAFileThatIsTruncatedUnderItsMapping(t *testing.T) {
	t.Parallel()
	s := create(t, newOwner(t, disk.Local(), t.TempDir()), 1<<16)
	if !s.Mapped() {
		t.Fatal("got a segment that is not mapped, want one that is")
	}
	w := newWriter(s)
	must(t, w.append(1, 3, 100))
	must(t, os.Truncate(s.Name(), 0))
	if err := w.append(4, 4, 100); err == nil {
		t.Error("Append to a truncated file: got true, want false")
	}
	if err := s.Populate(0, s.Size()); err == nil {
		t.Error("Populate of a truncated file: got no error, want one")
	}
	if s.Append(s.Size(), frame(5, 100)) {
		t.Error("Append behind the end: got true, want false")
	}
	must(t, s.Unmap())
	if s.Append(0, frame(6, 100)) {
		t.Error("Append after Unmap: got true, want false")
	}
}

func TestAppendNoAlloc(t *testing.T) {
	s := create(t, newOwner(t, disk.Local(), t.TempDir()), 1<<20)
	f := frame(1, 520)
	at := 0
	got := testing.AllocsPerRun(500, func() {
		if !s.Append(at, f) {
			t.Fatal("Append: got false, want true")
		}
		at += len(f)
	})
	if got != 0 {
		t.Errorf("Append allocates %v times, want 0", got)
	}
}
