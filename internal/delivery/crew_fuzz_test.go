package delivery_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/transport"
)

// FuzzCrew runs a schedule, of which every byte is a step: events for a lane, a
// change of the server, time, a flush, the end of a lane. Whatever it is, every
// ledger adds up, events of a lane are stored in order, and Close keeps its
// deadline.
func FuzzCrew(f *testing.F) {
	for _, schedule := range []string{
		"",
		"\x00\x01\x02\x03 all at once, then more \x80\x81\x82",
		"abcdefgh\xf0ijkl\xf1mnop\xf2qrst\xf3uvwx\xf4yz\xff",
		"aaaa\xf1aaaa\xe0\xf0aaaa\xe5\xc1bbbb\xc2cccc\xf3\xd0dddd\xdf",
		"\xf1" + strings.Repeat("abcdefg", 20) + "\xe9\xf0\xef",
		"\xf5" + strings.Repeat("h\xe1", 30) + "\xc0\xc1\xc2\xf0",
		strings.Repeat("\xf3m\xe2\xf0n\xe2\xf4o", 12),
		"\xf1" + strings.Repeat("\xbd", steps-1), // as many events of one lane as there can be
	} {
		f.Add([]byte(schedule))
	}
	f.Fuzz(func(t *testing.T, schedule []byte) {
		patient := func(c *delivery.Config) { c.Retry.Budget = 1000 * time.Hour } // or order is given up for progress
		inFleet(t, 16, 3, patient, func(f *fleet) { f.play(schedule[:min(len(schedule), steps)]) })
	})
}

// steps is how long schedules are at most, each of whose steps enqueues up to twelve
// events.
const steps = 200

// moods are the ways in which the server of a schedule reacts.
var moods = [...]reaction{
	status(200), hang, status(503), cut, status(413), pausing(3 * time.Second), status(400), after(time.Second, status(200)),
	ofLane(func(lane string) bool { return len(lane) > 1 }, status(503), status(200)),
	ofLane(func(lane string) bool { return lane == "3" }, hang, after(10*time.Millisecond, status(200))),
}

// play runs a schedule.
func (f *fleet) play(schedule []byte) {
	arrivals := &arrivals{T: f.T}
	f.becomes(arrivals.watch(moods[0]))
	closed := make(map[int]bool)
	for _, step := range schedule {
		argument := int(step & 15)
		switch step >> 4 {
		case 0xf:
			f.becomes(arrivals.watch(moods[argument%len(moods)]))
		case 0xe:
			f.pass(time.Duration(argument*argument) * 100 * time.Millisecond)
		case 0xd:
			begin, limit := time.Now(), time.Duration(argument)*200*time.Millisecond
			_, _ = f.flush(limit)
			f.punctual("Flush", time.Since(begin), limit)
		case 0xc:
			if !closed[argument] {
				closed[argument] = true
				f.closeLane(argument)
			}
		default:
			if lane := argument; !closed[lane] {
				f.enqueue(lane, int(step>>4)+1)
			}
		}
	}
	synctest.Wait()
	for lane := range f.lanes {
		f.addsUp(lane)
	}
	f.forget(closed)
	begin, limit := time.Now(), 2*time.Second
	left := 0
	for _, n := range f.close(limit) {
		left += n
	}
	f.punctual("Close", time.Since(begin), limit)
	pending := 0
	for lane := range f.lanes {
		s := f.addsUp(lane)
		pending += int(s.Pending)
	}
	if pending != 0 {
		f.Errorf("Close left %d events and %d are pending, want none pending", left, pending)
	}
}

// closeLane closes one lane within a second.
func (f *fleet) closeLane(lane int) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	f.lanes[lane].Close(ctx)
	f.punctual("Close of a lane", time.Since(begin), time.Second)
	if s := f.addsUp(lane); s.Pending != 0 {
		f.Errorf("lane %d is closed, and %d events are pending, want none", lane, s.Pending)
	}
}

// forget drops the lanes that were closed.
func (f *fleet) forget(closed map[int]bool) {
	for lane := len(f.lanes) - 1; lane >= 0; lane-- {
		if closed[lane] {
			f.lanes = append(f.lanes[:lane], f.lanes[lane+1:]...)
			f.queues = append(f.queues[:lane], f.queues[lane+1:]...)
			f.put = append(f.put[:lane], f.put[lane+1:]...)
		}
	}
}

// punctual fails the test if something took more than 20 ms longer than it
// might.
func (f *fleet) punctual(what string, took, limit time.Duration) {
	f.Helper()
	if took > limit+20*time.Millisecond {
		f.Errorf("%s took %v, want at most %v and 20 ms", what, took, limit)
	}
}

// arrivals watches what the server stores.
type arrivals struct {
	*testing.T

	mu   sync.Mutex
	last map[string]int // number of the last event that was stored of each lane
}

// watch reacts as r does, and fails the test if an event is stored after a later
// one of its lane, or together with those of another.
func (a *arrivals) watch(r reaction) reaction {
	return func(ctx context.Context, events []string) transport.Response {
		answer := r(ctx, events)
		if answer.Outcome != transport.Delivered {
			return answer
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.last == nil {
			a.last = make(map[string]int)
		}
		for _, event := range events {
			lane := laneOf(event)
			if first := laneOf(events[0]); lane != first {
				a.Errorf("a request has events of lanes %s and %s, want one lane", first, lane)
			}
			_, text, _ := strings.Cut(event, ".")
			n, err := strconv.Atoi(text)
			if err != nil {
				a.Errorf("the event %q has no number: %v", event, err)
			}
			if last, ok := a.last[lane]; ok && n <= last {
				a.Errorf("lane %s: event %d was stored after event %d", lane, n, last)
			}
			a.last[lane] = n
		}
		return answer
	}
}
