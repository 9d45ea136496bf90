package delivery

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/queue"
)

// Observer is called back about the ends of events, on a goroutine that does
// nothing else. Its functions may take their time and may call anything.
type Observer struct {
	// Lost is called for events that did not end as Delivered, once for all that
	// ended in the same way at the same time. Nil is not called.
	Lost func(Loss)
	// Each is called for every record. Nil is not called.
	Each func(*queue.Record, Verdict)
}

// Loss says why events were not delivered.
type Loss struct {
	Verdict
	Events int
	UUID   [16]byte // of the event, if it is a single one and known
}

// settlement is the end of some events, all for the same reason.
type settlement struct {
	lane    *Lane
	loss    Loss
	records []queue.Record // to be shown one by one
	owned   int            // bytes of their payloads that no queue accounts for
}

// notifier calls the Observer of a lane, or those of all lanes of a crew, one
// after the other. Its goroutine exists while there is something to tell. A record that is to be shown keeps its memory until then, so an
// application that cannot follow fills the queue and learns of that from
// Enqueue. What is not to be shown is counted, and takes no memory. A nil
// notifier has nobody to tell.
type notifier struct {
	life *life.Group
	name string

	mu      sync.Mutex
	backlog []settlement
	pushed  uint64 // settlements so far
	told    uint64 // those of them that the observer has seen
	owned   int    // bytes of payload in the backlog that no queue accounts for
	running bool
	step    chan struct{} // closed at the end of the next call; nil if nobody waits
}

const (
	// callGrace is how long Flush and Close wait for a single callback. One
	// that takes longer may be waiting for them.
	callGrace = time.Second
	// maxOwned bounds the payloads that are kept for the observer outside of
	// the queue. Beyond it, events are counted and not shown.
	maxOwned = 8 << 20
)

// push queues the end of events of a lane for its observer. owned is the memory
// of their payloads if no queue accounts for it. It reports whether it keeps the
// records, to release them when they have been shown.
func (n *notifier) push(l *Lane, loss Loss, records []queue.Record, owned int) (kept bool) {
	if n == nil {
		return false
	}
	if loss.Events == 1 && len(records) == 1 {
		loss.UUID = records[0].UUID
	}
	s := settlement{lane: l, loss: loss}
	observer := l.config.Observer
	n.mu.Lock()
	defer n.mu.Unlock()
	if observer.Each != nil && len(records) > 0 {
		if n.owned+owned <= maxOwned {
			s.records, s.owned, kept = slices.Clone(records), owned, true
			n.owned += owned
		} else {
			l.notShown.Add(uint64(loss.Events))
		}
	}
	if !kept && (observer.Lost == nil || loss.Outcome == queue.Delivered || n.merge(l, loss)) {
		return false
	}
	n.backlog = append(n.backlog, s)
	n.pushed++
	l.lastPush = n.pushed
	if !n.running {
		n.running = true
		n.life.Go(n.name+" notifier", n.run)
	}
	return kept
}

// merge adds a loss to the last one of the backlog if both say the same of one
// lane and neither shows records.
func (n *notifier) merge(l *Lane, loss Loss) bool {
	if len(n.backlog) == 0 {
		return false
	}
	last := &n.backlog[len(n.backlog)-1]
	if last.lane != l || last.records != nil || !last.loss.Same(loss.Verdict) {
		return false
	}
	last.loss.Events += loss.Events
	last.loss.UUID = [16]byte{}
	if last.loss.RequestID != loss.RequestID {
		last.loss.RequestID = ""
	}
	return true
}

// run tells the observer everything and ends.
func (n *notifier) run() {
	defer func() {
		// A callback that ends its goroutine, as a failing test does, ends
		// this one: another takes over.
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.running {
			n.life.Go(n.name+" notifier", n.run)
		}
	}()
	for {
		s, ok := n.next()
		if !ok {
			return
		}
		n.tell(s)
	}
}

// next takes the oldest settlement from the backlog. Without one, the notifier
// no longer runs.
func (n *notifier) next() (s settlement, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.backlog) == 0 {
		n.running = false
		n.backlog = nil
		return settlement{}, false
	}
	s = n.backlog[0]
	n.backlog[0] = settlement{}
	n.backlog = n.backlog[1:]
	return s, true
}

func (n *notifier) tell(s settlement) {
	defer func() {
		s.lane.queue.Release(s.records)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.owned -= s.owned
		n.told++
		n.stepped()
	}()
	observer := s.lane.config.Observer
	if observer.Lost != nil && s.loss.Outcome != queue.Delivered {
		observer.Lost(s.loss)
		n.called()
	}
	if observer.Each == nil {
		return
	}
	for i := range s.records {
		if s.records[i].Payload == nil { // it was in a file only
			s.lane.notShown.Add(1)
			continue
		}
		observer.Each(&s.records[i], s.loss.Verdict)
		n.called()
	}
}

// toldAll reports whether the observer has seen everything that l pushed.
func (n *notifier) toldAll(l *Lane) bool {
	if n == nil {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.told >= l.lastPush
}

// called notes that a callback returned.
func (n *notifier) called() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stepped()
}

func (n *notifier) stepped() {
	if n.step != nil {
		close(n.step)
		n.step = nil
	}
}

// wait returns when everything that these lanes pushed before the call has been
// told, when a single callback takes longer than callGrace, or cancelGrace after
// ctx ended.
func (n *notifier) wait(ctx context.Context, lanes ...*Lane) {
	if n == nil {
		return
	}
	n.mu.Lock()
	target := uint64(0)
	for _, l := range lanes {
		target = max(target, l.lastPush)
	}
	n.mu.Unlock()
	timer := time.NewTimer(callGrace)
	defer timer.Stop()
	canceled := ctx.Done()
	var over <-chan time.Time
	for {
		step := n.nextStep(target)
		if step == nil {
			return
		}
		timer.Reset(callGrace)
		select {
		case <-step:
		case <-timer.C:
			return
		case <-over:
			return
		case <-canceled:
			grace := time.NewTimer(cancelGrace)
			defer grace.Stop() //nolint:gocritic // once: canceled is nil from here on
			canceled, over = nil, grace.C
		}
	}
}

// nextStep returns a channel that is closed at the end of the next call, or
// nil if target settlements have been told.
func (n *notifier) nextStep(target uint64) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.told >= target {
		return nil
	}
	if n.step == nil {
		n.step = make(chan struct{})
	}
	return n.step
}
