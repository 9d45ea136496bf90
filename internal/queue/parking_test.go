package queue_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// restarted returns the queue and the store of the next process.
func restarted(t *testing.T, s *store, c queue.Config) (*queue.Queue, *store) {
	t.Helper()
	next, found := s.restart()
	c.Store = next
	q := queue.New(c)
	if excess := q.Recover(found); len(excess) > 0 {
		t.Fatalf("Recover: got %d records in excess, want none", len(excess))
	}
	return q, next
}

// drain takes and delivers everything, up to most records at a time, and
// returns the numbers.
func drain(t *testing.T, q *queue.Queue, s *store, most int) (all []int) {
	t.Helper()
	for q.Depth().Records > 0 {
		records := q.Take(nil, most, 1<<20)
		for i := range records {
			requireWhole(t, &records[i])
		}
		all = append(all, numbers(records)...)
		end(q, records, queue.Delivered)
		if len(records) == 0 && !s.arrive() {
			t.Fatalf("got stuck after %v with %d queued, and nothing on its way from the files", all, q.Depth().Records)
		}
	}
	return all
}

// However long the backlog, the memory stays within its bound, and everything
// comes back in order.
//
// Proves PY-37.
func TestABacklogTakesNoMoreMemoryThanItMay(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]queue.Config{
		"of six segments":               spooled,
		"of four segments":              {MaxRecords: 1 << 20, MaxBytes: 16 * smallFrame, SegmentSize: 4 * smallFrame},
		"of two segments":               {MaxRecords: 1 << 20, MaxBytes: 8 * smallFrame, SegmentSize: 4 * smallFrame},
		"with what holds each record":   {MaxRecords: 1 << 20, MaxBytes: 32 * smallFrame, SegmentSize: 4 * smallFrame, RecordBytes: 60},
		"of a hundred segments, unused": {MaxRecords: 1 << 20, MaxBytes: 400 * smallFrame, SegmentSize: 4 * smallFrame},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, s := newSpooled(t, config)
			within := func(what string, n, segments int) {
				t.Helper()
				bound := min(config.MaxBytes, segments*config.SegmentSize)
				if got := q.Snapshot().Bytes; got > bound {
					t.Fatalf("%s %d: got %d bytes in use, want at most %d", what, n, got, bound)
				}
			}
			for n := 1; n <= 200; n++ {
				put(t, q, item(n, 10))
				within("Put", n, 5) // what is read next, and the last
			}
			requireFiled(t, s, upTo(1, 200))
			var got []int
			var held []queue.Record
			for len(got) < 200 {
				records := q.Take(nil, 3, 1<<20)
				got = append(got, numbers(records)...)
				within("Take", len(got), 9) // and what is in requests
				held = append(held, records...)
				if len(records) == 0 || len(held) > 7 {
					end(q, held, queue.Delivered)
					held = nil
				}
				if len(records) == 0 && len(held) == 0 {
					s.arrive()
				}
				within("Release", len(got), 9)
			}
			if !slices.Equal(got, upTo(1, 200)) {
				t.Errorf("got %v, want 1 to 200 in order", got)
			}
			end(q, held, queue.Delivered)
			requireLedger(t, q, 200, 0, map[queue.Outcome]uint64{queue.Delivered: 200})
			requireFiled(t, s, nil)
		})
	}
}

func TestRecordsThatAreNotInMemoryAreNotTakenYet(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 12)
	q, s = restarted(t, s, spooled)
	if !signalled(q.Ready()) {
		t.Error("after Recover: got no signal, want one")
	}
	mark := queue.Depth{Records: 100, Bytes: 1 << 20}
	if d := q.WakeAt(mark); d != (queue.Depth{}) {
		t.Errorf("before anything was read: got %+v to take, want nothing", d)
	}
	if records := q.Take(nil, 9, 1<<20); len(records) > 0 {
		t.Errorf("before anything was read: got %v, want nothing", numbers(records))
	}
	if got, want := q.Depth(), (queue.Depth{Records: 12, Bytes: 120}); got != want {
		t.Errorf("got a depth of %+v, want %+v", got, want)
	}
	if signalled(q.Ready()) {
		t.Error("with nothing to take: got a signal, want none")
	}
	s.arrive()
	if !signalled(q.Ready()) {
		t.Error("after the first segment was read: got no signal, want one")
	}
	if got, want := q.WakeAt(mark), (queue.Depth{Records: 4, Bytes: 40}); got != want {
		t.Errorf("after the first segment was read: got %+v to take, want %+v", got, want)
	}
	if got := numbers(q.Take(nil, 9, 1<<20)); !slices.Equal(got, upTo(1, 4)) {
		t.Errorf("after the first segment was read: got %v, want 1 to 4", got)
	}
}

