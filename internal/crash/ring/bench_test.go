package ring_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

func TestAddNoAlloc(t *testing.T) {
	r, _ := create(t, disk.Local(), ring.DefaultSize)
	step := numbered(1, 200)
	got := testing.AllocsPerRun(1000, func() {
		if !r.Add(step) {
			t.Fatal("Add: got false, want true")
		}
	})
	if got != 0 {
		t.Errorf("Add allocates %v times, want 0", got)
	}
}

// unmappable is a disk whose files cannot be mapped.
type unmappable struct{ disk.System }

func (u unmappable) Open(name string, flag int) (disk.Handle, error) {
	h, err := u.System.Open(name, flag)
	return unmappableHandle{h}, err
}

type unmappableHandle struct{ disk.Handle }

func (unmappableHandle) Map(int) (disk.Mapping, error) { return nil, disk.ErrNoMapping }

func TestAddWithWriteAtNoAlloc(t *testing.T) {
	r, _ := create(t, unmappable{disk.Local()}, ring.DefaultSize)
	step := numbered(1, 200)
	if got := testing.AllocsPerRun(1000, func() { r.Add(step) }); got != 0 {
		t.Errorf("Add allocates %v times, want 0", got)
	}
}

// BenchmarkAdd adds steps of 200 bytes.
func BenchmarkAdd(b *testing.B) {
	step := numbered(1, 200)
	for name, sys := range map[string]disk.System{"mapped": disk.Local(), "with WriteAt": unmappable{disk.Local()}} {
		b.Run(name, func(b *testing.B) {
			r, _ := create(b, sys, ring.DefaultSize)
			for b.Loop() {
				if !r.Add(step) {
					b.Fatal("Add: got false, want true")
				}
			}
		})
	}
	b.Run("mapped, by all processors", func(b *testing.B) {
		r, _ := create(b, disk.Local(), ring.DefaultSize)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				r.Add(step)
			}
		})
	})
}

// BenchmarkRead reads a ring that is full of steps of 200 bytes.
func BenchmarkRead(b *testing.B) {
	r, path := create(b, disk.Local(), ring.DefaultSize)
	for n := range 1000 {
		r.Add(numbered(n, 200))
	}
	file := contents(b, path)
	for b.Loop() {
		if len(readBytes(file)) < 100 {
			b.Fatal("got fewer steps than there are")
		}
	}
}
