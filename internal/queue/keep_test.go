package queue_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// closing returns a closed queue with 22 tagged records: 1 to 4 in a file and
// delivered up to 2, 5 to 8 in memory only, 9 to 20 in files, 21 and 22 in
// memory only. 3 to 6 are taken.
func closing(t *testing.T) (*queue.Queue, *store, []queue.Record) {
	t.Helper()
	q, s := newSpooled(t, spooled)
	putTagged(t, q, 1, 4)
	s.supply = segment.None
	putTagged(t, q, 5, 8)
	s.supply = segment.Ready
	putTagged(t, q, 9, 20)
	s.supply = segment.None
	putTagged(t, q, 21, 22)
	flying := q.Take(nil, 6, 1<<20)
	end(q, flying[:2], queue.Delivered)
	q.Close()
	return q, s, flying[2:]
}

func TestKeep(t *testing.T) {
	t.Parallel()
	q, s, flying := closing(t)
	barrier := q.Barrier()
	flying[0], flying[2] = flying[2], flying[0] // 5, 4, 3, 6
	if kept := q.Keep(flying); kept != 2 {
		t.Fatalf("got %d kept, want 2", kept)
	}
	if got := numbers(flying); !slices.Equal(sorted(got[:2]), []int{3, 4}) || !slices.Equal(sorted(got[2:]), []int{5, 6}) {
		t.Fatalf("got %v, want those that are kept in front", got)
	}
	requireLedger(t, q, 22, 20, map[queue.Outcome]uint64{queue.Delivered: 2})
	end(q, flying, queue.Shutdown) // has no effect on those that are kept
	requireLedger(t, q, 22, 18, map[queue.Outcome]uint64{queue.Delivered: 2, queue.Shutdown: 2})
	if got := q.Left(barrier); got != 18 {
		t.Errorf("got %d in front of the barrier, want 18", got)
	}
	requireFiled(t, s, append([]int{3, 4}, upTo(9, 20)...))
}

// sorted returns numbers in ascending order.
func sorted(numbers []int) []int {
	slices.Sort(numbers)
	return numbers
}

// What Retire leaves is what the next process finds, and no more can be taken
// than what it would not find.
func TestRetire(t *testing.T) {
	t.Parallel()
	q, s, flying := closing(t)
	barrier := q.Barrier()
	kept, left := q.Retire()
	slices.SortFunc(left, func(a, b any) int { return a.(int) - b.(int) })
	if kept != 12 || !slices.Equal(left, anyOf(upTo(9, 20))) {
		t.Errorf("got %d kept with the tags %v, want 9 to 20", kept, left)
	}
	if kept, left := q.Retire(); kept != 0 || len(left) != 0 {
		t.Errorf("got %d kept with the tags %v the second time, want none", kept, left)
	}
	select {
	case <-barrier.Done():
	default:
		t.Error("the barrier is not done, and would be waited for")
	}
	if got := q.Left(barrier); got != 20 {
		t.Errorf("got %d in front of the barrier, want the 20 that are not final", got)
	}
	q.Leave(barrier)

	rest := q.Take(nil, 99, 1<<20)
	if got := numbers(rest); !slices.Equal(got, []int{7, 8, 21, 22}) {
		t.Errorf("got %v to be taken, want 7, 8, 21 and 22, which are in no file", got)
	}
	if got := q.Keep(flying); got != 2 {
		t.Errorf("got %d kept of those in requests, want 2", got)
	}
	end(q, append(flying, rest...), queue.Shutdown)
	q.End()
	requireLedger(t, q, 22, 14, map[queue.Outcome]uint64{queue.Delivered: 2, queue.Shutdown: 6})
	requireFiled(t, s, append([]int{3, 4}, upTo(9, 20)...))
	for _, f := range s.files {
		if f.sealed == nil {
			t.Errorf("the file with %v is not sealed, want every file to be", f.numbers())
		}
	}
	if got := q.Snapshot(); got.Kept != 14 || got.Queued.Records != 0 {
		t.Errorf("got %d that outlive the process and %d queued, want 14 and none", got.Kept, got.Queued.Records)
	}
	next, s := restarted(t, s, spooled)
	if got := drain(t, next, s, 9); !slices.Equal(got, append([]int{3, 4}, upTo(9, 20)...)) {
		t.Errorf("the next process got %v, want 3, 4 and 9 to 20", got)
	}
}

// anyOf returns numbers as tags.
func anyOf(numbers []int) (all []any) {
	for _, n := range numbers {
		all = append(all, n)
	}
	return all
}

