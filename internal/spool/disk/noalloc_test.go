package disk_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

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

func BenchmarkAppend(b *testing.B) {
	s := create(b, newOwner(b, disk.Local(), b.TempDir()), 1<<20)
	f := frame(1, 520)
	memory := make([]byte, 1<<20)
	b.Run("mapped", func(b *testing.B) {
		at := 0
		for b.Loop() {
			if at+len(f) > len(memory) {
				at = 0
			}
			s.Append(at, f)
			at += len(f)
		}
	})
	b.Run("memory", func(b *testing.B) {
		at := 0
		for b.Loop() {
			if at+len(f) > len(memory) {
				at = 0
			}
			segment.Copy(memory[at:], f, 7)
			at += len(f)
		}
	})
}

func BenchmarkFiles(b *testing.B) {
	o := newOwner(b, disk.Local(), b.TempDir())
	b.Run("Create and Retire", func(b *testing.B) {
		for b.Loop() {
			s, err := o.Create(1<<20, false)
			must(b, err)
			must(b, s.Retire())
		}
	})
	s := create(b, o, 1<<20)
	b.Run("Reuse, mapped", func(b *testing.B) {
		for b.Loop() {
			must(b, s.Reuse())
		}
	})
	b.Run("Reuse, released", func(b *testing.B) {
		for b.Loop() {
			must(b, s.Release())
			must(b, s.Reuse())
		}
	})
}
