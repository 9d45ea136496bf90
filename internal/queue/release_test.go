package queue_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// accountant is an arena that knows what it handed out, and spoils what comes
// back.
type accountant struct {
	regions map[*byte]int // by their first byte
	out     int           // bytes
	most    int           // bytes at once
	allocs  int
}

func (a *accountant) Alloc(size int) ([]byte, error) {
	region := make([]byte, size)
	if a.regions == nil {
		a.regions = make(map[*byte]int)
	}
	a.regions[&region[0]] = size
	a.out += size
	a.most = max(a.most, a.out)
	a.allocs++
	return region, nil
}

func (a *accountant) Free(region []byte) {
	if size, ok := a.regions[&region[0]]; !ok || size != len(region) {
		panic("a region came back twice, or not as it was handed out")
	}
	delete(a.regions, &region[0])
	a.out -= len(region)
	for i := range region {
		region[i] = 0xDE
	}
}

func TestReleaseGivesMemoryBack(t *testing.T) {
	t.Parallel()
	const segment = 4 * (frameHeader + 24)
	for name, release := range map[string]func(q *queue.Queue, records []queue.Record){
		"in order": func(q *queue.Queue, records []queue.Record) {
			for i := range records {
				q.Release(records[i : i+1])
			}
		},
		"backwards": func(q *queue.Queue, records []queue.Record) {
			for i := range records {
				at := len(records) - 1 - i
				q.Release(records[at : at+1])
			}
		},
		"at once": func(q *queue.Queue, records []queue.Record) { q.Release(records) },
		"every record twice": func(q *queue.Queue, records []queue.Record) {
			for range 2 {
				q.Release(records)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arena := new(accountant)
			q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: segment, Arena: arena})
			fill(t, q, 1, 30)
			records := q.Take(nil, 30, 1<<20)
			q.Finish(records, queue.Delivered)
			if got, want := q.Snapshot().Bytes, 8*segment; got != want || arena.out != want {
				t.Fatalf("before Release: got %d bytes in use and %d handed out, want %d", got, arena.out, want)
			}
			release(q, records)
			if got := q.Snapshot().Bytes; got != segment || arena.out != segment {
				t.Errorf("after Release: got %d bytes in use and %d handed out, want one segment of %d", got, arena.out, segment)
			}
			for n := range 4 { // into the segment that is left, from its start
				put(t, q, item(n, 10))
			}
			if arena.allocs != 8 {
				t.Errorf("got %d segments made, want no more than the 8 of before", arena.allocs)
			}
		})
	}
}

func TestAnUnreleasedRecordKeepsItsMemory(t *testing.T) {
	t.Parallel()
	const segment = 2 * (frameHeader + 24)
	q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: segment, Arena: new(accountant)})
	fill(t, q, 1, 20)
	records := q.Take(nil, 20, 1<<20)
	q.Finish(records, queue.Delivered)
	kept := records[4:5]
	q.Release(records[:4])
	q.Release(records[5:])
	for n := 100; n < 140; n++ { // through all that was recycled
		put(t, q, item(n, 10))
	}
	requireWhole(t, &kept[0])
	if got, want := q.Snapshot().Bytes, 21*segment; got > want {
		t.Errorf("got %d bytes in use, want at most %d", got, want)
	}
}

func TestASteadyQueueNeedsFewSegments(t *testing.T) {
	t.Parallel()
	arena := new(accountant)
	q := queue.New(queue.Config{MaxRecords: 100, MaxBytes: 1 << 12, SegmentSize: 1 << 10, Arena: arena})
	for n := range 1000 {
		put(t, q, item(n, 1+n%200))
		if n%5 == 4 {
			end(q, q.Take(nil, 5, 1<<20), queue.Delivered)
		}
	}
	if want := 2 << 10; arena.most > want {
		t.Errorf("got up to %d bytes handed out at once, want at most %d", arena.most, want)
	}
}
