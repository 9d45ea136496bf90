package queue_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

func TestEvictsTheOldest(t *testing.T) {
	t.Parallel()
	const frame = frameHeader + 24 // of ten bytes, as small as one can be
	for name, tc := range map[string]struct {
		config  queue.Config
		payload int
		evicted []int
		left    []int
	}{
		"one of a queue full of records": {
			queue.Config{MaxRecords: 4, MaxBytes: 1 << 20, SegmentSize: 1 << 10}, 10,
			[]int{1}, []int{2, 3, 4, 99},
		},
		"a segment of a queue full of bytes": {
			queue.Config{MaxRecords: 9, MaxBytes: 4 * frame, SegmentSize: 2 * frame}, 10,
			[]int{1, 2}, []int{3, 4, 99},
		},
		"everything for a record as large as the queue": {
			queue.Config{MaxRecords: 9, MaxBytes: 4 * frame, SegmentSize: 2 * frame}, 4*frame - frameHeader,
			[]int{1, 2, 3, 4}, []int{99},
		},
		"everything in a single segment": {
			queue.Config{MaxRecords: 9, MaxBytes: 4 * frame, SegmentSize: 4 * frame}, 10,
			[]int{1, 2, 3, 4}, []int{99},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.config.EvictOldest = true
			q := queue.New(tc.config)
			fill(t, q, 1, 4)
			evicted, err := q.Put(item(99, tc.payload), nil)
			if err != nil || !reflect.DeepEqual(numbers(evicted), tc.evicted) {
				t.Fatalf("fifth Put: got evicted %v, error %v, want %v and none", numbers(evicted), err, tc.evicted)
			}
			dropped := map[queue.Outcome]uint64{queue.QueueFull: uint64(len(tc.evicted))}
			requireLedger(t, q, 5, uint64(len(tc.left)), dropped)
			for i := range evicted {
				requireWhole(t, &evicted[i])
				if got, want := evicted[i].Sequence(), uint64(number(&evicted[i])); got != want {
					t.Errorf("evicted record %d: got sequence %d, want %d", number(&evicted[i]), got, want)
				}
			}
			end(q, evicted, queue.Delivered) // has no effect
			requireLedger(t, q, 5, uint64(len(tc.left)), dropped)
			if got := numbers(q.Take(nil, 9, 1<<20)); !reflect.DeepEqual(got, tc.left) {
				t.Errorf("got left %v, want %v", got, tc.left)
			}
			if got := q.Snapshot().Bytes; got > tc.config.MaxBytes {
				t.Errorf("got %d bytes in use, want at most %d", got, tc.config.MaxBytes)
			}
		})
	}
}

func TestEvictedRecordsAreAppended(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 1, MaxBytes: 1 << 20, SegmentSize: 1 << 10, EvictOldest: true})
	var evicted []queue.Record
	for n := 1; n <= 3; n++ {
		var err error
		if evicted, err = q.Put(item(n, 10), evicted); err != nil {
			t.Fatalf("Put %d: got error %v, want none", n, err)
		}
	}
	if got, want := numbers(evicted), []int{1, 2}; !reflect.DeepEqual(got, want) {
		t.Errorf("got evicted %v, want %v", got, want)
	}
	for i := range evicted {
		if n := len(evicted[i].Payload); n > 0 {
			t.Errorf("got %d bytes of payload of an evicted record, want none: its memory is in use", n)
		}
	}
}

// Whoever wants to see evicted records keeps their memory, so evictions help
// against too many records, and not against too many bytes.
func TestShownEvictedRecordsKeepTheirMemory(t *testing.T) {
	t.Parallel()
	const frame = frameHeader + 24
	q := queue.New(queue.Config{MaxRecords: 3, MaxBytes: 4 * frame, SegmentSize: 2 * frame, EvictOldest: true, ShowEvicted: true})
	fill(t, q, 1, 3)
	evicted, err := q.Put(item(4, 10), nil)
	if got := numbers(evicted); err != nil || !reflect.DeepEqual(got, []int{1}) {
		t.Fatalf("Put into a queue full of records: got evicted %v, error %v, want 1 and none", got, err)
	}
	requireWhole(t, &evicted[0])
	if more, err := q.Put(item(5, 10), nil); !errors.Is(err, queue.ErrFull) || len(more) > 0 {
		t.Errorf("Put into a queue full of bytes: got evicted %v, error %v, want none and %v", numbers(more), err, queue.ErrFull)
	}
	requireWhole(t, &evicted[0])
}

// What a consumer needs for each record counts against the bytes.
func TestRecordBytesCount(t *testing.T) {
	t.Parallel()
	const frame = frameHeader + 24
	q := queue.New(queue.Config{MaxRecords: 99, MaxBytes: 8 * frame, RecordBytes: frame, SegmentSize: frame})
	fill(t, q, 1, 4) // four frames, and four times what holds them
	if _, err := q.Put(item(5, 10), nil); !errors.Is(err, queue.ErrFull) {
		t.Errorf("fifth Put: got %v, want %v", err, queue.ErrFull)
	}
	records := q.Take(nil, 4, 1<<20)
	if _, err := q.Put(item(5, 10), nil); !errors.Is(err, queue.ErrFull) {
		t.Errorf("fifth Put with four in flight: got %v, want %v", err, queue.ErrFull)
	}
	end(q, records[:1], queue.Delivered)
	put(t, q, item(5, 10))
}

func TestEvictionSparesTheQueueWhenItWouldNotHelp(t *testing.T) {
	t.Parallel()
	const frame = frameHeader + 24
	q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: 4 * frame, SegmentSize: 2 * frame, EvictOldest: true})
	fill(t, q, 1, 4)
	flying := q.Take(nil, 3, 1<<10) // holds both segments
	evicted, err := q.Put(item(5, 10), nil)
	if !errors.Is(err, queue.ErrFull) || len(evicted) > 0 {
		t.Errorf("Put with both segments in flight: got evicted %v, error %v, want none and %v", numbers(evicted), err, queue.ErrFull)
	}
	requireLedger(t, q, 4, 4, nil)

	end(q, flying[2:], queue.Delivered) // the second segment holds only a queued record now
	evicted, err = q.Put(item(5, 10), nil)
	if got, want := numbers(evicted), []int{4}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Put with one segment in flight: got evicted %v, error %v, want %v and none", got, err, want)
	}
	requireLedger(t, q, 5, 3, map[queue.Outcome]uint64{queue.Delivered: 1, queue.QueueFull: 1})
}
