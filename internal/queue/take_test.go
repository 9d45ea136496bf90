package queue_test

import (
	"reflect"
	"runtime"
	"testing"
	"weak"

	"github.com/hedgerow/posthog/internal/queue"
)

func TestTakeLimits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		records, bytes int
		want           []int
	}{
		"no records":                               {0, 1 << 20, []int{}},
		"a limit on records":                       {2, 1 << 20, []int{1, 2}},
		"more records than there are":              {9, 1 << 20, []int{1, 2, 3, 4}},
		"bytes for exactly two":                    {9, 20, []int{1, 2}},
		"one byte less than two need":              {9, 19, []int{1}},
		"always one, even if it is too large":      {9, 5, []int{1}},
		"always one, even if no bytes are allowed": {9, 0, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := queue.New(roomy)
			fill(t, q, 1, 4)
			got := q.Take(nil, tc.records, tc.bytes)
			if !reflect.DeepEqual(numbers(got), tc.want) {
				t.Errorf("Take of %d records and %d bytes: got %v, want %v", tc.records, tc.bytes, numbers(got), tc.want)
			}
			want := queue.Depth{Records: 4 - len(tc.want), Bytes: 10 * (4 - len(tc.want))}
			if s := q.Snapshot(); s.Queued != want || s.Pending != 4 {
				t.Errorf("got depth %+v and %d pending, want %+v and 4", s.Queued, s.Pending, want)
			}
		})
	}
}

// Records of different formats are different requests.
func TestTakeStopsWhereTheFormatChanges(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: 200}) // three in a segment
	for n, format := range []uint8{1, 1, 0, 0, 0, 0, 2, 1} {
		it := item(n+1, 10)
		it.Format = format
		put(t, q, it)
	}
	for _, want := range [][]int{{1, 2}, {3, 4, 5, 6}, {7}, {8}, {}} {
		if got := q.Take(nil, 9, 1<<20); !reflect.DeepEqual(numbers(got), want) {
			t.Errorf("got %v, want %v", numbers(got), want)
		}
	}
}

func TestTakeFromAnEmptyQueue(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	if got := q.Take(nil, 9, 1<<20); len(got) > 0 {
		t.Errorf("got %v, want no records", numbers(got))
	}
	if got := q.Snapshot().Bytes; got != 0 {
		t.Errorf("got %d bytes in use before the first Put, want 0", got)
	}
}

func TestTakeAppendsInOrderOfAcceptance(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: 200})
	const last = 100
	for n := 1; n <= last; n++ {
		put(t, q, item(n, 1+n%60)) // one to four in a segment
	}
	var records []queue.Record
	for len(records) < last {
		records = q.Take(records, 7, 1<<20)
	}
	for i := range records {
		requireWhole(t, &records[i])
		if number(&records[i]) != i+1 || records[i].Sequence() != uint64(i+1) {
			t.Fatalf("record at %d: got number %d and sequence %d, want %d", i, number(&records[i]), records[i].Sequence(), i+1)
		}
	}
}

func TestPayloadsMayBeEmpty(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	put(t, q, item(1, 0))
	put(t, q, item(2, 3))
	records := q.Take(nil, 2, 1<<10)
	if got, want := numbers(records), []int{1, 2}; !reflect.DeepEqual(got, want) || len(records[0].Payload) != 0 {
		t.Errorf("got records %v, the first of %d bytes, want %v and an empty first", got, len(records[0].Payload), want)
	}
}

func TestTheQueueKeepsNothingOfTheItem(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	it := item(7, 10)
	put(t, q, it)
	clear(it.Payload)
	it.UUID, it.Format, it.Accepted = [16]byte{}, 99, 99
	records := q.Take(nil, 1, 1<<10)
	if got := number(&records[0]); got != 7 {
		t.Errorf("got number %d, want 7", got)
	}
	requireWhole(t, &records[0])
}

func TestAppendingToAPayloadLeavesTheNextAlone(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 2)
	records := q.Take(nil, 2, 1<<10)
	_ = append(records[0].Payload, "overrun of a callback that means no harm but does it all the same"...)
	requireWhole(t, &records[1])
}

func TestTagsComeBack(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 3, MaxBytes: 1 << 20, SegmentSize: 1 << 10, EvictOldest: true})
	tags := []any{"first", nil, 3, "fourth"}
	var records []queue.Record
	for n, tag := range tags {
		it := item(n+1, 10)
		it.Tag = tag
		var err error
		if records, err = q.Put(it, records); err != nil {
			t.Fatalf("Put %d: %v", n+1, err)
		}
	}
	records = q.Take(records, 3, 1<<10) // the first was evicted, the others are taken
	for i := range records {
		if records[i].Tag != tags[i] {
			t.Errorf("record %d: got tag %v, want %v", number(&records[i]), records[i].Tag, tags[i])
		}
	}
}

func TestTagsAreForgotten(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	it := item(1, 10)
	tag := &struct{ handle [64]byte }{}
	remembered := weak.Make(tag)
	it.Tag = tag
	put(t, q, it)
	it.Tag = nil
	if runtime.GC(); remembered.Value() == nil {
		t.Error("got a queued record's tag collected, want it kept")
	}
	end(q, q.Take(nil, 1, 1), queue.Delivered)
	if runtime.GC(); remembered.Value() != nil {
		t.Error("got a taken record's tag still in memory, want it forgotten")
	}
	runtime.KeepAlive(q)
}

func TestOldestIsThatOfTheOldestQueuedRecord(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 9, MaxBytes: 1 << 12, SegmentSize: 128}) // two records to a segment
	oldest := func(want int64) {
		t.Helper()
		if got := q.Snapshot().Oldest; got != want {
			t.Errorf("got oldest %d, want %d", got, want)
		}
	}
	oldest(0)
	fill(t, q, 1, 5)
	for n := int64(1); n <= 5; n++ {
		oldest(n * 1000)
		q.Take(nil, 1, 1)
	}
	oldest(0)
	fill(t, q, 6, 6)
	oldest(6000)
}