// Records that are in no file may lie behind those that are.
func TestRetireUncoversWhatIsInNoFile(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 8)
	s.supply = segment.None
	fill(t, q, 9, 10)
	q.Close()
	if kept, _ := q.Retire(); kept != 8 {
		t.Errorf("got %d kept, want 8", kept)
	}
	if got := numbers(q.Take(nil, 99, 1<<20)); !slices.Equal(got, []int{9, 10}) {
		t.Errorf("got %v to be taken, want 9 and 10", got)
	}
}

// Whatever of the memory is held, everything that is in no file can be taken.
func TestRetireLetsEverythingElseBeTaken(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	s.supply = segment.None
	fill(t, q, 1, 22)
	flying := q.Take(nil, 99, 1<<20)
	if len(flying) != 12 {
		t.Fatalf("got %d taken, want the 12 that are half of the memory", len(flying))
	}
	q.Close()
	q.Retire()
	if got := numbers(q.Take(nil, 99, 1<<20)); !slices.Equal(got, upTo(13, 22)) {
		t.Errorf("got %v, want 13 to 22", got)
	}
}

// Records that are in a file only, and the file broke: nobody can say that they
// are left to the next process.
func TestRetireCountsWhatItCannotLeave(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	putTagged(t, q, 1, 40)
	s.arriveAll()
	s.files[6].broken = true // 25 to 28, which are in no memory
	s.files[0].broken = true // 1 to 4, which are
	q.Close()
	kept, left := q.Retire()
	if kept != 32 || len(left) != 32 {
		t.Errorf("got %d kept and %d tags, want 32 of each", kept, len(left))
	}
	lost, why := q.Lost()
	if got := tags(lost); !slices.Equal(got, upTo(25, 28)) || why == nil {
		t.Errorf("got %v lost because of %v, want 25 to 28 and a reason", got, why)
	}
	end(q, lost, queue.Delivered) // has no effect
	rest := q.Take(nil, 99, 1<<20)
	if got := numbers(rest); !slices.Equal(got, upTo(1, 4)) {
		t.Errorf("got %v to be taken, want 1 to 4", got)
	}
	end(q, rest, queue.Shutdown)
	requireLedger(t, q, 40, 32, map[queue.Outcome]uint64{queue.Unreadable: 4, queue.Shutdown: 4})
}

// Records that are known to be missing in a file are not left to anybody.
func TestRetireCountsWhatIsMissing(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	putTagged(t, q, 1, 30)
	s.files[5].damage(2) // 23
	for n := 0; n < 20; {
		records := q.Take(nil, 4, 1<<20)
		n += len(records)
		end(q, records, queue.Delivered)
		s.arriveAll()
	}
	q.Close()
	kept, left := q.Retire()
	if kept != 9 || len(left) != 9 || slices.Contains(left, any(23)) {
		t.Errorf("got %d kept with the tags %v, want 21 to 30 without 23", kept, left)
	}
	lost, why := q.Lost()
	if got := tags(lost); !slices.Equal(got, []int{23}) || !errors.Is(why, errGone) {
		t.Errorf("got %v lost because of %v, want 23 because of %v", got, why, errGone)
	}
	end(q, lost, queue.Delivered)
	if got := q.Snapshot().Kept; got != 9 {
		t.Errorf("got %d records that outlive the process, want 9", got)
	}
	requireLedger(t, q, 30, 9, map[queue.Outcome]uint64{queue.Delivered: 20, queue.Unreadable: 1})
}

// At the end every file is sealed, and those of which nothing is left are given
// back.
func TestEnd(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 6)
	end(q, q.Take(nil, 9, 1<<20), queue.Delivered)
	q.Close()
	q.End()
	if len(s.files) != 0 {
		t.Errorf("after everything was delivered: got %d files, want none", len(s.files))
	}
	if got := q.Snapshot().Bytes; got != 0 {
		t.Errorf("got %d bytes in use, want none", got)
	}
}

// A barrier says how many records were left to the next process, even if all
// others are final.
func TestABarrierCountsWhatIsLeft(t *testing.T) {
	t.Parallel()
	q, _ := newSpooled(t, spooled)
	fill(t, q, 1, 6)
	records := q.Take(nil, 9, 1<<20)
	barrier := q.Barrier()
	q.Close()
	end(q, records[:3], queue.Delivered)
	if kept := q.Keep(records[3:]); kept != 3 {
		t.Fatalf("got %d kept, want 3", kept)
	}
	select {
	case <-barrier.Done():
	default:
		t.Error("the barrier is not done, and would be waited for")
	}
	if got := q.Left(barrier); got != 3 {
		t.Errorf("got %d in front of the barrier, want 3", got)
	}
}
