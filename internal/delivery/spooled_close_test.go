package delivery_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/transport"
)

// leave closes the lane within limit, and fails the test unless it leaves so
// many events, and so many of them to the next process.
func (w *world) leave(limit time.Duration, wantLeft, wantSpooled int) {
	w.Helper()
	w.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if left, spooled := w.lane.Close(ctx); left != wantLeft || spooled != wantSpooled {
		w.Errorf("Close left %d events, %d of them in files, want %d and %d", left, spooled, wantLeft, wantSpooled)
	}
	w.queue.End()
}

// What Close cannot deliver stays in the files: what is in requests, what waits
// for a retry, what is queued. Its handles say so, nobody is called back about
// it, and the next process delivers it.
//
// Proves SHU-4.
func TestCloseLeavesEventsToTheNextProcess(t *testing.T) {
	var d *disk
	told, log := new(witness), new(lines)
	adjust := func(c *delivery.Config) {
		d = newDisk()
		onDisk(d, nil)(c)
		c.MaxBatches, c.BatchSize, c.Notices, c.Observer = 2, 3, log.board(), told.observer(func() {})
		c.Retry.Delay = func(int) time.Duration { return time.Minute }
	}
	inWorld(t, adjust, func(w *world) {
		w.put("x", "y", "z")
		synctest.Wait()
		w.becomes(to("a", pausing(time.Minute), hang))
		flying := w.submit("d")
		w.put("e", "f")
		synctest.Wait()
		waiting := w.submit("a")
		w.put("b", "c")
		synctest.Wait()
		queued := w.submit("g")
		w.put("h", "i", "j", "k")
		w.leave(5*time.Second, 11, 11)
		w.wantClock("Close returned", 5*time.Second)
		w.wantEnded(queue.Delivered, 3)
		w.wantEnded(queue.Unconfirmed, 0)
		w.wantEnded(queue.Shutdown, 0)
		for name, verdict := range map[string]<-chan delivery.Verdict{"in flight": flying, "that waits": waiting, "queued": queued} {
			select {
			case v := <-verdict:
				if v.Outcome != queue.Spooled {
					w.Errorf("an event %s: got %+v, want spooled", name, v)
				}
			default:
				w.Errorf("an event %s: got no verdict", name)
			}
		}
		if shown := told.shown; !slices.Equal(shown, []string{"x", "y", "z"}) {
			w.Errorf("the observer was shown %q, want what was delivered", shown)
		}
		if len(told.losses) > 0 {
			w.Errorf("the observer was told of %+v, want nothing", told.losses)
		}
		if got, want := d.events(), []string{"d", "e", "f", "a", "b", "c", "g", "h", "i", "j", "k"}; !slices.Equal(got, want) {
			w.Errorf("the next process finds %q, want %q", got, want)
		}
		next := delivery.Config{}
		next.Queue = newQueue(queue.Config{MaxBytes: 32 * 64, SegmentSize: 4 * 64, Store: d})
		next.Queue.Recover(d.found())
		if got := next.Queue.Snapshot(); got.Recovered != 11 {
			w.Errorf("the next process finds %d events, want 11", got.Recovered)
		}
		w.pass(time.Millisecond)
	})
	log.want(t, "will be repeated")
}

// Events that are in memory only, because the disk failed for a while, get a
// file if there is one by then, and end otherwise.
func TestCloseLeavesWhatItCan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		supply  segment.Supply
		spooled int
	}{
		"with a disk that is back": {segment.Ready, 7},
		"with a disk that is out":  {segment.None, 2},
		"with a disk that is full": {segment.Full, 2},
		"with a disk that is slow": {segment.Soon, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d *disk
			adjust := func(config *delivery.Config) {
				d = newDisk()
				onDisk(d, nil)(config)
				config.FlushAt, config.Interval = 100, time.Hour
				config.BatchSize, config.Workers = 100, 1
			}
			inWorld(t, adjust, func(w *world) {
				w.becomes(status(503))
				w.put("a", "b")
				d.become(segment.None)
				w.put("c", "d") // the same file
				var verdicts []<-chan delivery.Verdict
				for range 5 { // another segment, and one more
					verdicts = append(verdicts, w.submit("e"))
				}
				end(w.queue, 2)
				d.become(c.supply)
				w.leave(time.Second, 7, c.spooled)
				w.wantEnded(queue.Shutdown, uint64(7-c.spooled))
				for i, verdict := range verdicts {
					want := queue.Shutdown
					if c.spooled == 7 {
						want = queue.Spooled
					}
					if v := <-verdict; v.Outcome != want {
						w.Errorf("event %d in memory: got %+v, want %v", i, v, want)
					}
				}
			})
		})
	}
}

// end delivers the oldest n events of a queue.
func end(q *queue.Queue, n int) {
	records := q.Take(nil, n, 1<<20)
	q.Finish(records, queue.Delivered)
	q.Pass(records)
	q.Release(records)
}

