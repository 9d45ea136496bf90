package delivery

import "time"

// pilot takes the decisions of all lanes of a crew. Its fields belong to its
// goroutine.
//
// A batch is cut only when a sender is free for it, so what waits for a sender
// waits in its queue, where it is bounded, and lanes wait in line. A lane has
// one request at a time and goes to the end of the line after each, so nobody
// waits longer than one request of each lane in front of it. Lanes whose last
// attempt failed have a line of their own and no more than half of the senders,
// so requests that hang or fail leave the other half to everybody else.
type pilot struct {
	crew *Crew
	desk *desk

	free     int  // senders without a batch
	doubtful int  // senders with a batch of a lane in trouble
	turn     bool // which of the lines was served last

	healthy, troubled line
	alarms            alarms
	spare             []*seat // for the next news
}

func newPilot(c *Crew) *pilot {
	return &pilot{crew: c, desk: c.desk, free: c.desk.senders}
}

// run is the pilot's goroutine.
func (p *pilot) run() {
	defer close(p.crew.ended)
	defer func() { p.desk.join(p.desk.senders - p.free) }()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		now := time.Now()
		p.look(now)
		p.staff(now)
		timer.Reset(p.alarms.sleep(now))
		select {
		case <-p.crew.bell:
		case <-timer.C:
		case b := <-p.desk.results:
			p.land(b, time.Now())
		case <-p.crew.stop:
			p.finish(time.Now())
			return
		}
	}
}

// finish ends what is left of lanes whose Close did not wait for a pilot that
// was late.
func (p *pilot) finish(now time.Time) {
	p.look(now)
	for range len(p.desk.results) {
		p.land(<-p.desk.results, now)
	}
	for len(p.alarms.seats) > 0 {
		s := p.alarms.seats[0]
		p.alarms.clear(s)
		if !s.grace.IsZero() {
			p.giveUp(s)
		}
	}
}

// look looks at every lane that has news, or at which something is due.
func (p *pilot) look(now time.Time) {
	p.spare = p.crew.news(p.spare[:0])
	for _, s := range p.spare {
		p.attend(s, now)
	}
	clear(p.spare)
	for s := p.alarms.due(now); s != nil; s = p.alarms.due(now) {
		p.attend(s, now)
	}
}

// attend does for a lane what needs no sender, and puts it in line for one.
func (p *pilot) attend(s *seat, now time.Time) {
	if s.over {
		return
	}
	s.hear(now)
	switch {
	case s.expired():
		p.abandon(s, now)
		return
	case s.closing && s.empty():
		p.end(s)
		return
	}
	s.note(now)
	if len(s.flying) > 0 || s.inLine {
		return // it is put in line when its batch comes back, or is
	}
	s.inLine = true
	if s.failing {
		p.troubled.push(s)
	} else {
		p.healthy.push(s)
	}
}

// hear takes in what the pump's goroutine would wait for.
func (s *seat) hear(now time.Time) {
	select {
	case <-s.queue.Ready():
	default:
	}
	select {
	case <-s.lane.kick:
	default:
	}
	select {
	case s.close = <-s.lane.closing:
		s.closing = true
		s.hurry(now)
	default:
	}
}

// expired reports whether the caller of Close has stopped waiting.
func (s *seat) expired() bool {
	select {
	case <-s.close.expired:
		return true
	default:
		return false
	}
}

// note notes since when records wait, although no sender may be free for a
// while.
func (p *pump) note(now time.Time) {
	if p.since.IsZero() && p.queue.Depth().Records > 0 {
		p.since = now
	}
}

// staff gives the senders that are free to those who are first in line.
func (p *pilot) staff(now time.Time) {
	for p.free > 0 {
		s := p.next()
		if s == nil {
			return
		}
		s.inLine = false
		if s.over {
			continue
		}
		if s.expired() { // the pilot may not have heard of it: nothing is begun any more
			p.abandon(s, now)
			continue
		}
		sleep, ended := s.pump.turn(now)
		switch {
		case ended:
			p.end(s)
		case len(s.flying) > 0:
			p.alarms.clear(s)
			p.free--
			if s.troubled = s.failing; s.troubled {
				p.doubtful++
			}
		case sleep < forever:
			p.alarms.set(s, now.Add(sleep))
		default:
			p.alarms.clear(s)
		}
	}
}

// next takes the next seat out of the lines, which have their turn one after
// the other. It returns nil if nobody may have a sender.
func (p *pilot) next() *seat {
	may := p.doubtful < max(p.desk.senders/2, 1) && len(p.troubled) > 0
	if len(p.healthy) == 0 && !may {
		return nil
	}
	if p.turn = !p.turn; may && (p.turn || len(p.healthy) == 0) {
		return p.troubled.pop()
	}
	if len(p.healthy) == 0 {
		return nil
	}
	return p.healthy.pop()
}

// land takes a batch back from its sender.
func (p *pilot) land(b *batch, now time.Time) {
	s := b.lane.seat.Load()
	p.free++
	if s.troubled {
		s.troubled = false
		p.doubtful--
	}
	if s.over {
		return // its records have been given up, and may be nobody's memory any more
	}
	s.landed(b)
	if !s.grace.IsZero() {
		s.landLate(b)
		p.giveUp(s)
		return
	}
	s.absorb(b, now)
	p.attend(s, now)
}

// abandon ends everything of a lane when the caller of Close stops waiting, as
// soon as its request has returned, or had the time for it.
func (p *pilot) abandon(s *seat, now time.Time) {
	switch {
	case s.grace.IsZero() && len(s.flying) > 0:
		s.lane.cancel()
		s.grace = now.Add(cancelGrace)
		p.alarms.set(s, s.grace)
	case s.grace.IsZero() || !now.Before(s.grace):
		s.lane.cancel()
		p.giveUp(s)
	}
}

// giveUp counts what is left of a lane, and ends it.
func (p *pilot) giveUp(s *seat) {
	s.relinquish()
	p.end(s)
}

// end ends a lane.
func (p *pilot) end(s *seat) {
	s.over = true
	p.alarms.clear(s)
	close(s.lane.pumped)
}
