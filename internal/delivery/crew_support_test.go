package delivery_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/transport"
)

// fleet is a crew, its lanes, and the server that all of them send to, in a
// bubble of virtual time. The events of lane 7 are called "7.0", "7.1" and so
// on.
type fleet struct {
	*testing.T
	*server
	crew   *delivery.Crew
	lanes  []*delivery.Lane
	queues []*queue.Queue
	put    []int // events of each lane so far
	closed bool
}

// inFleet runs test with n lanes that senders serve in batches of up to ten,
// with ten seconds between them and a second before a retry. At its end nothing
// runs any more, and every ledger has to add up.
func inFleet(t *testing.T, n, senders int, adjust func(c *delivery.Config), test func(f *fleet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{T: t, server: &server{begin: time.Now(), react: status(200)}, put: make([]int, n)}
		group := new(life.Group)
		exchange := func() delivery.Exchange { return f.server }
		f.crew = delivery.NewCrew("test", senders, exchange, group)
		budget := queue.NewBudget(64<<20, 1<<9, 1<<12)
		for range n {
			config := delivery.Config{
				Name:        "test",
				Queue:       queue.New(queue.Config{MaxRecords: 12 * steps, MaxBytes: 1 << 20, FirstSegment: 1 << 9, SegmentSize: 1 << 12, RecordBytes: queue.RecordBytes, Budget: budget}),
				Crew:        f.crew,
				NewExchange: exchange,
				Protocols:   []delivery.Protocol{words{"/test/"}},
				FlushAt:     3, BatchSize: 10, BatchBytes: 1000,
				Interval: 10 * time.Second, AttemptTimeout: 2 * time.Second,
				Retry:   delivery.Retry{Max: -1, Budget: time.Minute, Delay: func(int) time.Duration { return time.Second }},
				Resolve: func(tag any, v delivery.Verdict) { tag.(chan delivery.Verdict) <- v },
				Life:    group,
			}
			if adjust != nil {
				adjust(&config)
			}
			f.queues, f.lanes = append(f.queues, config.Queue), append(f.lanes, delivery.New(config))
		}
		defer func() {
			f.close(0)
			group.Wait()
			for i := range f.lanes {
				if s := f.addsUp(i); s.Pending != 0 {
					t.Errorf("lane %d has ended, and %d events are pending, want none", i, s.Pending)
				}
			}
			if used := budget.Used(); used != 0 {
				t.Errorf("all lanes have ended, and %d bytes are in use, want none", used)
			}
		}()
		test(f)
	})
}

// enqueue puts n events into a lane, which must be accepted.
func (f *fleet) enqueue(lane, n int) {
	f.Helper()
	for range n {
		name := fmt.Sprintf("%d.%d", lane, f.put[lane])
		f.put[lane]++
		if err := f.lanes[lane].Put(f.Context(), &queue.Item{Frame: segment.Frame{Payload: []byte(name)}}, false); err != nil {
			f.Fatalf("Put(%q): %v", name, err)
		}
	}
}

// close closes all lanes within d, and then the crew, unless that has been
// done. It returns how many events each lane leaves.
func (f *fleet) close(d time.Duration) (left []int) {
	if f.closed {
		return nil
	}
	f.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	left = f.crew.Close(ctx, f.lanes)
	f.crew.Stop(ctx)
	return left
}

// flush flushes all lanes for at most d.
func (f *fleet) flush(d time.Duration) (left int, err error) {
	ctx, cancel := context.WithTimeout(f.Context(), d)
	defer cancel()
	return f.crew.Flush(ctx, f.lanes)
}

// pass lets virtual time pass, and everything that it sets off happen.
func (f *fleet) pass(d time.Duration) {
	wait(d)
	synctest.Wait()
}

// addsUp fails the test if an accepted event of a lane is missing in its
// ledger.
func (f *fleet) addsUp(lane int) queue.Snapshot {
	f.Helper()
	s := f.queues[lane].Snapshot()
	sum := s.Pending
	for o := range s.Outcomes() {
		sum += s.Ended(o)
	}
	if sum != s.Accepted || s.Accepted != uint64(f.put[lane]) {
		f.Errorf("the ledger of lane %d does not add up: %d put, accepted %d, sum %d", lane, f.put[lane], s.Accepted, sum)
	}
	return s
}

// ended counts the events of all lanes that ended in o.
func (f *fleet) ended(o queue.Outcome) (n int) {
	for i := range f.lanes {
		s := f.addsUp(i)
		n += int(s.Ended(o))
	}
	return n
}

// running counts the goroutines of the library.
func running() (n int) {
	stacks := make([]byte, 4<<20)
	for one := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		if strings.Contains(one, "/internal/life/life.go:") {
			n++
		}
	}
	return n
}

// laneOf is the lane of an event.
func laneOf(event string) string {
	lane, _, _ := strings.Cut(event, ".")
	return lane
}

// ofLane reacts as hit does to requests of these lanes, and otherwise as
// others does.
func ofLane(isOne func(lane string) bool, hit, others reaction) reaction {
	return func(ctx context.Context, events []string) transport.Response {
		if isOne(laneOf(events[0])) {
			return hit(ctx, events)
		}
		return others(ctx, events)
	}
}
