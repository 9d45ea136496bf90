package queue_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// requireLeft fails the test unless the barrier waits for so many records.
func requireLeft(t *testing.T, q *queue.Queue, b *queue.Barrier, want int) {
	t.Helper()
	if got := q.Left(b); got != want {
		t.Fatalf("got %d records in front of the barrier, want %d", got, want)
	}
	if got := signalled(b.Done()); got != (want == 0) {
		t.Fatalf("with %d records left: got the barrier done: %v", want, got)
	}
}

func TestBarrierOfAnEmptyQueueIsDone(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	b := q.Barrier()
	requireLeft(t, q, b, 0)
	q.Leave(b)
	fill(t, q, 1, 2)
	end(q, q.Take(nil, 2, 1<<10), queue.Delivered)
	b = q.Barrier()
	requireLeft(t, q, b, 0)
	q.Leave(b)
}

func TestBarrierIsDoneWithTheLastRecordInFront(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]int{
		"in order":        {0, 1, 2, 3},
		"backwards":       {3, 2, 1, 0},
		"mixed":           {2, 0, 3, 1},
		"the first twice": {0, 0, 1, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := queue.New(roomy)
			fill(t, q, 1, 4)
			b := q.Barrier()
			fill(t, q, 5, 6) // behind it
			records := q.Take(nil, 6, 1<<10)
			end(q, records[4:], queue.Delivered)
			finished := make(map[int]bool)
			for _, i := range order {
				requireLeft(t, q, b, 4-len(finished))
				finish(q, records[i:i+1], queue.Rejected)
				finished[i] = true
			}
			requireLeft(t, q, b, 0)
			q.Leave(b)
		})
	}
}

func TestBarrierCountsRecordsInFlight(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 3)
	flying := q.Take(nil, 2, 1<<10)
	b := q.Barrier()
	if b.Sequence != 3 {
		t.Errorf("got sequence %d, want 3", b.Sequence)
	}
	requireLeft(t, q, b, 3)
	end(q, flying, queue.Delivered)
	requireLeft(t, q, b, 1)
	end(q, q.Take(nil, 1, 1), queue.Delivered)
	requireLeft(t, q, b, 0)
}

func TestBarrierCountsEvictedRecords(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 2, MaxBytes: 1 << 20, SegmentSize: 1 << 10, EvictOldest: true})
	fill(t, q, 1, 2)
	b := q.Barrier()
	for n := 3; n <= 4; n++ {
		evicted, err := q.Put(item(n, 10), nil)
		if err != nil {
			t.Fatalf("Put %d: %v", n, err)
		}
		requireLeft(t, q, b, 5-n) // evicted, and nobody was told
		q.Pass(evicted)
		requireLeft(t, q, b, 4-n)
	}
}

func TestBarrierIgnoresAdmittedEvents(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	if err := q.Admit(3); err != nil {
		t.Fatal(err)
	}
	requireLeft(t, q, q.Barrier(), 0)
}

func TestBarriersWithNothingBetweenThemAreOne(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 2)
	first, second := q.Barrier(), q.Barrier()
	if first != second {
		t.Error("got two barriers behind one record, want one")
	}
	fill(t, q, 3, 3)
	third := q.Barrier()
	if third == first {
		t.Error("got one barrier behind two records, want two")
	}
	end(q, q.Take(nil, 2, 1<<10), queue.Delivered)
	requireLeft(t, q, first, 0)
	requireLeft(t, q, third, 1)
	end(q, q.Take(nil, 1, 1), queue.Delivered)
	requireLeft(t, q, third, 0)
}

func TestABarrierLivesUntilAllLeave(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 2)
	b := q.Barrier()
	q.Barrier()
	q.Leave(b) // one of two
	end(q, q.Take(nil, 1, 1), queue.Delivered)
	requireLeft(t, q, b, 1)
	if again := q.Barrier(); again != b {
		t.Error("after one of two left: got another barrier, want the same")
	}
	q.Leave(b)
	q.Leave(b)
	if again := q.Barrier(); again == b {
		t.Error("after all left: got the old barrier, want a new one")
	}
	end(q, q.Take(nil, 1, 1), queue.Delivered)
	if got := q.Left(b); got != 1 {
		t.Errorf("got %d records left of a barrier nobody waits for, want it to stay at 1", got)
	}
}
