package queue_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// persist calls Persist until nothing is left to be done, and returns how often
// that was.
func persist(q *queue.Queue) (calls int) {
	for calls = 1; q.Persist(); calls++ {
		continue
	}
	return calls
}

// When the disk is back, what was accepted in memory goes to files, oldest
// first, a segment at a time.
func TestPersist(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 4)
	s.supply = segment.None
	fill(t, q, 5, 14)
	requireFiled(t, s, upTo(1, 4))
	if q.Persist() {
		t.Error("without a file: Persist says that there was one")
	}
	s.supply = segment.Soon
	if q.Persist() {
		t.Error("while a file is being made: Persist says that there was one")
	}
	s.supply = segment.Ready
	for _, want := range []struct {
		left bool
		last int
	}{{true, 8}, {true, 12}, {false, 14}, {false, 14}} {
		if left := q.Persist(); left != want.left {
			t.Errorf("Persist up to %d: got left: %v, want %v", want.last, left, want.left)
		}
		requireFiled(t, s, upTo(1, want.last))
	}
	for i, f := range s.files {
		if full := i < 3; (f.sealed != nil) != full {
			t.Errorf("file %d: got sealed: %v, want %v", i, !full, full)
		}
	}
	fill(t, q, 15, 17) // the last segment goes on
	requireFiled(t, s, upTo(1, 17))
	if got := q.Snapshot().Kept; got != 17 {
		t.Errorf("got %d records that outlive the process, want 17", got)
	}
	if got := drain(t, q, s, 5); !slices.Equal(got, upTo(1, 17)) {
		t.Errorf("got %v, want 1 to 17", got)
	}
	requireFiled(t, s, nil)
}

// The store asks for nothing as long as nothing is in memory only, so what comes
// after that must not be.
func TestASegmentWithoutAFileIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	s.supply = segment.None
	fill(t, q, 1, 2)
	end(q, q.Take(nil, 2, 1<<20), queue.Delivered)
	if got := q.Snapshot().Bytes; got != 0 {
		t.Errorf("got %d bytes in use, want none", got)
	}
	s.supply = segment.Ready
	if q.Persist() {
		t.Error("got something left to persist, want nothing")
	}
	fill(t, q, 3, 4)
	requireFiled(t, s, []int{3, 4})
}

func TestASegmentWhoseFileBrokeIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(q *queue.Queue, s *store){
		"after its records were released": func(q *queue.Queue, s *store) {
			end(q, q.Take(nil, 2, 1<<20), queue.Delivered)
			s.files[0].broken = true
			s.supply = segment.Soon
			q.Persist()
		},
		"before its records were released": func(q *queue.Queue, s *store) {
			s.files[0].broken = true
			end(q, q.Take(nil, 2, 1<<20), queue.Delivered)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, s := newSpooled(t, spooled)
			fill(t, q, 1, 2)
			broken(q, s)
			s.supply = segment.Ready
			fill(t, q, 3, 4)
			requireFiled(t, s, []int{3, 4})
			if got := q.Snapshot().Kept; got != 2 {
				t.Errorf("got %d records that outlive the process, want 2", got)
			}
		})
	}
}

func TestPersistOfAQueueWithoutFiles(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 1)
	if q.Persist() {
		t.Error("got something left to persist, want nothing")
	}
}

// A disk on which every file breaks at once must not keep its caller busy.
func TestPersistToAFileThatBreaks(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	s.supply = segment.None
	fill(t, q, 1, 12)
	s.supply, s.frail = segment.Ready, 2
	if calls := persist(q); calls != 1 {
		t.Errorf("got Persist called %d times, want once", calls)
	}
	if len(s.files) != 0 {
		t.Errorf("got %d files, want none: each broke", len(s.files))
	}
	s.frail = 0
	persist(q)
	requireFiled(t, s, upTo(1, 12))
}