// At every moment the queue says exactly as much as Take then gives: less, and
// the consumer would sleep beside it; more, and it would spin.
func TestWakeAtSaysWhatTakeGives(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s *store){
		"with whole files":                   func(*store) {},
		"with a file that is gone":           func(s *store) { s.files[1].gone = true },
		"with the first gone":                func(s *store) { s.files[0].gone = true },
		"with a damaged record in each file": func(s *store) { each(s, func(f *file) { f.damage(2) }) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for held := 0; held < 24; held += 4 { // how much is in requests at a time
				q, s := newSpooled(t, spooled)
				fill(t, q, 1, 40)
				q, s = restarted(t, s, spooled)
				spoil(s)
				if held%8 == 0 {
					s.arriveAll()
				}
				var flying []queue.Record
				for q.Depth().Records > 0 {
					say := q.WakeAt(queue.Depth{Records: 1, Bytes: 1})
					records := q.Take(nil, 1000, 1<<20)
					got := queue.Depth{Records: len(records), Bytes: 10 * len(records)}
					if got != say {
						t.Fatalf("with %d in requests: WakeAt says %+v, and Take gives %+v", len(flying), say, got)
					}
					flying = append(flying, records...)
					if done := len(flying) - held; done > 0 || len(records) == 0 {
						done = max(done, min(1, len(flying)))
						end(q, flying[:done], queue.Delivered)
						flying = flying[done:]
					}
					s.arrive()
				}
			}
		})
	}
}

// each calls f for every file.
func each(s *store, f func(*file)) {
	for _, one := range s.files {
		f(one)
	}
}

// What is in requests holds half of the memory at most, or the rest of the
// backlog could not be read.
func TestRequestsHoldHalfOfTheMemory(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 40)
	q, s = restarted(t, s, spooled)
	s.arriveAll()
	flying := q.Take(nil, 1000, 1<<20)
	if got := numbers(flying); !slices.Equal(got, upTo(1, 12)) {
		t.Fatalf("got %v, want the three segments that are half of the memory", got)
	}
	s.arriveAll()
	signalled(q.Ready())
	if got := q.Take(nil, 1000, 1<<20); len(got) > 0 {
		t.Fatalf("with half of the memory in requests: got %v, want nothing", numbers(got))
	}
	end(q, flying[:4], queue.Delivered)
	if !signalled(q.Ready()) {
		t.Error("after Release: got no signal, want one")
	}
	if got := numbers(q.Take(nil, 1000, 1<<20)); !slices.Equal(got, upTo(13, 16)) {
		t.Errorf("after Release: got %v, want 13 to 16", got)
	}
}

// What is too large for its share is taken alone.
func TestARecordLargerThanHalfOfTheMemoryIsTakenAlone(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	put(t, q, item(1, 10))
	put(t, q, item(2, 19*smallFrame))
	put(t, q, item(3, 10))
	if got, want := drain(t, q, s, 9), upTo(1, 3); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	requireLedger(t, q, 3, 0, map[queue.Outcome]uint64{queue.Delivered: 3})
}

// A read that ends after its records have gives its memory and its file back.
func TestAReadThatComesTooLate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event func(t *testing.T, q *queue.Queue)
		left  []int // to be taken
		files int
		ended queue.Outcome
	}{
		"for records that were evicted": {
			func(t *testing.T, q *queue.Queue) {
				t.Helper()
				evicted, err := q.Put(item(99, 10), nil)
				if err != nil || len(evicted) != 4 {
					t.Fatalf("Put: got %d evicted, %v, want 4 and none", len(evicted), err)
				}
				q.Pass(evicted)
			},
			append(upTo(5, 12), 99), 3, queue.QueueFull,
		},
		"for records that are too old": {
			func(t *testing.T, q *queue.Queue) {
				t.Helper()
				if got := len(q.Expire(5000)); got != 4 {
					t.Fatalf("Expire: got %d records, want 4", got)
				}
			},
			upTo(5, 12), 2, queue.Expired,
		},
		"for records that were left to the next process": {
			func(t *testing.T, q *queue.Queue) {
				t.Helper()
				if kept, _ := q.Retire(); kept != 12 {
					t.Fatalf("Retire: got %d records, want 12", kept)
				}
			},
			nil, 3, queue.Delivered,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := spooled
			config.MaxRecords, config.EvictOldest = 12, true
			q, s := newSpooled(t, config)
			fill(t, q, 1, 12)
			q, s = restarted(t, s, config)
			if len(s.reads) == 0 {
				t.Fatal("after Recover: nothing is being read, want the first segments")
			}
			tc.event(t, q)
			s.arriveAll()
			if got := drain(t, q, s, 9); !slices.Equal(got, tc.left) {
				t.Errorf("got %v, want %v", got, tc.left)
			}
			if tc.left == nil {
				requireFiled(t, s, upTo(1, 12))
				q.End()
				requireFiled(t, s, upTo(1, 12))
			} else if got := q.Snapshot(); got.Ended(tc.ended) != 4 {
				t.Errorf("got %d ended as %v, want 4", got.Ended(tc.ended), tc.ended)
			}
			if got, most := q.Snapshot().Bytes, config.SegmentSize; got > most {
				t.Errorf("got %d bytes in use, want at most the %d of the tail", got, most)
			}
			end := q.Snapshot()
			requireSum(t, &end)
		})
	}
}

