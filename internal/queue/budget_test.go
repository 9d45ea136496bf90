package queue_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// shared returns queues that share limit bytes, in segments of 1 KiB. Each may
// have 8 KiB.
func shared(n, limit int, evict bool) ([]*queue.Queue, *queue.Budget) {
	budget := queue.NewBudget(limit, 1024)
	queues := make([]*queue.Queue, n)
	for i := range queues {
		queues[i] = queue.New(queue.Config{
			MaxRecords: 1000, MaxBytes: 8 << 10, SegmentSize: 1024,
			RecordBytes: queue.RecordBytes, EvictOldest: evict, Budget: budget,
		})
	}
	return queues, budget
}

// putBytes puts a record of that many bytes.
func putBytes(q *queue.Queue, bytes int) error {
	_, err := q.Put(&queue.Item{Frame: segment.Frame{Payload: make([]byte, bytes)}}, nil)
	return err
}

// emptyOut delivers and releases everything that q holds.
func emptyOut(q *queue.Queue) {
	for {
		records := q.Take(nil, 100, 1<<20)
		if len(records) == 0 {
			return
		}
		q.Finish(records, queue.Delivered)
		q.Pass(records)
		q.Release(records)
	}
}

func TestABudgetBoundsAllQueuesTogether(t *testing.T) {
	t.Parallel()
	for _, bytes := range []int{1, 100, 900, 5000} {
		t.Run(fmt.Sprintf("records of %d bytes", bytes), func(t *testing.T) {
			t.Parallel()
			const limit = 20 << 10
			queues, budget := shared(10, limit, false)
			stored := 0
			for round := true; round; {
				round = false
				for _, q := range queues {
					switch err := putBytes(q, bytes); {
					case err == nil:
						round = true
						stored++
					case !errors.Is(err, queue.ErrFull):
						t.Fatalf("Put: %v, want %v", err, queue.ErrFull)
					}
					if used := budget.Used(); used > limit {
						t.Fatalf("%d bytes are in use after %d records, want at most %d", used, stored, limit)
					}
				}
			}
			memory := 0
			for _, q := range queues {
				s := q.Snapshot()
				memory += s.Bytes + int(s.Pending)*queue.RecordBytes
			}
			if used := budget.Used(); used != memory {
				t.Errorf("%d bytes are in use, and the queues say %d", used, memory)
			}
			for _, q := range queues {
				emptyOut(q)
			}
			if used := budget.Used(); used != 0 {
				t.Errorf("%d bytes are in use when all queues are empty, want none", used)
			}
		})
	}
}

func TestAQueueLeavesItsBoundToOthers(t *testing.T) {
	t.Parallel()
	queues, budget := shared(2, 64<<10, false)
	for putBytes(queues[0], 500) == nil {
	}
	if used := budget.Used(); used > 8<<10 {
		t.Errorf("one queue uses %d bytes, want at most its 8192", used)
	}
	if err := putBytes(queues[1], 500); err != nil {
		t.Errorf("Put into the other one: %v, want nil", err)
	}
}

func TestRoomOfOthersIsAnnounced(t *testing.T) {
	t.Parallel()
	queues, _ := shared(2, 2<<10, false)
	for putBytes(queues[0], 500) == nil {
	}
	room := queues[1].SharedRoom()
	if err := putBytes(queues[1], 500); !errors.Is(err, queue.ErrFull) {
		t.Fatalf("Put while another queue has the memory: %v, want %v", err, queue.ErrFull)
	}
	select {
	case <-room:
		t.Fatal("room was announced before there is any")
	default:
	}
	emptyOut(queues[0])
	select {
	case <-room:
	default:
		t.Fatal("room was not announced")
	}
	if err := putBytes(queues[1], 500); err != nil {
		t.Errorf("Put: %v, want nil", err)
	}
	if room := queue.New(queue.Config{MaxRecords: 1, MaxBytes: 1024, SegmentSize: 1024}).SharedRoom(); room != nil {
		t.Errorf("a queue that shares nothing announces room of others")
	}
}

func TestAnotherQueueGetsTheSameMemoryUnlessItsOwnerIsClosed(t *testing.T) {
	t.Parallel()
	for name, closed := range map[string]bool{"open": false, "closed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queues, _ := shared(2, 8<<10, false)
			if err := putBytes(queues[0], 10); err != nil {
				t.Fatalf("Put: %v", err)
			}
			if closed {
				queues[0].Close()
			}
			old := queues[0].Take(nil, 1, 1<<10)
			queues[0].Finish(old, queue.Shutdown)
			payload := old[0].Payload // of a request that nobody waits for
			queues[0].Release(old)
			item := queue.Item{Frame: segment.Frame{Payload: []byte("of another")}}
			if _, err := queues[1].Put(&item, nil); err != nil {
				t.Fatalf("Put: %v", err)
			}
			if shared := string(payload) == "of another"; shared == closed {
				t.Errorf("the memory of a queue that is %s was given to another: %v", name, shared)
			}
		})
	}
}

