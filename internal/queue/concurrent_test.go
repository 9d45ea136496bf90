package queue_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// Eight producers, one consumer, and senders that finish and release in
// whatever order they come, under an observer that adds the ledger up all the
// time. Every record ends once, and those of one producer are taken in order.
func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	for name, evict := range map[string]bool{"refusing the newest": false, "evicting the oldest": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const producers, each, senders = 8, 400, 3
			q := queue.New(queue.Config{MaxRecords: 50, MaxBytes: 1 << 13, SegmentSize: 1 << 10, EvictOldest: evict})
			var producing, sending, observing sync.WaitGroup
			for p := range producers {
				producing.Go(func() { produce(t, q, p*each, each) })
			}

			work := make(chan []queue.Record, senders) // the consumer sends and closes
			produced := make(chan struct{})            // closed by the test when the producers have ended
			for range senders {
				sending.Go(func() {
					for records := range work {
						for i := range records {
							requireIntact(t, &records[i])
						}
						q.Finish(records, queue.Delivered)
						q.Release(records)
					}
				})
			}
			sending.Go(func() {
				defer close(work)
				consume(t, q, each, work, produced)
			})

			done := make(chan struct{}) // closed by the test when the queue is at rest
			observing.Go(func() { observe(t, q, done) })
			producing.Wait()
			close(produced)
			sending.Wait()
			close(done)
			observing.Wait()

			s := q.Snapshot()
			if s.Pending != 0 || s.Accepted < s.Ended(queue.Delivered) || s.Bytes > 1<<13 {
				t.Errorf("at rest: got %+v, want nothing pending", s)
			}
			if !evict && s.Ended(queue.Delivered) != producers*each {
				t.Errorf("got %d delivered, want all %d", s.Ended(queue.Delivered), producers*each)
			}
		})
	}
}

// requireIntact is requireWhole for goroutines that are not the test's.
func requireIntact(t *testing.T, r *queue.Record) {
	t.Helper()
	for _, b := range r.Payload {
		if b != byte(number(r)) {
			t.Errorf("record %d: got payload byte %x, want %x", number(r), b, byte(number(r)))
			return
		}
	}
}

// produce puts the items numbered from first on, waiting for room if it must.
func produce(t *testing.T, q *queue.Queue, first, count int) {
	t.Helper()
	for n := first; n < first+count; n++ {
		for {
			room := q.Room()
			evicted, err := q.Put(item(n, 1+n%90), nil)
			for i := range evicted {
				requireIntact(t, &evicted[i])
			}
			q.Release(evicted)
			if err == nil {
				break
			}
			if !errors.Is(err, queue.ErrFull) {
				t.Errorf("Put: got error %v, want at most %v", err, queue.ErrFull)
				return
			}
			<-room
		}
	}
}

// consume takes records until nobody produces any and the queue is empty.
func consume(t *testing.T, q *queue.Queue, each int, work chan<- []queue.Record, produced <-chan struct{}) {
	t.Helper()
	last := make(map[int]int) // number of the last record of each producer
	var sequence uint64
	for {
		records := q.Take(nil, 7, 500)
		if len(records) == 0 {
			select {
			case <-q.Ready():
				continue
			case <-produced:
				if records = q.Take(nil, 7, 500); len(records) == 0 {
					return
				}
			}
		}
		for i := range records {
			n := number(&records[i])
			if before, ok := last[n/each]; ok && n <= before {
				t.Errorf("got record %d of producer %d after %d, want them in order", n, n/each, before)
			}
			if records[i].Sequence() <= sequence {
				t.Errorf("got sequence %d after %d, want a greater one", records[i].Sequence(), sequence)
			}
			last[n/each], sequence = n, records[i].Sequence()
		}
		work <- records
	}
}

// observe adds the ledger up until done is closed.
func observe(t *testing.T, q *queue.Queue, done <-chan struct{}) {
	t.Helper()
	for !signalled(done) {
		s := q.Snapshot()
		sum := s.Pending
		for o := range s.Outcomes() {
			sum += s.Ended(o)
		}
		if s.Accepted != sum || s.Bytes > 1<<13 || s.Queued.Records > 50 {
			t.Errorf("got %d accepted with a sum of %d, %d bytes and %d records, want a sum that is equal and bounds kept",
				s.Accepted, sum, s.Bytes, s.Queued.Records)
			return
		}
		b := q.Barrier()
		if left, most := q.Left(b), 8*400; left > most {
			t.Errorf("got %d left in front of a barrier, want at most %d", left, most)
		}
		q.Leave(b)
	}
}