// The next segments are read while records are in requests, as far as there is
// memory for them and what holds their records.
func TestSegmentsAreReadAhead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		segments, recordBytes int // of memory
		first, next           int // reads at first, and when a segment was taken
	}{
		"four of them":                   {20, 0, 4, 1},
		"as far as there is memory":      {4, 0, 3, 0},
		"with what holds each record":    {8, smallFrame, 3, 0},
		"one, whatever memory there is":  {1, 0, 1, 0},
		"one, whatever its records take": {2, 4 * smallFrame, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := spooled
			config.MaxBytes, config.RecordBytes = tc.segments*config.SegmentSize, tc.recordBytes
			_, s := newSpooled(t, spooled)
			fill(t, queue.New(queue.Config{MaxRecords: 99, MaxBytes: 1 << 20, SegmentSize: spooled.SegmentSize, Store: s}), 1, 32)
			q, s := restarted(t, s, config)
			if got := len(s.reads); got != tc.first {
				t.Errorf("got %d segments being read, want %d", got, tc.first)
			}
			s.arriveAll()
			records := q.Take(nil, 4, 1<<20)
			if got := len(s.reads); got != tc.next || len(records) != 4 {
				t.Errorf("after %d records were taken: got %d segments being read, want %d", len(records), got, tc.next)
			}
			end(q, records, queue.Delivered)
			if got, want := drain(t, q, s, 9), upTo(5, 32); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// With memory for one read only, the end of one that came too late makes room
// for the next.
func TestAReadThatComesTooLateMakesRoomForTheNext(t *testing.T) {
	t.Parallel()
	config := spooled
	config.MaxBytes = config.SegmentSize
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 12)
	q, s = restarted(t, s, config)
	expired := q.Expire(5000)
	end(q, expired, queue.Delivered)
	if got := len(s.reads); got != 1 {
		t.Fatalf("got %d segments being read, want the one that is too old", got)
	}
	s.arrive()
	if got := len(s.reads); got != 1 {
		t.Fatalf("after that one was read: got %d segments being read, want the next one", got)
	}
	if got, want := drain(t, q, s, 9), upTo(5, 12); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What is not yet as safe as it is to be stays in memory, so that nothing is lost
// if that fails.
func TestASegmentStaysInMemoryUntilItsFileIsSettled(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	n := 0
	for {
		n++
		if _, err := q.Put(item(n, 10), nil); err != nil {
			break
		}
		s.files[len(s.files)-1].unsettled = true
	}
	if n != 25 {
		t.Fatalf("got %d records into the files before they are settled, want the 24 that there is memory for", n-1)
	}
	s.files[4].unsettled = false
	put(t, q, item(25, 10))
	if got := drain(t, q, s, 5); !slices.Equal(got, upTo(1, 25)) {
		t.Errorf("got %v, want 1 to 25", got)
	}
}

// Records of a segment that were read, and not taken, are read again when their
// memory was needed.
func TestASegmentIsParkedMoreThanOnce(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 16)
	q, s = restarted(t, s, spooled)
	s.arriveAll() // four segments
	fill(t, q, 17, 40)
	requireFiled(t, s, upTo(1, 40))
	if got := drain(t, q, s, 5); !slices.Equal(got, upTo(1, 40)) {
		t.Errorf("got %v, want 1 to 40", got)
	}
	requireLedger(t, q, 40, 0, map[queue.Outcome]uint64{queue.Delivered: 40})
}
