package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

func TestACrewDeliversForEachLaneByItself(t *testing.T) {
	inFleet(t, 1000, 4, nil, func(f *fleet) {
		for range 3 {
			for lane := range f.lanes {
				f.enqueue(lane, 1)
			}
		}
		synctest.Wait()
		if got := f.ended(queue.Delivered); got != 3000 {
			f.Errorf("%d events were delivered, want 3000", got)
		}
		requests := f.requests()
		if len(requests) != 1000 {
			f.Errorf("%d requests, want one for each of 1000 lanes", len(requests))
		}
		for _, r := range requests {
			events := strings.Fields(r)[1:]
			lane := laneOf(events[0])
			if want := []string{lane + ".0", lane + ".1", lane + ".2"}; !slices.Equal(events, want) {
				f.Errorf("request %q, want %q", events, want)
			}
		}
	})
}

// Proves PY-39: the number of goroutines does not depend on that of lanes.
func TestTheGoroutinesOfACrewAreFixed(t *testing.T) {
	for name, c := range map[string]struct {
		react    reaction
		observer *delivery.Observer
		want     int
	}{
		"a server that answers":         {status(200), nil, 1 + 4},
		"a server that hangs":           {hang, nil, 1 + 4},
		"a server that fails":           {status(503), nil, 1 + 4},
		"a callback that takes an hour": {status(400), &delivery.Observer{Lost: func(delivery.Loss) { wait(time.Hour) }}, 1 + 4 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := running()
			inFleet(t, 1000, 4, func(d *delivery.Config) { d.Observer = c.observer }, func(f *fleet) {
				f.becomes(c.react)
				if got := running() - before; got != 0 {
					f.Errorf("%d goroutines before the first event, want none", got)
				}
				for lane := range f.lanes {
					f.enqueue(lane, 3)
				}
				for range 5 {
					f.pass(time.Second)
					if got := running() - before; got != c.want {
						f.Errorf("%d goroutines, want %d", got, c.want)
					}
				}
				f.close(0)
				f.pass(1001 * time.Hour)
				if got := running() - before; got != 0 {
					f.Errorf("%d goroutines after Close, want none", got)
				}
			})
		})
	}
}

func TestLanesTakeTurns(t *testing.T) {
	inFleet(t, 3, 1, nil, func(f *fleet) {
		f.becomes(after(time.Second, status(200)))
		f.enqueue(0, 40)
		synctest.Wait()
		f.enqueue(1, 3)
		f.enqueue(2, 3)
		f.pass(time.Minute)
		var order []string
		for _, r := range f.requests() {
			order = append(order, laneOf(strings.Fields(r)[1]))
		}
		if got, want := strings.Join(order, " "), "0 1 2 0 0"; !strings.HasPrefix(got, want) {
			f.Errorf("requests of lanes %s, want %s first", got, want)
		}
	})
}

func TestLanesInTroubleLeaveHalfOfTheSenders(t *testing.T) {
	inFleet(t, 101, 4, nil, func(f *fleet) {
		f.becomes(ofLane(func(lane string) bool { return lane != "100" }, after(10*time.Second, cut), status(200)))
		for lane := range 100 {
			f.enqueue(lane, 3)
		}
		f.pass(100 * 10 * time.Second) // each has failed once or more by now
		for range 20 {
			begin := time.Now()
			f.enqueue(100, 3)
			f.pass(time.Millisecond)
			if s := f.queues[100].Snapshot(); s.Pending != 0 {
				f.Fatalf("%d events of a lane in order wait %v for the lanes in trouble, want none", s.Pending, time.Since(begin))
			}
			f.pass(10 * time.Second)
		}
		if got, most := f.lanesInFlight(), 2; got > most {
			f.Errorf("%d requests of lanes in trouble at once, want at most %d", got, most)
		}
		f.becomes(status(200))
		f.pass(10 * time.Minute)
		if got, want := f.ended(queue.Delivered), 100*3+20*3; got != want {
			f.Errorf("%d events were delivered when all was well, want %d", got, want)
		}
	})
}

// lanesInFlight counts the requests that are being made.
func (f *fleet) lanesInFlight() (n int) {
	for _, l := range f.lanes {
		n += l.InFlight()
	}
	return n
}

