package delivery_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// A record whose file is being made waits for it, and not for long.
func TestPutWaitsForAFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ready time.Duration // when there is a file
		limit time.Duration // of the context
		kept  bool
		took  time.Duration
		log   []string
	}{
		"that is there soon":             {30 * time.Millisecond, time.Minute, true, 30 * time.Millisecond, nil},
		"until its context ends":         {time.Hour, 10 * time.Millisecond, false, 10 * time.Millisecond, []string{"the disk of the spool is too slow"}},
		"for half a second":              {time.Hour, time.Minute, false, 500 * time.Millisecond, []string{"the disk of the spool is too slow"}},
		"that is there just in time":     {499 * time.Millisecond, time.Minute, true, 499 * time.Millisecond, nil},
		"that comes when it has gone on": {501 * time.Millisecond, time.Minute, false, 500 * time.Millisecond, []string{"the disk of the spool is too slow"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d *disk
			log := new(lines)
			adjust := func(config *delivery.Config) {
				d = newDisk()
				onDisk(d, nil)(config)
				config.Notices = log.board()
			}
			inWorld(t, adjust, func(w *world) {
				d.become(segment.Soon)
				time.AfterFunc(c.ready/2, func() { d.become(segment.Soon) }) // in vain
				timer := time.AfterFunc(c.ready, func() { d.become(segment.Ready) })
				defer timer.Stop()
				ctx, cancel := context.WithTimeout(w.Context(), c.limit)
				defer cancel()
				item := &queue.Item{Frame: segment.Frame{Payload: []byte("a")}}
				if err := w.lane.Put(ctx, item, false); err != nil || item.Kept != c.kept {
					w.Errorf("Put: got %v, kept: %v, want no error, and %v", err, item.Kept, c.kept)
				}
				w.wantClock("Put returned", c.took)
				w.put("b")
				w.wantClock("Put into the same segment returned", c.took)
				w.pass(c.ready) // and the file comes, if it did not
				log.want(t, c.log...)
			})
		})
	}
}

// A disk that hangs is waited for once.
func TestPutWaitsOnceForADiskThatHangs(t *testing.T) {
	t.Parallel()
	var d *disk
	adjust := func(c *delivery.Config) {
		d = newDisk()
		small(false)(c)
		c.Spool, c.Queue = d, newQueue(queue.Config{MaxRecords: 9, MaxBytes: 9 * 64, SegmentSize: 64, Store: d})
	}
	inWorld(t, adjust, func(w *world) {
		put := func(name string, kept bool, clock time.Duration) {
			w.Helper()
			item := &queue.Item{Frame: segment.Frame{Payload: []byte(name)}}
			if err := w.lane.Put(w.Context(), item, false); err != nil || item.Kept != kept {
				w.Errorf("Put(%q): got %v, kept: %v, want no error, and %v", name, err, item.Kept, kept)
			}
			w.wantClock("Put returned", clock)
		}
		d.become(segment.Soon)
		put("a", false, 500*time.Millisecond)
		put("b", false, 500*time.Millisecond) // in a segment of its own
		d.become(segment.Ready)
		put("c", true, 500*time.Millisecond)
		d.become(segment.Soon)
		put("d", false, time.Second) // the disk had come back in between
	})
}

// Whoever waits for room waits for a file as well.
func TestPutWaitsForRoomAndAFile(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) {
		d = newDisk()
		small(false)(c)
		c.Spool, c.Queue = d, newQueue(queue.Config{MaxRecords: 3, MaxBytes: 4 * 64, SegmentSize: 64, Store: d})
	}
	inWorld(t, adjust, func(w *world) {
		filled(w)
		d.become(segment.Soon)
		time.AfterFunc(1050*time.Millisecond, func() { d.become(segment.Ready) })
		item := &queue.Item{Frame: segment.Frame{Payload: []byte("d")}}
		if err := w.lane.Put(w.Context(), item, true); err != nil || !item.Kept {
			w.Errorf("Put: got %v, kept: %v, want no error, and true", err, item.Kept)
		}
		w.wantClock("Put returned", 1050*time.Millisecond)
	})
}

// An event that may not be as safe as it should be was accepted all the same.
func TestPutReturnsWhatTheSpoolSays(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) {
		d = newDisk()
		onDisk(d, nil)(c)
	}
	inWorld(t, adjust, func(w *world) {
		w.put("a")
		d.unsure = errDamaged
		for _, name := range []string{"b", "c"} {
			err := w.lane.Put(w.Context(), &queue.Item{Frame: segment.Frame{Payload: []byte(name)}}, true)
			if !errors.Is(err, errDamaged) {
				w.Errorf("Put(%q): got %v, want %v", name, err, errDamaged)
			}
		}
		if want := []uint64{1, 2, 3}; !slices.Equal(d.secured, want) {
			w.Errorf("the spool was asked about %v, want %v", d.secured, want)
		}
		w.wantRequests("0s a b c")
		w.wantEnded(queue.Delivered, 3)
	})
}

// What is refused is not asked about.
func TestARefusedRecordIsNotSecured(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) {
		d = newDisk()
		onDisk(d, nil)(c)
	}
	inWorld(t, adjust, func(w *world) {
		d.become(segment.Full)
		err := w.lane.Put(w.Context(), &queue.Item{Frame: segment.Frame{Payload: []byte("a")}}, false)
		if !errors.Is(err, queue.ErrFull) || len(d.secured) > 0 {
			w.Errorf("Put: got %v, and the spool was asked about %v, want %v and nothing", err, d.secured, queue.ErrFull)
		}
	})
}

