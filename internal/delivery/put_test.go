package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// small gives a lane a queue of three records, and a server one request.
func small(evict bool) func(*delivery.Config) {
	return func(c *delivery.Config) {
		c.Queue = newQueue(queue.Config{MaxRecords: 3, EvictOldest: evict})
		c.Workers, c.MaxBatches, c.FlushAt, c.BatchSize = 1, 1, 1, 1
	}
}

// filled occupies the server for a second, and fills the queue.
func filled(w *world) {
	w.Helper()
	w.becomes(after(time.Second, status(200)))
	w.put("flying")
	synctest.Wait()
	w.put("a", "b", "c")
}

func TestPutIntoAFullQueue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait  bool
		limit time.Duration
		close bool
		want  error
		took  time.Duration
	}{
		"refuses":                         {false, time.Minute, false, queue.ErrFull, 0},
		"waits for room":                  {true, time.Minute, false, nil, time.Second},
		"waits until its context ends":    {true, time.Millisecond, false, queue.ErrFull, time.Millisecond},
		"waits until the queue is closed": {true, time.Minute, true, queue.ErrClosed, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, small(false), func(w *world) {
				filled(w)
				if c.close {
					time.AfterFunc(500*time.Millisecond, w.queue.Close)
				}
				ctx, cancel := context.WithTimeout(w.Context(), c.limit)
				defer cancel()
				if err := w.lane.Put(ctx, &queue.Item{Frame: segment.Frame{Payload: []byte("d")}}, c.wait); !errors.Is(err, c.want) {
					w.Errorf("Put: got %v, want %v", err, c.want)
				}
				w.wantClock("Put returned", c.took)
			})
		})
	}
}

// An event that makes room for a newer one is lost, and everyone hears of it.
func TestEviction(t *testing.T) {
	told, log := new(witness), new(lines)
	adjust := func(c *delivery.Config) {
		small(true)(c)
		c.Observer, c.Notices = told.observer(func() {}), log.board()
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(after(time.Second, status(200)))
		w.put("flying")
		synctest.Wait()
		verdict := w.submit("a")
		w.put("b", "c", "d")
		if v := <-verdict; v.Outcome != queue.QueueFull || v.Message == "" {
			w.Errorf("the verdict is %+v, want queue_full and why", v)
		}
		_, _ = w.flush(time.Minute)
		if len(told.losses) != 1 || told.losses[0].Outcome != queue.QueueFull || told.losses[0].Events != 1 {
			w.Errorf("the observer was told of %+v, want one evicted event", told.losses)
		}
		w.wantEnded(queue.QueueFull, 1)
		w.wantEnded(queue.Delivered, 4)
	})
	log.want(t, "1 events ended as queue_full: evicted")
}