func TestALaneInTroubleIsNotForgottenWhileOthersAreBusy(t *testing.T) {
	inFleet(t, 7, 2, nil, func(f *fleet) {
		f.becomes(ofLane(func(lane string) bool { return lane == "0" }, answers(503), after(time.Second, status(200))))
		f.enqueue(0, 3)
		for range 30 { // six lanes want more than two senders can do
			for lane := 1; lane < 7; lane++ {
				f.enqueue(lane, 10)
			}
			f.pass(time.Second)
		}
		if s := f.queues[0].Snapshot(); s.Pending != 0 {
			f.Errorf("%d events of the lane that failed once are pending, want none", s.Pending)
		}
	})
}

func TestARecordWaitsNoLongerThanItsIntervalOnceASenderIsFree(t *testing.T) {
	inFleet(t, 2, 1, nil, func(f *fleet) {
		f.becomes(inTurn(after(15*time.Second, status(200))))
		f.enqueue(0, 3)
		synctest.Wait()
		f.enqueue(1, 1) // due after 10 s, when the only sender is busy
		f.pass(15 * time.Second)
		if got, want := f.requests(), []string{"0s 0.0 0.1 0.2", "15s 1.0"}; !slices.Equal(got, want) {
			f.Errorf("requests %q, want %q", got, want)
		}
	})
}

func TestFlushOfACrewWaitsForAllLanes(t *testing.T) {
	inFleet(t, 50, 2, nil, func(f *fleet) {
		f.becomes(after(time.Second, status(200)))
		for lane := range f.lanes {
			f.enqueue(lane, 1) // not due by itself
		}
		if left, err := f.flush(time.Minute); left != 0 || err != nil {
			f.Errorf("Flush left %d events: %v, want none", left, err)
		}
		if got, want := time.Since(f.begin), 25*time.Second; got != want {
			f.Errorf("Flush took %v, want %v for 50 requests by two senders", got, want)
		}
		f.becomes(hang)
		f.enqueue(7, 1)
		if left, err := f.flush(time.Second); left != 1 || err == nil {
			f.Errorf("Flush left %d events: %v, want 1 and why", left, err)
		}
	})
}

func TestALaneOfACrewClosesByItself(t *testing.T) {
	inFleet(t, 3, 1, nil, func(f *fleet) {
		f.becomes(ofLane(func(lane string) bool { return lane == "0" }, hang, status(200)))
		f.enqueue(0, 3)
		synctest.Wait() // the only sender hangs
		f.enqueue(1, 2)
		ctx, cancel := context.WithTimeout(f.Context(), time.Second)
		defer cancel()
		if left, _ := f.lanes[2].Close(ctx); left != 0 || ctx.Err() != nil {
			f.Errorf("Close of a lane without events left %d, and ended with %v, want at once", left, ctx.Err())
		}
		var closing sync.WaitGroup
		closing.Go(func() {
			if left, _ := f.lanes[1].Close(ctx); left != 2 {
				f.Errorf("Close left %d events, want 2 that found no sender", left)
			}
		})
		closing.Wait()
		if got := time.Since(f.begin); got < time.Second || got > time.Second+20*time.Millisecond {
			f.Errorf("Close returned after %v, want 1 s, which was its deadline", got)
		}
		f.lanes = f.lanes[:1]
		if left := f.close(time.Second); left[0] != 3 {
			f.Errorf("Close left %d events of the lane that hangs, want 3", left[0])
		}
		s := f.queues[0].Snapshot()
		if got := s.Ended(queue.Unconfirmed); got != 3 {
			f.Errorf("%d events are unconfirmed, want 3: they were sent", got)
		}
	})
}

func TestCloseOfACrewKeepsItsDeadlineForAllLanes(t *testing.T) {
	inFleet(t, 500, 4, nil, func(f *fleet) {
		f.becomes(hang)
		for lane := range f.lanes {
			f.enqueue(lane, 3)
		}
		begin := time.Now()
		left := 0
		for _, n := range f.close(time.Second) {
			left += n
		}
		if took := time.Since(begin); took < time.Second || took > time.Second+20*time.Millisecond {
			f.Errorf("Close took %v, want 1 s and at most 20 ms more", took)
		}
		if left != 1500 {
			f.Errorf("Close left %d events, want 1500", left)
		}
		unconfirmed, dropped := f.ended(queue.Unconfirmed), f.ended(queue.Shutdown)
		if unconfirmed != 4*3 || dropped != 1500-4*3 {
			f.Errorf("%d events ended as unconfirmed and %d as shutdown, want those of 4 requests and the rest", unconfirmed, dropped)
		}
	})
}

