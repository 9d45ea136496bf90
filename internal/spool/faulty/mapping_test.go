//go:build linux || darwin

package faulty_test

import (
	"os"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// An Append that is torn has no state.
func TestTornAppend(t *testing.T) {
	t.Parallel()
	sys := faulty.New(disk.Local())
	h, name := open(t, sys)
	errs(t, "Preallocate", []error{h.Preallocate(4096)}, nil)
	m, err := h.Map(4096)
	errs(t, "Map", []error{err}, nil)
	frame := make([]byte, segment.Size(300))
	segment.Write(frame, &segment.Frame{Payload: make([]byte, 300), UUID: [16]byte{1}}, segment.Checksum(make([]byte, 300)))
	sys.KillAt(sys.Ops()+1, true)
	if m.Append(0, frame, 7) {
		t.Error("got true from Append, want false")
	}
	file, err := os.ReadFile(name)
	errs(t, "ReadFile", []error{err}, nil)
	if file[0] != 0 || file[16] != 1 || sys.Mapped() != 0 {
		t.Errorf("got state %x, uuid %x and %d mappings, want none, the frame's and none", file[:4], file[16:32], sys.Mapped())
	}
}
