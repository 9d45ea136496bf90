package queue_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// smallFrame is what a record of ten bytes takes.
const smallFrame = 64

// spooled are the bounds of most tests with files: four records of ten bytes
// to a segment, and memory for six segments.
var spooled = queue.Config{MaxRecords: 1 << 20, MaxBytes: 24 * smallFrame, SegmentSize: 4 * smallFrame}

// upTo returns the numbers from first to last.
func upTo(first, last int) (all []int) {
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}

// requireFiled fails the test unless the next process would find these items.
func requireFiled(t *testing.T, s *store, want []int) {
	t.Helper()
	if got := s.numbers(); !slices.Equal(got, want) {
		t.Fatalf("the next process would find %v, want %v", got, want)
	}
}

// Proves ZIG-42.
func TestAnAcceptedRecordIsInAFile(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	for n := 1; n <= 11; n++ {
		it := item(n, 10)
		put(t, q, it)
		if !it.Kept || it.Sequence != uint64(n) {
			t.Errorf("Put %d: got kept: %v, sequence %d, want true and %d", n, it.Kept, it.Sequence, n)
		}
		requireFiled(t, s, upTo(1, n))
	}
	if got := q.Snapshot().Kept; got != 11 {
		t.Errorf("got %d records that outlive the process, want 11", got)
	}
}

// The store compares each summary with what is in the file.
func TestAFullSegmentIsSealed(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 2)
	old := item(3, 10)
	old.Accepted = 7 // the clock was set back
	put(t, q, old)
	fill(t, q, 4, 8)
	if s.files[0].sealed == nil || s.files[1].sealed != nil {
		t.Fatal("with two full segments: want the first one sealed, and the last one not")
	}
	if got, want := *s.files[0].sealed, (segment.Summary{Records: 4, Used: 4 * smallFrame, Payload: 40, Oldest: 7, Newest: 4000}); got != want {
		t.Errorf("got the seal %+v, want %+v", got, want)
	}
	put(t, q, item(9, 10))
	if s.files[1].sealed == nil {
		t.Error("with a third segment begun: want the second one sealed")
	}
}

func TestALargeRecordGetsAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 1)
	put(t, q, item(2, 10*smallFrame-frameHeader))
	fill(t, q, 3, 3)
	if got := len(s.files[1].area); len(s.files) != 3 || got != 10*smallFrame {
		t.Errorf("got %d files and %d bytes in the second, want 3 and %d", len(s.files), got, 10*smallFrame)
	}
	requireFiled(t, s, upTo(1, 3))
}

// Whatever the store says when the next segment is due, the record is accepted
// or is not, and its file is not needed for that.
func TestARecordThatNeedsAnotherFile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		supply   segment.Supply
		inMemory bool
		want     error
		kept     bool
	}{
		"is in it if it is ready":                 {segment.Ready, false, nil, true},
		"is in it if it is ready all the same":    {segment.Ready, true, nil, true},
		"is told to wait if it will be soon":      {segment.Soon, false, queue.ErrNoFile, false},
		"is in memory if it does not want to":     {segment.Soon, true, nil, false},
		"is refused if the files are full":        {segment.Full, false, queue.ErrFull, false},
		"is refused although it would not wait":   {segment.Full, true, queue.ErrFull, false},
		"is in memory if the disk fails":          {segment.None, false, nil, false},
		"is in memory if the disk fails, as well": {segment.None, true, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, before := range []int{0, 4} { // with no segment, and with a full one
				q, s := newSpooled(t, spooled)
				fill(t, q, 1, before)
				s.supply = tc.supply
				it := item(9, 10)
				it.InMemory = tc.inMemory
				evicted, err := q.Put(it, nil)
				if !errors.Is(err, tc.want) || len(evicted) > 0 || it.Kept != tc.kept {
					t.Errorf("after %d: got evicted %v, error %v, kept: %v, want none, %v, %v", before, numbers(evicted), err, it.Kept, tc.want, tc.kept)
				}
				want := upTo(1, before)
				if err == nil {
					want = append(want, 9)
				}
				requireLedger(t, q, uint64(len(want)), uint64(len(want)), nil)
				if got := numbers(q.Take(nil, 9, 1<<20)); !slices.Equal(got, want) {
					t.Errorf("after %d: got %v, want %v", before, got, want)
				}
			}
		})
	}
}

// A tail of which nothing is left gives its file back even if there is no
// other one at the moment.
func TestARecordTooLargeForTheEmptyTailWaits(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 1)
	end(q, q.Take(nil, 1, 1), queue.Delivered)
	s.supply = segment.Soon
	large := item(2, 5*smallFrame)
	if _, err := q.Put(large, nil); !errors.Is(err, queue.ErrNoFile) {
		t.Fatalf("Put: got %v, want %v", err, queue.ErrNoFile)
	}
	if len(s.files) != 0 || q.Snapshot().Bytes != 0 {
		t.Errorf("got %d files and %d bytes, want none of either", len(s.files), q.Snapshot().Bytes)
	}
	s.supply = segment.Ready
	put(t, q, large)
	requireFiled(t, s, []int{2})
}