func TestCloseOfACrewDrainsAllLanes(t *testing.T) {
	inFleet(t, 300, 4, nil, func(f *fleet) {
		f.becomes(after(100*time.Millisecond, first(status(503), status(200))))
		for lane := range f.lanes {
			f.enqueue(lane, 2)
		}
		for i, n := range f.close(time.Minute) {
			if n != 0 {
				f.Errorf("Close left %d events of lane %d, want none", n, i)
			}
		}
		if got := f.ended(queue.Delivered); got != 600 {
			f.Errorf("%d events were delivered, want 600", got)
		}
	})
}

// A transport that ignores its context keeps its sender, and nobody else.
func TestACrewLeavesBehindARequestThatDoesNotReturn(t *testing.T) {
	inFleet(t, 3, 2, nil, func(f *fleet) {
		release := make(chan struct{})
		f.becomes(ofLane(func(lane string) bool { return lane == "0" }, func(context.Context, []string) transport.Response {
			<-release
			return transport.Response{Outcome: transport.Delivered, Status: 200}
		}, status(200)))
		f.enqueue(0, 3)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(f.Context(), time.Second)
		defer cancel()
		if left, _ := f.lanes[0].Close(ctx); left != 3 {
			f.Errorf("Close left %d events, want the 3 of the request that does not return", left)
		}
		f.enqueue(1, 3)
		f.pass(time.Second)
		if got := f.ended(queue.Delivered); got != 3 {
			f.Errorf("%d events of other lanes were delivered, want 3", got)
		}
		close(release)
		f.pass(time.Second)
		f.becomes(after(time.Second, status(200)))
		f.enqueue(1, 3)
		f.enqueue(2, 3)
		synctest.Wait()
		if got := f.lanesInFlight(); got != 2 {
			f.Errorf("%d requests at once when it has returned, want 2", got)
		}
		if got := f.ended(queue.Unconfirmed); got != 3 {
			f.Errorf("%d events are unconfirmed, want 3: what came too late changes nothing", got)
		}
		f.lanes, f.queues = f.lanes[1:], f.queues[1:]
		f.put = f.put[1:]
	})
}

func TestASenderOfACrewSurvivesItsTransport(t *testing.T) {
	inFleet(t, 2, 1, nil, func(f *fleet) {
		f.becomes(first(func(context.Context, []string) transport.Response { panic("at the wire") }, status(200)))
		f.enqueue(0, 3)
		f.enqueue(1, 3)
		f.pass(5 * time.Second)
		if got := f.ended(queue.Delivered); got != 6 {
			f.Errorf("%d events were delivered, want 6", got)
		}
	})
}

// Losses of all lanes are told by one goroutine, each as its lane's.
func TestACrewTellsTheObserverOfEachLane(t *testing.T) {
	var mu sync.Mutex
	told := map[int]int{} // events by lane
	lane := 0
	adjust := func(c *delivery.Config) {
		mine := lane
		lane++
		c.Observer = &delivery.Observer{Lost: func(l delivery.Loss) {
			mu.Lock()
			defer mu.Unlock()
			told[mine] += l.Events
		}}
	}
	inFleet(t, 20, 2, adjust, func(f *fleet) {
		f.becomes(status(400))
		for i := range f.lanes {
			f.enqueue(i, i+1)
		}
		if left, err := f.flush(time.Minute); left != 0 || err != nil {
			f.Errorf("Flush left %d events: %v", left, err)
		}
		mu.Lock()
		defer mu.Unlock()
		for i := range f.lanes {
			if told[i] != i+1 {
				f.Errorf("lane %d was told of %d events, want %d: %s", i, told[i], i+1, fmt.Sprint(told))
			}
		}
	})
}
