package queue_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// BenchmarkRecord takes records of a usual size the whole way, a hundred at a
// time, and reports the cost of one.
func BenchmarkRecord(b *testing.B) {
	const batch = 100
	q := queue.New(queue.Config{MaxRecords: 10_000, MaxBytes: 64 << 20, SegmentSize: 1 << 20})
	it := item(1, 500)
	records := make([]queue.Record, 0, batch)
	b.ReportAllocs()
	b.SetBytes(500)
	queued := 0
	for b.Loop() {
		if _, err := q.Put(it, nil); err != nil {
			b.Fatal(err)
		}
		if queued++; queued == batch {
			records = q.Take(records[:0], batch, 1<<20)
			q.Finish(records, queue.Delivered)
			q.Release(records)
			queued = 0
		}
	}
}

// BenchmarkPutParallel has several producers; whoever finds the queue full
// empties some of it.
func BenchmarkPutParallel(b *testing.B) {
	q := queue.New(queue.Config{MaxRecords: 1 << 30, MaxBytes: 4 << 20, SegmentSize: 1 << 20})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		it := item(1, 500)
		records := make([]queue.Record, 0, 100)
		for pb.Next() {
			for {
				if _, err := q.Put(it, nil); err == nil {
					break
				}
				records = q.Take(records[:0], 100, 1<<20)
				q.Finish(records, queue.Delivered)
				q.Release(records)
			}
		}
	})
}

// BenchmarkSnapshot is what a scrape of the counters costs.
func BenchmarkSnapshot(b *testing.B) {
	q := queue.New(roomy)
	if _, err := q.Put(item(1, 10), nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		q.Snapshot()
	}
}