func TestAFileThatBreaksLeavesTheRecordsInMemory(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 2)
	s.files[0].frail = 1
	broke := item(3, 10)
	put(t, q, broke)
	if broke.Kept || len(s.files) != 0 || q.Snapshot().Kept != 0 {
		t.Errorf("got kept: %v, %d files and %d records that outlive the process, want none", broke.Kept, len(s.files), q.Snapshot().Kept)
	}
	fill(t, q, 4, 5)
	requireFiled(t, s, []int{5}) // the next segment has a file again
	requireLedger(t, q, 5, 5, nil)
	records := q.Take(nil, 9, 1<<20)
	if got := numbers(records); !slices.Equal(got, upTo(1, 5)) {
		t.Errorf("got %v, want all five", got)
	}
	end(q, records, queue.Delivered)
	requireLedger(t, q, 5, 0, map[queue.Outcome]uint64{queue.Delivered: 5})
}

// The file is told of each end once, when it comes, and not of a second one.
func TestAPartlyDeliveredBatchLeavesTheRest(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 10)
	records := q.Take(nil, 8, 1<<20)
	q.Finish([]queue.Record{records[6], records[1], records[2], records[4]}, queue.Delivered)
	requireFiled(t, s, []int{1, 4, 6, 8, 9, 10})
	q.Finish(records[:3], queue.Rejected) // two of them for the second time
	requireFiled(t, s, []int{4, 6, 8, 9, 10})
	if got := q.Snapshot().Kept; got != 5 {
		t.Errorf("got %d records that outlive the process, want 5", got)
	}
}

func TestAFileIsGivenBackWhenAllItsRecordsAreFinalAndReleased(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 6)
	records := q.Take(nil, 6, 1<<20)
	finish(q, records, queue.Delivered)
	if len(s.files) != 2 {
		t.Fatalf("before Release: got %d files, want both", len(s.files))
	}
	q.Release(records)
	if len(s.files) != 1 || s.files[0].sealed != nil {
		t.Fatalf("after Release: got %d files, want the one that takes new records", len(s.files))
	}
	fill(t, q, 7, 8)
	requireFiled(t, s, []int{7, 8})
	end(q, q.Take(nil, 2, 1<<20), queue.Delivered)
	fill(t, q, 9, 9)
	requireFiled(t, s, []int{9})
	if len(s.files) != 1 {
		t.Errorf("after the tail was used up: got %d files, want one", len(s.files))
	}
}

func TestFullFilesEvictTheOldestSegment(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, q *queue.Queue, s *store) (*queue.Queue, *store)
	}{
		"of this process": {
			func(_ *testing.T, q *queue.Queue, s *store) (*queue.Queue, *store) { return q, s },
		},
		"of an earlier process": {
			func(t *testing.T, _ *queue.Queue, s *store) (*queue.Queue, *store) {
				t.Helper()
				q, s := restarted(t, s, evicting)
				s.arriveAll()
				return q, s
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, s := newSpooled(t, evicting)
			fill(t, q, 1, 24)
			q, s = tc.prepare(t, q, s)
			s.bound = s.bytes()
			barrier := q.Barrier()
			evicted, err := q.Put(item(99, 10), nil)
			if err != nil || len(evicted) != 4 {
				t.Fatalf("Put: got %d evicted and %v, want the four of a segment and no error", len(evicted), err)
			}
			requireLeft(t, q, barrier, 24)
			q.Pass(evicted)
			q.Release(evicted)
			requireLeft(t, q, barrier, 20)
			requireLedger(t, q, 25, 21, map[queue.Outcome]uint64{queue.QueueFull: 4})
			requireFiled(t, s, append(upTo(5, 24), 99))
		})
	}
}

// evicting is spooled with little memory and OverflowDropOldest.
var evicting = queue.Config{
	MaxRecords: 1 << 20, MaxBytes: 16 * smallFrame, SegmentSize: 4 * smallFrame, EvictOldest: true, ShowEvicted: true,
}

// A segment that is being read gives its file back only when that is over.
// Evicting others instead would empty the whole queue for one record.
func TestNothingIsEvictedForAFileThatIsBeingRead(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, evicting)
	fill(t, q, 1, 24)
	q, s = restarted(t, s, evicting)
	s.bound = s.bytes()
	evicted, err := q.Put(item(99, 10), nil)
	if !errors.Is(err, queue.ErrFull) || len(evicted) > 0 {
		t.Errorf("Put: got %d evicted and %v, want none and %v", len(evicted), err, queue.ErrFull)
	}
	requireFiled(t, s, upTo(1, 24))
	s.arrive()
	evicted, err = q.Put(item(99, 10), nil)
	if err != nil || len(evicted) != 4 {
		t.Errorf("Put after the first segment was read: got %d evicted and %v, want 4 and none", len(evicted), err)
	}
	requireFiled(t, s, append(upTo(5, 24), 99))
}

// A queue that may hold only so many records evicts a whole segment if the
// oldest are in no memory.
func TestASegmentThatIsInNoMemoryIsEvictedWhole(t *testing.T) {
	t.Parallel()
	config := evicting
	config.MaxRecords = 24
	q, s := newSpooled(t, config)
	fill(t, q, 1, 24)
	q, s = restarted(t, s, config)
	tagged := item(25, 10)
	evicted, err := q.Put(tagged, nil)
	if err != nil || len(evicted) != 4 {
		t.Fatalf("Put: got %d evicted and %v, want 4 and none", len(evicted), err)
	}
	for i := range evicted {
		if got := evicted[i].Sequence(); got != uint64(i+1) || evicted[i].Payload != nil {
			t.Errorf("evicted record %d: got sequence %d and %d bytes, want %d and none", i, got, len(evicted[i].Payload), i+1)
		}
	}
	q.Pass(evicted)
	requireLedger(t, q, 25, 21, map[queue.Outcome]uint64{queue.QueueFull: 4})
	if got, want := drain(t, q, s, 9), upTo(5, 25); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