func TestEvictionUnderABudget(t *testing.T) {
	t.Parallel()
	t.Run("makes room for the queue's own", func(t *testing.T) {
		t.Parallel()
		queues, budget := shared(1, 4<<10, true)
		for i := range 100 {
			if err := putBytes(queues[0], 300); err != nil {
				t.Fatalf("Put of record %d: %v, want nil", i, err)
			}
			if used := budget.Used(); used > 4<<10 {
				t.Fatalf("%d bytes are in use, want at most 4096", used)
			}
		}
		s := queues[0].Snapshot()
		if s.Ended(queue.QueueFull)+s.Pending != 100 || s.Pending == 0 {
			t.Errorf("%d records were evicted and %d are pending, want 100 in all", s.Ended(queue.QueueFull), s.Pending)
		}
	})
	t.Run("evicts nothing where others have the memory", func(t *testing.T) {
		t.Parallel()
		queues, _ := shared(2, 8<<10, true)
		for range 3 {
			if err := putBytes(queues[0], 500); err != nil {
				t.Fatalf("Put: %v", err)
			}
		}
		for range 8 {
			_ = putBytes(queues[1], 500)
		}
		if err := putBytes(queues[0], 7000); !errors.Is(err, queue.ErrFull) {
			t.Errorf("Put of what cannot fit: %v, want %v", err, queue.ErrFull)
		}
		if s := queues[0].Snapshot(); s.Pending != 3 {
			t.Errorf("%d records are left, want 3: evicting them was no use", s.Pending)
		}
	})
}

func TestAQueueBeginsSmall(t *testing.T) {
	t.Parallel()
	budget := queue.NewBudget(1<<20, 512, 4096)
	q := queue.New(queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, FirstSegment: 512, SegmentSize: 4096, Budget: budget})
	for step, want := range []int{512, 512, 512 + 4096, 512 + 4096} {
		if err := putBytes(q, 200); err != nil {
			t.Fatalf("Put: %v", err)
		}
		if used := budget.Used(); used != want {
			t.Errorf("%d bytes are in use after %d records, want %d", used, step+1, want)
		}
	}
	emptyOut(q)
	if err := putBytes(q, 200); err != nil {
		t.Fatalf("Put: %v", err)
	}
	if used := budget.Used(); used != 512 {
		t.Errorf("%d bytes are in use after the queue was empty, want 512", used)
	}
}

func TestABudgetIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	queues, budget := shared(8, 32<<10, false)
	var working sync.WaitGroup
	for _, q := range queues {
		working.Go(func() {
			for range 300 {
				_ = putBytes(q, 200)
				_ = putBytes(q, 3000)
				emptyOut(q)
			}
		})
	}
	working.Wait()
	if used := budget.Used(); used != 0 {
		t.Errorf("%d bytes are in use at the end, want none", used)
	}
}

// The newest record of a queue takes the place of its oldest ones, although
// others have the memory that would make it grow.
func TestAQueueThatIsAlmostEmptyEvictsItsOwn(t *testing.T) {
	t.Parallel()
	const first, usual = 1 << 10, 8 << 10
	budget := queue.NewBudget(usual, first, usual)
	if _, err := budget.Alloc(first); err != nil { // another queue's
		t.Fatalf("Alloc: %v", err)
	}
	q := queue.New(queue.Config{
		MaxRecords: 1000, MaxBytes: 2 * usual, FirstSegment: first, SegmentSize: usual,
		RecordBytes: queue.RecordBytes, EvictOldest: true, Budget: budget,
	})
	for i := range 50 {
		if err := putBytes(q, 200); err != nil {
			t.Fatalf("Put %d: %v, want that it evicts older ones", i, err)
		}
	}
	s := q.Snapshot()
	if got := s.Ended(queue.QueueFull); s.Accepted != 50 || got+s.Pending != 50 || s.Pending == 0 {
		t.Errorf("accepted %d records, of which %d are pending and %d evicted, want 50 and all of them", s.Accepted, s.Pending, got)
	}
	if err := putBytes(q, usual-first); !errors.Is(err, queue.ErrFull) {
		t.Errorf("Put of what cannot fit: %v, want %v", err, queue.ErrFull)
	}
	if got := q.Snapshot().Pending; got != s.Pending {
		t.Errorf("%d records are left, want %d: evicting them was no use", got, s.Pending)
	}
	emptyOut(q)
	if used := budget.Used(); used != first {
		t.Errorf("%d bytes are in use, want the %d of the other queue", used, first)
	}
}
