package delivery

import (
	"container/heap"
	"sync/atomic"
	"time"
)

// seat is a pump of a crew. Everything but woken belongs to the pilot.
type seat struct {
	*pump

	woken atomic.Bool // it is on the list that the pilot looks at next

	inLine   bool      // for a sender
	troubled bool      // its batch is one of those that may fail again
	grace    time.Time // until when a canceled request may return; zero before
	over     bool      // the pump has ended

	alarm time.Time // when something becomes due by itself
	index int       // among the alarms; -1 if there is none
}

func newSeat(p *pump) *seat { return &seat{pump: p, index: -1} }

// line is who waits for a sender, first come first served.
type line []*seat

func (l *line) push(s *seat) { *l = append(*l, s) }

func (l *line) pop() *seat {
	s := (*l)[0]
	(*l)[0] = nil
	if *l = (*l)[1:]; len(*l) == 0 {
		*l = nil
	}
	return s
}

// alarms holds the seats at which something becomes due by itself, the earliest
// first.
type alarms struct{ seats alarmHeap }

// set sets the alarm of s, in place of one that it may have.
func (a *alarms) set(s *seat, at time.Time) {
	s.alarm = at
	if s.index >= 0 {
		heap.Fix(&a.seats, s.index)
		return
	}
	heap.Push(&a.seats, s)
}

// clear takes the alarm of s away, if it has one.
func (a *alarms) clear(s *seat) {
	if s.index >= 0 {
		heap.Remove(&a.seats, s.index)
	}
}

// due takes away the earliest alarm if its time has come, and returns its seat,
// or nil.
func (a *alarms) due(now time.Time) *seat {
	if len(a.seats) == 0 || a.seats[0].alarm.After(now) {
		return nil
	}
	return heap.Pop(&a.seats).(*seat)
}

// sleep returns how long no alarm goes off.
func (a *alarms) sleep(now time.Time) time.Duration {
	if len(a.seats) == 0 {
		return forever
	}
	return max(a.seats[0].alarm.Sub(now), 0)
}

// alarmHeap is the heap behind alarms.
type alarmHeap []*seat

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].alarm.Before(h[j].alarm) }

func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *alarmHeap) Push(x any) {
	s := x.(*seat)
	s.index = len(*h)
	*h = append(*h, s)
}

// Pop implements heap.Interface.
func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	s := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	s.index = -1
	return s
}
