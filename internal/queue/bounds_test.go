package queue_test

import (
	"errors"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

func TestPutRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	const frame = frameHeader + 24 // of a payload of 24 bytes
	for name, tc := range map[string]struct {
		config   queue.Config
		payloads []int // all accepted
		refused  int
		want     error
	}{
		"one record more than it may hold": {
			queue.Config{MaxRecords: 2, MaxBytes: 1 << 20, SegmentSize: 1 << 10}, []int{24, 24}, 24, queue.ErrFull,
		},
		"one byte more than the segment has left, and no second segment": {
			queue.Config{MaxRecords: 9, MaxBytes: 2 * frame, SegmentSize: 2 * frame}, []int{24}, 25, queue.ErrFull,
		},
		"a record that needs a third segment of two": {
			queue.Config{MaxRecords: 9, MaxBytes: 2 * frame, SegmentSize: frame}, []int{24, 24}, 1, queue.ErrFull,
		},
		"a record larger than all segments together": {
			queue.Config{MaxRecords: 9, MaxBytes: 2 * frame, SegmentSize: frame}, nil, 2*frame - frameHeader + 1, queue.ErrTooLarge,
		},
		"a large record beside a small one that is waiting": {
			queue.Config{MaxRecords: 9, MaxBytes: 3 * frame, SegmentSize: frame}, []int{24}, 3*frame - frameHeader, queue.ErrFull,
		},
		"a segment size larger than the bound on bytes": {
			queue.Config{MaxRecords: 9, MaxBytes: frame, SegmentSize: 1 << 20}, []int{24}, 24, queue.ErrFull,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := queue.New(tc.config)
			for i, size := range tc.payloads {
				put(t, q, item(i, size))
			}
			evicted, err := q.Put(item(99, tc.refused), nil)
			if !errors.Is(err, tc.want) || len(evicted) > 0 {
				t.Errorf("Put of %d bytes after %v: got error %v and evicted %v, want %v and none",
					tc.refused, tc.payloads, err, numbers(evicted), tc.want)
			}
			requireLedger(t, q, uint64(len(tc.payloads)), uint64(len(tc.payloads)), nil)
			if s := q.Snapshot(); s.Bytes > tc.config.MaxBytes {
				t.Errorf("got %d bytes in use, want at most %d", s.Bytes, tc.config.MaxBytes)
			}
		})
	}
}

// Proves RTQ-3.
func TestPutHoldsAtMostItsCapacity(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 2, MaxBytes: 1 << 20, SegmentSize: 1 << 10})
	fill(t, q, 1, 2)
	if _, err := q.Put(item(3, 10), nil); !errors.Is(err, queue.ErrFull) {
		t.Errorf("third Put: got error %v, want %v", err, queue.ErrFull)
	}
	if got := q.Snapshot().Queued; got != (queue.Depth{Records: 2, Bytes: 20}) {
		t.Errorf("got depth %+v, want 2 records of 20 bytes", got)
	}
}

// Proves RTQ-4.
func TestRecordsInFlightDoNotCountAgainstTheCapacity(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 3, MaxBytes: 1 << 20, SegmentSize: 1 << 10})
	fill(t, q, 1, 3)
	first := q.Take(nil, 3, 1<<10)
	fill(t, q, 4, 6)
	second := q.Take(nil, 3, 1<<10)
	end(q, first, queue.Delivered)
	end(q, second, queue.Delivered)
	requireLedger(t, q, 6, 0, map[queue.Outcome]uint64{queue.Delivered: 6})
}

func TestRecordsInFlightCountAgainstTheBytes(t *testing.T) {
	t.Parallel()
	const frame = frameHeader + 24
	q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: 2 * frame, SegmentSize: frame})
	put(t, q, item(1, 24))
	put(t, q, item(2, 24))
	flying := q.Take(nil, 2, 1<<10)
	if _, err := q.Put(item(3, 24), nil); !errors.Is(err, queue.ErrFull) {
		t.Errorf("Put while two segments are in flight: got error %v, want %v", err, queue.ErrFull)
	}
	end(q, flying[:1], queue.Delivered)
	put(t, q, item(3, 24))
}

func TestLargeRecordGetsASegmentOfItsOwn(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: 1 << 12, SegmentSize: 128})
	put(t, q, item(1, 10))
	put(t, q, item(2, 1000))
	put(t, q, item(3, 10))
	if got, want := q.Snapshot().Bytes, 128+(frameHeader+1000)+128; got != want {
		t.Errorf("got %d bytes in use, want %d: a segment before, one for the large record, and one after", got, want)
	}
	records := q.Take(nil, 9, 1<<12)
	if got, want := len(records[1].Payload), 1000; got != want {
		t.Errorf("got %d bytes of the large record, want %d", got, want)
	}
	for i := range records {
		requireWhole(t, &records[i])
	}
}

func TestLargeRecordFitsIntoAnEmptyQueue(t *testing.T) {
	t.Parallel()
	const bound = 1024
	for name, evict := range map[string]bool{"that refuses the newest": false, "that evicts the oldest": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: bound, SegmentSize: 256, EvictOldest: evict})
			put(t, q, item(1, 10))
			end(q, q.Take(nil, 1, 1), queue.Delivered)
			put(t, q, item(2, bound-frameHeader))
			if got := q.Snapshot().Bytes; got != bound {
				t.Errorf("got %d bytes in use, want %d", got, bound)
			}
			end(q, q.Take(nil, 1, 1), queue.Delivered)
			put(t, q, item(3, 10))
		})
	}
}

func TestPutReportsAnArenaThatIsExhausted(t *testing.T) {
	t.Parallel()
	config := roomy
	config.Arena = exhausted{}
	q := queue.New(config)
	if _, err := q.Put(item(1, 10), nil); !errors.Is(err, queue.ErrFull) {
		t.Errorf("Put without memory: got error %v, want %v", err, queue.ErrFull)
	}
	if got := q.Take(nil, 1, 1); len(got) > 0 {
		t.Errorf("Take from it: got records %v, want none", numbers(got))
	}
	requireLedger(t, q, 0, 0, nil)
}

// exhausted is an arena without memory.
type exhausted struct{}

func (exhausted) Alloc(int) ([]byte, error) { return nil, errors.New("no space left") }
func (exhausted) Free([]byte)               {}