// A lane starts its spool once, before the first record, and is what the spool
// asks for everything.
func TestTheLaneStartsItsSpool(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) {
		d = newDisk()
		onDisk(d, nil)(c)
	}
	inWorld(t, adjust, func(w *world) {
		if d.queue != nil {
			w.Error("the spool was started before there was anything to do")
		}
		d.become(segment.None)
		w.put("a")
		if d.queue != segment.Queue(w.lane) {
			w.Errorf("the spool was started for %v, want the lane", d.queue)
		}
		d.become(segment.Ready)
		if d.queue.Persist() {
			w.Error("Persist says that something is left, want nothing")
		}
		if got := d.events(); !slices.Equal(got, []string{"a"}) {
			w.Errorf("the files have %q, want the event", got)
		}
	})
}

// Events that a file does not have any more are told of like all others.
func TestUnreadableEvents(t *testing.T) {
	var d *disk
	told, log := new(witness), new(lines)
	adjust := func(c *delivery.Config) {
		d = leftBy(t, time.Now(), "a", "b", "c", "d", "e")
		d.files[0].damaged = true
		onDisk(d, nil)(c)
		c.Observer, c.Notices = told.observer(func() {}), log.board()
	}
	inWorld(t, adjust, func(w *world) {
		w.lane.Recover(d.found())
		w.lane.Start()
		if left, err := w.flush(time.Minute); left != 0 || err != nil {
			w.Errorf("Flush: got %d left and %v, want none", left, err)
		}
		w.wantEnded(queue.Unreadable, 4)
		w.wantEnded(queue.Delivered, 1)
		if len(told.losses) != 1 || told.losses[0].Events != 4 || !errors.Is(told.losses[0].Err, errDamaged) {
			w.Errorf("the observer was told of %+v, want 4 events and why", told.losses)
		}
		if !slices.Equal(told.shown, []string{"e"}) || w.lane.NotShown() != 4 {
			w.Errorf("the observer was shown %q, and not shown %d, want e and 4", told.shown, w.lane.NotShown())
		}
	})
	log.want(t, "4 events ended as unreadable: the file is damaged")
}

// A loss that turns up last is told of before Close returns.
func TestCloseTellsOfUnreadableEvents(t *testing.T) {
	var d *disk
	log := new(lines)
	adjust := func(c *delivery.Config) {
		d = newDisk()
		onDisk(d, nil)(c)
		c.Queue = newQueue(queue.Config{MaxBytes: 4 * 64, SegmentSize: 4 * 64, Store: d})
		c.FlushAt, c.Interval, c.Notices = 100, time.Hour, log.board()
		c.BatchSize = 100
	}
	inWorld(t, adjust, func(w *world) {
		w.put("a", "b", "c")
		verdict := w.submit("d")
		d.files[0].damaged = true
		w.put("e") // there is no memory for both segments
		if left := w.close(time.Minute); left != 0 {
			w.Errorf("Close left %d events", left)
		}
		select {
		case v := <-verdict:
			if v.Outcome != queue.Unreadable || !errors.Is(v.Err, errDamaged) {
				w.Errorf("the verdict is %+v, want unreadable and why", v)
			}
		default:
			w.Error("there is no verdict on an event that cannot be read")
		}
		w.wantEnded(queue.Unreadable, 4)
		w.wantEnded(queue.Delivered, 1)
	})
	log.want(t, "4 events ended as unreadable")
}

// What there is no room for is told of, and stops nobody.
func TestRecoveredEventsInExcess(t *testing.T) {
	var d *disk
	told, log := new(witness), new(lines)
	adjust := func(c *delivery.Config) {
		d = leftBy(t, time.Now(), "a", "b", "c", "d", "e")
		onDisk(d, nil)(c)
		c.Observer, c.Notices = told.observer(func() {}), log.board()
	}
	inWorld(t, adjust, func(w *world) {
		found := d.found()
		found[0].Excess = true
		w.lane.Recover(found)
		w.lane.Start()
		if left, err := w.flush(time.Minute); left != 0 || err != nil {
			w.Errorf("Flush: got %d left and %v, want none", left, err)
		}
		w.wantEnded(queue.QueueFull, 4)
		w.wantEnded(queue.Delivered, 1)
		if len(told.losses) != 1 || told.losses[0].Events != 4 || told.losses[0].Outcome != queue.QueueFull {
			w.Errorf("the observer was told of %+v, want 4 events for which there is no room", told.losses)
		}
	})
	log.want(t, "4 events ended as queue_full: the files found hold more")
}

// Events that cannot be in memory at the same time make a batch together all
// the same: it would not help to wait.
func TestABacklogBeyondMemoryIsNotWaitedFor(t *testing.T) {
	var d *disk
	adjust := func(c *delivery.Config) {
		d = leftBy(t, time.Now(), strings.Fields(strings.Repeat("a ", 40))...)
		onDisk(d, nil)(c)
		c.Queue = newQueue(queue.Config{MaxBytes: 2 * 4 * 64, SegmentSize: 4 * 64, Store: d})
		c.FlushAt, c.Interval = 10, time.Hour
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(after(time.Second, status(200)))
		w.lane.Recover(d.found())
		w.lane.Start()
		w.pass(61 * time.Minute) // the first interval is for other clients that start as well
		if got := w.queue.Depth().Records; got >= 10 {
			w.Errorf("%d events are still queued, want fewer than a batch: requests were %q", got, w.requests())
		}
	})
}
