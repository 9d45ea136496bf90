package delivery

import (
	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/queue"
)

// desk is where batches are left for senders, and where they come back with
// the answer. It belongs to a pump, or to the pilot of a [Crew]: that goroutine
// alone leaves batches, no more at once than there are senders.
type desk struct {
	name        string
	senders     int
	newExchange func() Exchange
	life        *life.Group

	work    chan *batch   // capacity senders; the owner sends and closes
	results chan *batch   // capacity senders; senders send, nobody closes
	ended   chan struct{} // capacity senders; each sender sends as it ends

	spare [][]queue.Record // for the next batches; the owner's
}

func newDesk(name string, senders int, newExchange func() Exchange, group *life.Group) *desk {
	return &desk{
		name:        name,
		senders:     senders,
		newExchange: newExchange,
		life:        group,
		work:        make(chan *batch, senders),
		results:     make(chan *batch, senders),
		ended:       make(chan struct{}, senders),
	}
}

// open starts the senders.
func (d *desk) open() {
	for range d.senders {
		d.startSender()
	}
}

// startSender starts a sender with an exchange of its own.
func (d *desk) startSender() {
	s := &sender{exchange: d.newExchange()}
	d.life.Go(d.name+" sender", func() { s.run(d) })
}

// join ends the senders and waits for them, except for the busy ones, whose
// request does not return although it was canceled.
func (d *desk) join(busy int) {
	close(d.work)
	for range d.senders - busy {
		<-d.ended
	}
}

// slice returns an empty slice for the records of a batch.
func (d *desk) slice() []queue.Record {
	if n := len(d.spare); n > 0 {
		s := d.spare[n-1]
		d.spare = d.spare[:n-1]
		return s
	}
	return nil
}

// reuse keeps the slice of a settled batch.
func (d *desk) reuse(records []queue.Record) {
	if len(d.spare) < d.senders {
		clear(records)
		d.spare = append(d.spare, records[:0])
	}
}
