package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

// ordered makes a lane with one worker and batches of up to four.
func ordered(c *delivery.Config) { c.Workers, c.FlushAt, c.BatchSize = 1, 4, 4 }

// Both halves of what is too large leave at once and in order.
func TestATooLargeBatchIsHalved(t *testing.T) {
	inWorld(t, ordered, func(w *world) {
		w.becomes(answers(413, 413, 413))
		w.put("a", "b", "c", "d")
		w.wantRequests("0s a b c d", "0s a b", "0s a", "0s b", "0s c d")
		w.wantEnded(queue.Delivered, 3)
		w.wantEnded(queue.Rejected, 1)
	})
}

// The larger half comes first, and a batch of one cannot be halved.
func TestHalvesOfAnOddNumber(t *testing.T) {
	inWorld(t, ordered, func(w *world) {
		w.becomes(answers(413))
		w.put("a", "b", "c")
		_, _ = w.flush(time.Second)
		w.wantRequests("0s a b c", "0s a b", "0s c")
	})
}

// An answer that a batch is too large is no attempt of it.
func TestHalvingCostsNoAttempt(t *testing.T) {
	adjust := func(c *delivery.Config) {
		ordered(c)
		c.Retry.Max = 1
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(answers(413, 413, 503))
		verdict := w.submit("a")
		w.put("b", "c", "d")
		w.pass(time.Minute)
		w.wantRequests("0s a b c d", "0s a b", "0s a", "1s a", "1s b", "1s c d")
		if v := <-verdict; v.Outcome != queue.Delivered || v.Attempts != 2 {
			w.Errorf("the verdict is %+v, want a delivery with the second attempt", v)
		}
	})
}

// The halves of a batch that may have arrived may have arrived.
func TestHalvesKeepTheirHistory(t *testing.T) {
	adjust := func(c *delivery.Config) {
		ordered(c)
		c.Retry.Max = 1
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(inTurn(cut, status(413), status(503), status(502)))
		w.put("a", "b")
		_, _ = w.flush(time.Minute)
		w.wantEnded(queue.Unconfirmed, 2)
	})
}

// After a 413 batches are due and leave when they are half as large.
func TestBatchesStaySmall(t *testing.T) {
	inWorld(t, ordered, func(w *world) {
		w.becomes(answers(413))
		w.put("a", "b", "c", "d")
		synctest.Wait()
		w.put("e", "f")
		synctest.Wait()
		w.put("g")
		w.pass(time.Second)
		w.wantRequests("0s a b c d", "0s a b", "0s c d", "0s e f")
	})
}

// A backlog leaves in small batches, too.
func TestABacklogLeavesInSmallBatches(t *testing.T) {
	inWorld(t, ordered, func(w *world) {
		w.becomes(inTurn(status(413), after(time.Second, status(200))))
		w.put("a", "b", "c", "d")
		synctest.Wait()
		w.put("e", "f", "g", "h")
		w.pass(time.Minute)
		w.wantRequests("0s a b c d", "0s a b", "1s c d", "1s e f", "1s g h")
	})
}

// The halves have nothing to do with each other: one that waits is not
// disturbed by what follows the other.
func TestHalvesShareNoMemory(t *testing.T) {
	adjust := func(c *delivery.Config) {
		ordered(c)
		c.Workers = 2
	}
	inWorld(t, adjust, func(w *world) {
		ended, cancel := context.WithCancel(w.Context())
		cancel()
		w.becomes(to("c", answers(413, 503), status(200)))
		w.put("a", "b", "c", "d")
		synctest.Wait()
		for range 12 { // until batches are larger than a half
			w.put("x", "x", "x")
			synctest.Wait()
			_, _ = w.lane.Flush(ended)
			synctest.Wait()
		}
		w.pass(time.Second)
		if got := w.requests(); got[len(got)-1] != "1s c d" {
			w.Errorf("the half that was repeated went as %q, want \"1s c d\"; requests %q", got[len(got)-1], got)
		}
	})
}

// They grow again while they pass.
func TestBatchesGrowAgain(t *testing.T) {
	inWorld(t, ordered, func(w *world) {
		w.becomes(answers(413))
		w.put("a", "b", "c", "d")
		for range 6 { // the halves were two of eight
			w.put("x", "x")
			_, _ = w.flush(time.Second)
		}
		w.put("e", "f", "g")
		w.pass(time.Second)
		if got := w.requests(); got[len(got)-1] != "0s e f g" {
			w.Errorf("after eight batches that passed the next was %q, want three events at once; requests %q", got[len(got)-1], got)
		}
	})
}

// The lane says what it does about batches that are too large.
func TestHalvingIsLogged(t *testing.T) {
	log := new(lines)
	adjust := func(c *delivery.Config) {
		ordered(c)
		c.Notices = log.board()
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(answers(413))
		w.put("a", "b", "c", "d")
		_, _ = w.flush(time.Second)
	})
	log.want(t, "batch of 4 events too large")
}