// Close without a deadline leaves to the next process what it would otherwise
// give up.
func TestCloseWithoutADeadlineLeavesEvents(t *testing.T) {
	var d *disk
	inWorld(t, func(c *delivery.Config) { d = newDisk(); onDisk(d, nil)(c) }, func(w *world) {
		w.becomes(status(503))
		w.put("a", "b", "c")
		w.closed = true
		if left, spooled := w.lane.Close(context.Background()); left != 3 || spooled != 3 {
			w.Errorf("Close left %d events, %d of them in files, want 3 of each", left, spooled)
		}
		w.wantClock("Close returned", time.Minute)
		w.wantEnded(queue.Shutdown, 0)
	})
}

// However many batches there are, a server that answers nobody has its time once.
func TestCloseWithoutADeadlineGivesTheServerItsTimeOnce(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) { d = newDisk(); onDisk(d, nil)(c); c.BatchSize, c.MaxBatches = 1, 2 }
	inWorld(t, adjust, func(w *world) {
		w.becomes(status(503))
		for range 20 {
			w.put("a")
		}
		w.closed = true
		if left, spooled := w.lane.Close(context.Background()); left != 20 || spooled != 20 {
			w.Errorf("Close left %d events, %d of them in files, want 20 of each", left, spooled)
		}
		if took := time.Since(w.server.begin); took > 2*time.Minute+time.Second {
			w.Errorf("Close returned after %v, want two times the budget at most: each batch that was begun has one", took)
		}
	})
}

// A request that ignores its cancellation may read its events for as long as
// it likes, although they are left to the next process.
func TestADeafTransportAndFiles(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) { d = newDisk(); onDisk(d, nil)(c); c.Workers = 1 }
	inWorld(t, adjust, func(w *world) {
		free, read := make(chan struct{}), make(chan string, 1)
		w.server.deaf = func(r transport.Request) transport.Response {
			<-free
			read <- string(r.Body(nil))
			return transport.Response{Outcome: transport.Delivered}
		}
		w.put("a", "b", "c")
		synctest.Wait()
		for range 40 {
			w.put("d") // more than there is memory for
		}
		w.leave(time.Second, 43, 43)
		w.pass(time.Second)
		close(free)
		if got := <-read; got != "a b c " {
			w.Errorf("the transport read %q after Close, want the events", got)
		}
		if got := len(d.events()); got != 43 {
			w.Errorf("the next process finds %d events, want 43", got)
		}
	})
}

// Close counts what is left even if the application does not let the lane end.
func TestCloseOfAStuckLaneCountsWhatIsInFiles(t *testing.T) {
	var free chan struct{}
	var d *disk
	adjust := func(c *delivery.Config) {
		free, d = make(chan struct{}), newDisk()
		onDisk(d, nil)(c)
		c.Retry.Delay = func(int) time.Duration { <-free; return 0 }
	}
	inWorld(t, adjust, func(w *world) {
		defer close(free)
		w.becomes(status(503))
		w.put("a", "b", "c", "d")
		d.become(segment.None)
		w.put("e")
		w.leave(50*time.Millisecond, 5, 4)
		w.wantClock("Close returned", 60*time.Millisecond)
	})
}

// Events in a file that broke, and nowhere else, may not be found again. Close
// says so before it returns.
func TestCloseTellsOfEventsInABrokenFile(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) {
		d = newDisk()
		onDisk(d, nil)(c)
		c.FlushAt, c.BatchSize, c.Interval = 100, 100, time.Hour
		c.Queue = newQueue(queue.Config{MaxBytes: 4 * 4 * 64, SegmentSize: 4 * 64, Store: d})
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(hang)
		for range 24 {
			w.put("a")
		}
		var verdicts []<-chan delivery.Verdict
		for range 4 {
			verdicts = append(verdicts, w.submit("e"))
		}
		w.put("f")
		d.files[6].broken = true // there is memory for the first ones
		w.leave(time.Second, 25, 25)
		w.wantEnded(queue.Unreadable, 4)
		for _, verdict := range verdicts {
			select {
			case v := <-verdict:
				if v.Outcome != queue.Unreadable || v.Err == nil {
					w.Errorf("got %+v, want unreadable and why", v)
				}
			default:
				w.Error("there is no verdict on an event whose file broke")
			}
		}
	})
}

// A flush that Close overtakes says how many events are left, and why.
func TestFlushWhileCloseLeavesEvents(t *testing.T) {
	var d *disk
	inWorld(t, func(c *delivery.Config) { d = newDisk(); onDisk(d, nil)(c); c.BatchSize = 3 }, func(w *world) {
		w.becomes(hang)
		w.put("a", "b", "c", "d", "e")
		type result struct {
			left int
			err  error
		}
		flushed := make(chan result, 1)
		go func() {
			left, err := w.flush(time.Minute)
			flushed <- result{left, err}
		}()
		synctest.Wait()
		w.leave(time.Second, 5, 5)
		if got := <-flushed; got.left != 5 || !errors.Is(got.err, queue.ErrClosed) {
			w.Errorf("Flush: got %d left and %v, want 5 and %v", got.left, got.err, queue.ErrClosed)
		}
		w.wantClock("Flush returned", time.Second)
	})
}
