package spool_test

import (
	"context"
	"testing"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool"
)

// known is a frame as large as that of a usual event.
func known() []byte {
	payload := make([]byte, 520)
	frame := make([]byte, segment.Size(len(payload)))
	segment.Write(frame, &segment.Frame{Payload: payload}, segment.Checksum(payload))
	return frame
}

// appender opens a spool on the real disk, and returns a call that appends the
// known frame, to file after file.
func appender(tb testing.TB, c spool.Config) func() {
	tb.Helper()
	c.Dir, c.Lane, c.ProjectKey = tb.TempDir(), "analytics", "phc_test"
	c.MaxBytes, c.Life = 1<<30, new(life.Group)
	s := spool.Open(c)
	s.Start(newMemory(s, 1<<20))
	tb.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			tb.Errorf("Close: got %v, want no error", err)
		}
	})
	frame := known()
	var file segment.File
	var sequence uint64
	at := 0
	return func() {
		if file == nil || at+len(frame) > 1<<20 {
			if file != nil {
				file.Seal(segment.Summary{Used: at})
				file.Discard()
			}
			supply := segment.Soon
			for supply != segment.Ready {
				changed := s.Changed()
				if file, supply = s.Begin(1 << 20); supply == segment.Soon {
					<-changed
				}
			}
			at = 0
		}
		sequence++
		if !file.Append(at, frame, sequence) {
			tb.Fatal("Append: got false, want true")
		}
		at += len(frame)
	}
}

func TestAppendNoAlloc(t *testing.T) {
	for name, c := range map[string]spool.Config{
		"for the process": {},
		"for the disk":    {Durability: spool.Disk},
	} {
		t.Run(name, func(t *testing.T) {
			appendOne := appender(t, c)
			appendOne()
			if n := testing.AllocsPerRun(500, appendOne); n > 0 {
				t.Errorf("Append: got %v allocations, want none", n)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	b.Run("copy", func(b *testing.B) {
		frame := known()
		area := make([]byte, 1<<20)
		at := 0
		for b.Loop() {
			if at+len(frame) > len(area) {
				at = 0
			}
			segment.Copy(area[at:], frame, 7)
			at += len(frame)
		}
	})
	for name, c := range map[string]spool.Config{
		"process": {},
		"disk":    {Durability: spool.Disk, SyncInterval: 1 << 40},
	} {
		b.Run(name+", file after file", func(b *testing.B) {
			appendOne := appender(b, c)
			b.ReportAllocs()
			for b.Loop() {
				appendOne()
			}
		})
	}
}

// Many goroutines wait for the disk at the same time.
func BenchmarkSecure(b *testing.B) {
	s := spool.Open(spool.Config{
		Dir: b.TempDir(), Lane: "analytics", ProjectKey: "phc_test",
		MaxBytes: 1 << 30, Durability: spool.Disk, Life: new(life.Group),
	})
	queue := newMemory(s, 1<<20)
	s.Start(queue)
	b.SetParallelism(500)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			sequence, kept := queue.putPayload("x", make([]byte, 520))
			if err := s.Secure(context.Background(), sequence, kept); err != nil || !kept {
				b.Errorf("Secure: got kept: %v, error %v, want it kept, and none", kept, err)
			}
		}
	})
	b.StopTimer()
	queue.finish(1 << 30)
	queue.end()
	if err := s.Close(context.Background()); err != nil {
		b.Errorf("Close: got %v, want no error", err)
	}
}
