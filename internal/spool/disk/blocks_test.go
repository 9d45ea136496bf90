package disk_test

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// worn is a disk that does not give one block of every segment.
type worn struct {
	disk.System
	at int64
}

func (w worn) Open(name string, flag int) (disk.Handle, error) {
	h, err := w.System.Open(name, flag)
	return wornHandle{h, w.at, name}, err
}

type wornHandle struct {
	disk.Handle
	at   int64
	name string
}

func (h wornHandle) ReadAt(p []byte, off int64) (int, error) {
	if off < h.at+4096 && off+int64(len(p)) > h.at {
		return 0, &os.PathError{Op: "read", Path: h.name, Err: syscall.EIO}
	}
	return h.Handle.ReadAt(p, off)
}

// A block that the disk does not give costs what is in it, and no more.
func TestABlockThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		sealed  bool
		at      int64
		want    []int
		missing int
		left    bool // the file cannot be understood, but is not given up
	}{
		{"the header", true, 0, nil, 0, true},
		{"the ends", true, 4096, []int{1, 2, 3, 4, 5, 6, 7}, 0, false},
		{"the ends, not sealed", false, 4096, []int{1, 2, 3, 4, 5, 6, 7}, 0, false},
		{"frames", true, 8192 + 4096, []int{1, 7}, 4, false},
		{"frames, not sealed", false, 8192 + 4096, []int{1, 7}, 1, false}, // there is no telling how many
		{"nothing, not sealed", false, 8192 + 3*4096, []int{1, 3, 4, 5, 6, 7}, 1, false},
		{"nothing", true, 8192 + 3*4096, []int{1, 3, 4, 5, 6, 7}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
				w := newWriter(create(t, o, 1<<14))
				must(t, w.append(1, 7, 1500))
				must(t, w.end(1))
				if c.sealed {
					must(t, w.seal())
				}
			})
			sweep, err := disk.Claim(worn{disk.Local(), c.at}, dir, analytics, nil)
			t.Cleanup(func() { drop(sweep) })
			if c.left {
				if !errors.Is(err, syscall.EIO) || len(sweep.Segments)+len(sweep.Quarantined) > 0 {
					t.Errorf("got %+v and error %v, want EIO", sweep, err)
				}
				onlySegment(t, dir)
				return
			}
			must(t, err)
			s := sweep.Segments[0]
			got, damage := load(t, s)
			if missing := s.Pending().Records - len(got); !slices.Equal(got, c.want) || missing != c.missing || (damage != nil) != (missing > 0) {
				t.Errorf("got records %v, %d missing and damage %v, want %v and %d", got, missing, damage, c.want, c.missing)
			}
		})
	}
}
