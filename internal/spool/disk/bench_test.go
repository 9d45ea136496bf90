package disk_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

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

// BenchmarkClaim claims files of a MiB, each of which holds 1,800 records.
func BenchmarkClaim(b *testing.B) {
	const files = 50
	for _, sealed := range []bool{true, false} {
		name := map[bool]string{true: "sealed", false: "not sealed"}[sealed]
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			killed(b, dir, func(_ *faulty.System, o *disk.Owner) {
				for range files {
					w := newWriter(create(b, o, 1<<20))
					must(b, w.append(1, 1800, 520))
					if sealed {
						must(b, w.seal())
					}
					must(b, w.s.Release())
				}
			})
			for b.Loop() {
				sweep, err := disk.Claim(disk.Local(), dir, analytics, nil)
				must(b, err)
				if len(sweep.Segments) != files {
					b.Fatalf("got %d segments, want %d", len(sweep.Segments), files)
				}
				drop(sweep)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/files, "ns/file")
		})
	}
}

// BenchmarkLoad reads a file of a MiB with 1,800 records.
func BenchmarkLoad(b *testing.B) {
	w := newWriter(create(b, newOwner(b, disk.Local(), b.TempDir()), 1<<20))
	must(b, w.append(1, 1800, 520))
	must(b, w.seal())
	area := make([]byte, w.summary.Used)
	b.SetBytes(int64(len(area)))
	for b.Loop() {
		_, err := w.s.Load(area)
		must(b, err)
	}
}
