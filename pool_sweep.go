package posthog

import "time"

// sweepsToEvict is how often the pool looks at its clients within their idle
// timeout.
const sweepsToEvict = 4

// sweepLater has the clients looked at in a while, if there are any. A timer
// needs no goroutine while it runs. The lock is held.
func (p *Pool) sweepLater() {
	if p.sweeping != nil || p.ended || p.config.IdleTimeout < 0 || len(p.clients)+len(p.leaving) == 0 {
		return
	}
	p.sweeping = time.AfterFunc(max(p.config.IdleTimeout/sweepsToEvict, 1), p.sweep)
}

// sweep lets go of the clients that were not used for a while.
func (p *Pool) sweep() {
	quiet := p.quiet()
	now := time.Now()
	for _, t := range quiet { // one at a time, so that nobody waits for all of them
		p.evictQuiet(t, now)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweeping = nil
	p.sweepLater()
}

// quiet looks at every client, and returns those that were not used for a while.
func (p *Pool) quiet() (quiet []*tenant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.part()
	for key, t := range p.clients {
		switch {
		case t.client == nil:
			p.forget(key, t)
		case t.used.Swap(false):
			t.quiet = 0
		default:
			if t.quiet++; t.quiet >= sweepsToEvict {
				quiet = append(quiet, t)
			}
		}
	}
	return quiet
}

// evictQuiet lets go of a client, unless it has been used since it was looked
// at.
func (p *Pool) evictQuiet(t *tenant, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.client != nil && !t.used.Load() && !p.ended {
		p.evict(t, now)
	}
}

// forget forgets a client that was let go and that nobody else kept. The lock is
// held.
func (p *Pool) forget(key string, t *tenant) {
	if t.weak.Value() == nil {
		delete(p.clients, key)
	}
}

// crowdedTime is how long the pool does not look again after all clients had
// something to do: looking takes a while with many, and everybody waits for it.
const crowdedTime = 100 * time.Millisecond

// hasRoom reports whether there may be one more client, and makes room for it
// if it can. The lock is held.
func (p *Pool) hasRoom(now time.Time) bool {
	if p.held >= p.config.MaxClients && !now.Before(p.crowded) {
		if p.makeRoom(now); p.held >= p.config.MaxClients {
			p.crowded = now.Add(crowdedTime)
		}
	}
	return p.held < p.config.MaxClients
}

// makeRoom lets go of a few clients that have nothing to do: a part of all, so
// that it need not be done for every new one. The lock is held.
func (p *Pool) makeRoom(now time.Time) {
	target := p.config.MaxClients - p.config.MaxClients/32 - 1
	for _, quiet := range [...]bool{true, false} {
		for key, t := range p.clients {
			if p.held <= target {
				return
			}
			switch {
			case t.client == nil:
				p.forget(key, t)
			case quiet && (t.quiet == 0 && t.used.Load()):
				// it was used lately
			default:
				p.evict(t, now)
			}
		}
		if p.held < p.config.MaxClients {
			return // there is room, and those in use stay
		}
	}
}