// The records of a file that broke behind the back of its segment move to
// another one: those that are final as such, and those that are in requests
// as well.
func TestPersistMovesWhatIsInABrokenFile(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]int{"of a full segment": 8, "of the segment that is written": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, s := newSpooled(t, spooled)
			fill(t, q, 1, number)
			flying := q.Take(nil, 2, 1<<20)
			end(q, flying[:1], queue.Delivered)
			old := s.files[0]
			old.broken = true
			if got, want := q.Snapshot().Kept, max(number-4, 0); got != want {
				t.Errorf("with a broken file: got %d records that outlive the process, want %d", got, want)
			}
			if q.Persist() {
				t.Error("got another segment left, want none")
			}
			if !old.discarded {
				t.Error("the broken file was not discarded")
			}
			slices.Reverse(s.files) // the new one is that of the first records
			requireFiled(t, s, upTo(2, number))
			end(q, flying[1:], queue.Delivered)
			requireFiled(t, s, upTo(3, number))
			put(t, q, item(number+1, 10))
			slices.SortFunc(s.files, byFirst)
			requireFiled(t, s, upTo(3, number+1))
			s.restart() // checks the seal
			if got := drain(t, q, s, 9); !slices.Equal(got, upTo(3, number+1)) {
				t.Errorf("got %v, want %v", got, upTo(3, number+1))
			}
		})
	}
}

// byFirst orders files by the first record that the next process would find.
func byFirst(a, b *file) int { return append(a.numbers(), 1<<30)[0] - append(b.numbers(), 1<<30)[0] }

// The records that were read from a file move to another one without those
// that are final, which are in memory no longer. The next process must find
// nothing but records there, whether or not it sees the ends.
func TestPersistOfASegmentThatWasRead(t *testing.T) {
	t.Parallel()
	config := spooled
	config.SegmentSize, config.MaxBytes = 8*smallFrame, 48*smallFrame
	q, s := newSpooled(t, config)
	fill(t, q, 1, 8)
	q.Finish(pick(q.Take(nil, 6, 1<<20), 0, 2, 3), queue.Delivered) // 2, 5, 6, 7 and 8 are left
	q, s = restarted(t, s, config)
	s.arriveAll()
	flying := q.Take(nil, 3, 1<<20)
	end(q, flying[:1], queue.Delivered)
	s.files[0].broken = true
	if q.Persist() {
		t.Error("got another segment left, want none")
	}
	requireFiled(t, s, upTo(5, 8))

	end(q, flying[2:], queue.Delivered) // the third that was pending, out of order
	requireFiled(t, s, []int{5, 7, 8})
	_, found := s.restart() // checks the seal
	if len(found) != 1 || found[0].Pending.Records != 3 {
		t.Fatalf("the next process would find %+v, want one segment with 3 records", found)
	}
	clear(s.files[0].ended) // the ends never reached the disk
	requireFiled(t, s, []int{2, 5, 6, 7, 8})
}

// pick returns those of the records.
func pick(records []queue.Record, at ...int) (picked []queue.Record) {
	for _, i := range at {
		picked = append(picked, records[i])
	}
	return picked
}

// A segment that moved to another file can be parked, and read from there. With
// memory for one segment, each new one parks all others.
func TestASegmentThatMovedIsReadFromItsNewFile(t *testing.T) {
	t.Parallel()
	config := spooled
	config.MaxBytes = config.SegmentSize
	q, s := newSpooled(t, config)
	putTagged(t, q, 1, 4)
	end(q, q.Take(nil, 1, 1), queue.Delivered)
	putTagged(t, q, 5, 5)
	s.arrive()
	old := s.files[0]
	old.broken = true
	if q.Persist() || !old.discarded {
		t.Fatal("the first segment, which was read and whose file broke, did not move")
	}
	if got := s.files[1].numbers(); !slices.Equal(got, upTo(2, 4)) {
		t.Errorf("got %v in the new file, want 2 to 4", got)
	}
	putTagged(t, q, 6, 9)
	if got := q.WakeAt(queue.Depth{Records: 1, Bytes: 1}); got.Records != 0 {
		t.Fatalf("got %d records in memory, want the first segment parked", got.Records)
	}
	var got []int
	for q.Depth().Records > 0 {
		records := q.Take(nil, 7, 1<<20)
		for i := range records {
			requireWhole(t, &records[i])
			if n := number(&records[i]); records[i].Tag != n {
				t.Errorf("record %d: got tag %v, want its number", n, records[i].Tag)
			}
		}
		got = append(got, tags(records)...)
		end(q, records, queue.Delivered)
		s.arrive()
	}
	if !slices.Equal(got, upTo(2, 9)) {
		t.Errorf("got the tags %v, want 2 to 9", got)
	}
}
