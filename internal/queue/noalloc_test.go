package queue_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// requireNoAlloc fails the test if a call of f allocates. All these tests run
// alone, so that nobody else's allocations are counted.
func requireNoAlloc(t *testing.T, what string, f func()) {
	t.Helper()
	if got := testing.AllocsPerRun(200, f); got != 0 {
		t.Errorf("%s allocates %v times, want 0", what, got)
	}
}

func TestPutNoAlloc(t *testing.T) {
	q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: 1 << 20})
	it := item(1, 100)
	requireNoAlloc(t, "Put", func() {
		if _, err := q.Put(it, nil); err != nil {
			t.Fatal(err)
		}
	})
}

// sink is a store with one file, which copies and remembers nothing.
type sink struct{ area []byte }

func (s *sink) Begin(int) (segment.File, segment.Supply) { return s, segment.Ready }
func (s *sink) Changed() <-chan struct{}                 { return nil }
func (s *sink) Append(at int, frame []byte, _ uint64) bool {
	segment.Copy(s.area[at:], frame, 1)
	return true
}
func (s *sink) Broken() bool                        { return false }
func (s *sink) Settled() bool                       { return true }
func (s *sink) End([]int)                           {}
func (s *sink) Seal(segment.Summary)                {}
func (s *sink) Load([]byte, func(segment.Contents)) {}
func (s *sink) Discard()                            {}

func TestPutIntoAFileNoAlloc(t *testing.T) {
	q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: 1 << 20, Store: &sink{make([]byte, 1<<20)}})
	it := item(1, 100)
	requireNoAlloc(t, "Put", func() {
		if _, err := q.Put(it, nil); err != nil || !it.Kept {
			t.Fatal(err, it.Kept)
		}
	})
	fill(t, q, 1, 300)
	records := q.Take(nil, 300, 1<<20)
	q.Finish(records[:1], queue.Delivered) // makes room for the offsets
	requireNoAlloc(t, "Finish", func() { records = records[1:]; q.Finish(records[:1], queue.Delivered) })
}

func TestTakeNoAlloc(t *testing.T) {
	q := queue.New(roomy)
	fill(t, q, 1, 300)
	records := make([]queue.Record, 0, 300)
	requireNoAlloc(t, "Take", func() { records = q.Take(records, 1, 1) })
}

func TestFinishNoAlloc(t *testing.T) {
	q := queue.New(roomy)
	fill(t, q, 1, 300)
	records := q.Take(nil, 300, 1<<20)
	requireNoAlloc(t, "Finish", func() { q.Finish(records[:1], queue.Delivered); records = records[1:] })
}

func TestReleaseNoAlloc(t *testing.T) {
	q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: 1 << 20})
	fill(t, q, 1, 300)
	records := q.Take(nil, 300, 1<<20)
	q.Finish(records, queue.Delivered)
	requireNoAlloc(t, "Release", func() { q.Release(records[:1]); records = records[1:] })
}

// A new segment costs its few words; its memory is that of an old one.
func TestSegmentTurnoverNoAlloc(t *testing.T) {
	q := queue.New(queue.Config{MaxRecords: 100, MaxBytes: 1 << 20, SegmentSize: 1 << 10})
	large := item(1, 1<<9) // one to a segment
	records := make([]queue.Record, 0, 4)
	got := testing.AllocsPerRun(200, func() {
		for range 4 {
			if _, err := q.Put(large, nil); err != nil {
				t.Fatal(err)
			}
		}
		records = q.Take(records[:0], 4, 1<<20)
		end(q, records, queue.Delivered)
	})
	if got > 4 {
		t.Errorf("filling four segments allocates %v times, want at most 4", got)
	}
}
