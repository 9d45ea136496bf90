package queue_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/queue"
)

func TestReadyIsSignalled(t *testing.T) {
	t.Parallel()
	far := queue.Depth{Records: 100, Bytes: 1 << 20}
	for name, tc := range map[string]struct {
		mark  queue.Depth
		queue func(*testing.T, *queue.Queue) // what happened before, its signals received
		event func(*testing.T, *queue.Queue)
		want  bool
	}{
		"by the first record": {
			far, nil, filling(1, 1), true,
		},
		"not by one between the first and the mark": {
			queue.Depth{Records: 3, Bytes: 1 << 20},
			filling(1, 1),
			filling(2, 2), false,
		},
		"by the one that reaches the mark in records": {
			queue.Depth{Records: 3, Bytes: 1 << 20},
			filling(1, 2),
			filling(3, 3), true,
		},
		"not by those beyond the mark": {
			queue.Depth{Records: 3, Bytes: 1 << 20},
			filling(1, 3),
			filling(4, 9), false,
		},
		"by the one that reaches the mark in bytes": {
			queue.Depth{Records: 100, Bytes: 30},
			filling(1, 2),
			filling(3, 3), true,
		},
		"by one that leaps over the mark in bytes": {
			queue.Depth{Records: 100, Bytes: 30},
			filling(1, 1),
			putting(2, 500), true,
		},
		"not by those beyond the mark in bytes": {
			queue.Depth{Records: 100, Bytes: 30},
			filling(1, 3),
			filling(4, 9), false,
		},
		"again when the mark is reached again": {
			queue.Depth{Records: 3, Bytes: 1 << 20},
			fillingAndTaking(1, 5, 3),
			filling(6, 6), true,
		},
		"by the first record after the queue was emptied": {
			far,
			fillingAndTaking(1, 5, 5),
			filling(6, 6), true,
		},
		"by Close": {
			far, nil, func(_ *testing.T, q *queue.Queue) { q.Close() }, true,
		},
		"not by taking": {
			far,
			filling(1, 2),
			func(_ *testing.T, q *queue.Queue) { end(q, q.Take(nil, 1, 1), queue.Delivered) }, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := queue.New(roomy)
			q.WakeAt(tc.mark)
			if tc.queue != nil {
				tc.queue(t, q)
				signalled(q.Ready())
			}
			tc.event(t, q)
			if got := signalled(q.Ready()); got != tc.want {
				t.Errorf("got a signal: %v, want %v", got, tc.want)
			}
		})
	}
}

func TestSignalsCoalesce(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	q.WakeAt(queue.Depth{Records: 2, Bytes: 1 << 20})
	fill(t, q, 1, 2)
	q.Close()
	if first, second := signalled(q.Ready()), signalled(q.Ready()); !first || second {
		t.Errorf("got signals %v and %v, want one", first, second)
	}
}

func TestWakeAtReturnsTheDepth(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 3)
	if got, want := q.WakeAt(queue.Depth{Records: 2, Bytes: 1}), (queue.Depth{Records: 3, Bytes: 30}); got != want {
		t.Errorf("got depth %+v, want %+v", got, want)
	}
}

// A consumer that sleeps whenever it sees less than a batch must not be left
// asleep on a whole one, whatever the producers' timing. In a bubble, a lost
// wake-up is a deadlock, which fails the test.
func TestNoWakeUpIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const producers, each, batch = 4, 500, 5
		q := queue.New(queue.Config{MaxRecords: 3 * batch, MaxBytes: 1 << 20, SegmentSize: 1 << 10})
		for range producers {
			go func() {
				for n := range each {
					for {
						room := q.Room()
						if _, err := q.Put(item(n, 10), nil); err == nil {
							break
						}
						<-room
					}
				}
			}()
		}
		var records []queue.Record
		for taken := 0; taken < producers*each; {
			for q.WakeAt(queue.Depth{Records: batch, Bytes: 1 << 20}).Records < batch {
				<-q.Ready()
			}
			records = q.Take(records[:0], batch, 1<<20)
			taken += len(records)
			end(q, records, queue.Delivered)
		}
		requireLedger(t, q, producers*each, 0, map[queue.Outcome]uint64{queue.Delivered: producers * each})
	})
}

func TestRoomIsAnnounced(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event func(*queue.Queue)
		want  bool
	}{
		"by Take":       {func(q *queue.Queue) { q.Take(nil, 1, 1) }, true},
		"by Release":    {func(q *queue.Queue) { q.Release(nil) }, true},
		"by Close":      {func(q *queue.Queue) { q.Close() }, true},
		"not by Finish": {func(q *queue.Queue) { q.Finish(nil, queue.Delivered) }, false},
		"not by Put":    {func(q *queue.Queue) { _, _ = q.Put(item(2, 10), nil) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := queue.New(roomy)
			fill(t, q, 1, 1)
			first, second := q.Room(), q.Room()
			tc.event(q)
			if got := signalled(first); got != tc.want {
				t.Errorf("got the first waiter woken: %v, want %v", got, tc.want)
			}
			if got := signalled(second); got != tc.want {
				t.Errorf("got the second waiter woken: %v, want %v", got, tc.want)
			}
		})
	}
}

func TestRoomWaitsAgainAfterItWasAnnounced(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	q.Room()
	q.Release(nil)
	if signalled(q.Room()) {
		t.Error("got a channel that is closed already, want one that waits for the next space")
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 2)
	q.Close()
	q.Close() // again, with no effect
	if _, err := q.Put(item(3, 10), nil); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Put after Close: got error %v, want %v", err, queue.ErrClosed)
	}
	if err := q.Admit(1); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Admit after Close: got error %v, want %v", err, queue.ErrClosed)
	}
	if !signalled(q.Room()) {
		t.Error("Room after Close: got a channel that waits, want a closed one")
	}
	end(q, q.Take(nil, 9, 1<<10), queue.Delivered)
	requireLedger(t, q, 2, 0, map[queue.Outcome]uint64{queue.Delivered: 2})
}
