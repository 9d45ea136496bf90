package queue_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// What earlier processes left comes first, in its order, and then what is new.
//
// Proves ZIG-17.
func TestRecoveredRecordsComeFirst(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 30)
	q.Finish(q.Take(nil, 5, 1<<20)[2:4], queue.Delivered)
	q, s = restarted(t, s, spooled)
	fill(t, q, 31, 45)
	want := append([]int{1, 2}, upTo(5, 45)...)
	requireFiled(t, s, want)
	state := q.Snapshot()
	if state.Recovered != 28 || state.Kept != 43 || state.Oldest != 1000 {
		t.Errorf("got %d recovered, %d that outlive the process, the oldest of %d, want 28, 43 and 1000", state.Recovered, state.Kept, state.Oldest)
	}
	requireLedger(t, q, 43, 43, nil)
	if got := drain(t, q, s, 7); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	requireLedger(t, q, 43, 0, map[queue.Outcome]uint64{queue.Delivered: 43})
	requireFiled(t, s, nil)
}

func TestRecoverNothing(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 1)
	q.Recover(nil)
	fill(t, q, 2, 2)
	if len(s.files) != 1 {
		t.Errorf("got %d files, want the same as before", len(s.files))
	}
}

// A queue that is in use may be given more. It comes behind what was accepted
// before, and no barrier in front of it notices. What is in excess ends at once.
func TestRecoverIntoAQueueInUse(t *testing.T) {
	t.Parallel()
	earlier, left := newSpooled(t, spooled)
	fill(t, earlier, 11, 22)
	left, found := left.restart()
	found[0].Excess = true // the oldest: 11 to 14

	config := spooled
	config.MaxBytes *= 2
	q, s := newSpooled(t, config)
	fill(t, q, 1, 6)
	flying := q.Take(nil, 5, 1<<20)
	barrier := q.Barrier()
	excess := q.Recover(found)
	if len(excess) != 4 || len(left.files) != 2 {
		t.Errorf("got %d records in excess and %d files, want 4 and the other 2", len(excess), len(left.files))
	}
	if s.files[1].sealed == nil {
		t.Error("the segment that was written is not sealed, although others lie behind it")
	}
	requireLedger(t, q, 18, 14, map[queue.Outcome]uint64{queue.QueueFull: 4})
	end(q, excess, queue.Delivered) // has no effect
	requireLeft(t, q, barrier, 6)
	fill(t, q, 31, 33)
	end(q, flying, queue.Delivered)
	requireLeft(t, q, barrier, 1)

	left.arriveAll()
	records := q.Take(nil, 99, 1<<20)
	if got, want := numbers(records), []int{6, 15, 16, 17, 18, 19, 20, 21, 22, 31, 32, 33}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for i := range records {
		if got := records[i].Sequence(); got != uint64(6+i) {
			t.Errorf("record %d: got sequence %d, want %d", number(&records[i]), got, 6+i)
		}
	}
	end(q, records[:1], queue.Delivered)
	requireLeft(t, q, barrier, 0)
	end(q, records[1:], queue.Delivered)
	requireFiled(t, s, nil)
	requireFiled(t, left, nil)
}
