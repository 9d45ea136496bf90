package queue_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// putTagged puts items of ten bytes, each with its number for a tag.
func putTagged(t *testing.T, q *queue.Queue, first, last int) {
	t.Helper()
	for n := first; n <= last; n++ {
		it := item(n, 10)
		it.Tag = n
		put(t, q, it)
	}
}

// tags returns those of records, in ascending order.
func tags(records []queue.Record) (all []int) {
	for i := range records {
		if records[i].Tag != nil {
			all = append(all, records[i].Tag.(int))
		}
	}
	slices.Sort(all)
	return all
}

// What a file does not have any more is lost, counted and told of once, and
// holds up nothing.
func TestRecordsThatAreMissingInAFile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(s *store)
		lost  []int
	}{
		"one in the middle":             {func(s *store) { s.files[5].damage(1) }, []int{22}},
		"the first":                     {func(s *store) { s.files[5].damage(0) }, []int{21}},
		"the last":                      {func(s *store) { s.files[5].damage(3) }, []int{24}},
		"all of one file":               {func(s *store) { s.files[5].gone = true }, upTo(21, 24)},
		"all of three files in a row":   {func(s *store) { s.files[5].gone, s.files[6].gone, s.files[7].gone = true, true, true }, upTo(21, 32)},
		"one file, and one in the next": {func(s *store) { s.files[8].gone = true; s.files[9].damage(3) }, append(upTo(33, 36), 40)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, s := newSpooled(t, spooled)
			putTagged(t, q, 1, 41)
			barrier := q.Barrier()
			tc.spoil(s)
			var got, lost []int
			for q.Depth().Records > 0 || len(s.reads) > 0 {
				records := q.Take(nil, 3, 1<<20)
				for i := range records {
					requireWhole(t, &records[i])
					if records[i].Tag != number(&records[i]) {
						t.Errorf("record %d: got tag %v, want its number", number(&records[i]), records[i].Tag)
					}
				}
				got = append(got, numbers(records)...)
				end(q, records, queue.Delivered)
				s.arrive()
				gone, why := q.Lost()
				if len(gone) > 0 && !errors.Is(why, errGone) {
					t.Errorf("got %v as the reason for the loss of %v, want %v", why, tags(gone), errGone)
				}
				end(q, gone, queue.Delivered) // has no effect but to pass them
				lost = append(lost, tags(gone)...)
			}
			want := slices.DeleteFunc(upTo(1, 41), func(n int) bool { return slices.Contains(tc.lost, n) })
			if !slices.Equal(got, want) || !slices.Equal(lost, tc.lost) {
				t.Errorf("got %v, and lost %v, want %v, and %v", got, lost, want, tc.lost)
			}
			requireLeft(t, q, barrier, 0)
			n := uint64(len(tc.lost))
			requireLedger(t, q, 41, 0, map[queue.Outcome]uint64{queue.Unreadable: n, queue.Delivered: 41 - n})
		})
	}
}

// The consumer may be asleep when a segment turns out to be damaged behind its
// last good record, so it is woken.
func TestALossIsSignalled(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 4)
	q, s = restarted(t, s, spooled)
	s.files[0].damage(3)
	s.arriveAll()
	signalled(q.Ready())
	q.Take(nil, 9, 1<<20)
	if !signalled(q.Ready()) {
		t.Error("after the last good record was taken: got no signal, want one")
	}
	if lost, _ := q.Lost(); len(lost) != 1 {
		t.Errorf("got %d lost, want 1", len(lost))
	}
	if lost, _ := q.Lost(); len(lost) > 0 {
		t.Errorf("asked again: got %d lost, want none", len(lost))
	}
}

// An end that was lost on its way to the disk means that a record is sent again,
// and nothing else.
func TestMoreRecordsThanExpectedInAFile(t *testing.T) {
	t.Parallel()
	config := spooled
	config.RecordBytes, config.MaxBytes = 4*smallFrame, 5*config.MaxBytes
	q, s := newSpooled(t, config)
	fill(t, q, 1, 6)
	end(q, q.Take(nil, 2, 1<<20), queue.Delivered)
	q, s = restarted(t, s, config)
	clear(s.files[0].ended)
	barrier := q.Barrier()
	s.arriveAll()
	requireLedger(t, q, 6, 6, nil)
	records := q.Take(nil, 9, 1<<20)
	if got := numbers(records); !slices.Equal(got, upTo(1, 6)) {
		t.Fatalf("got %v, want all six", got)
	}
	for i := range records {
		if got := records[i].Sequence(); got != uint64(i+1) {
			t.Errorf("record %d: got sequence %d, want %d", i+1, got, i+1)
		}
	}
	end(q, records, queue.Delivered)
	if q.Left(barrier) != 0 {
		t.Errorf("got %d in front of the barrier, want none", q.Left(barrier))
	}
	requireLedger(t, q, 6, 0, map[queue.Outcome]uint64{queue.Delivered: 6})
	requireFiled(t, s, nil)
	s.supply = segment.None
	config.Store = nil
	if got, want := capacity(q), capacity(queue.New(config)); got != want {
		t.Errorf("the empty queue has room for %d records, want the %d of a new one", got, want)
	}
}

// Tags live in memory, wherever the record does, and come back with it once.
func TestTagsOutliveTheMemoryOfTheirRecords(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	putTagged(t, q, 1, 40)
	var got []int
	for q.Depth().Records > 0 {
		records := q.Take(nil, 3, 1<<20)
		for i := range records {
			if records[i].Tag != number(&records[i]) {
				t.Errorf("record %d: got tag %v, want its number", number(&records[i]), records[i].Tag)
			}
		}
		got = append(got, tags(records)...)
		end(q, records, queue.Delivered)
		s.arrive()
	}
	if !slices.Equal(got, upTo(1, 40)) {
		t.Errorf("got the tags %v, want 1 to 40", got)
	}
}

func TestEvictedTagsOfParkedRecords(t *testing.T) {
	t.Parallel()
	config := spooled
	config.MaxRecords, config.EvictOldest = 40, true
	q, s := newSpooled(t, config)
	putTagged(t, q, 1, 40)
	var got []int
	for n := 41; n <= 80; n++ {
		evicted, err := q.Put(item(n, 10), nil)
		if err != nil {
			t.Fatalf("Put %d: %v", n, err)
		}
		s.arrive()
		end(q, evicted, queue.Delivered)
		got = append(got, tags(evicted)...)
	}
	if !slices.Equal(got, upTo(1, 40)) {
		t.Errorf("got the tags %v, want 1 to 40, each once", got)
	}
	s.arriveAll()
	state := q.Snapshot()
	requireSum(t, &state)
}
