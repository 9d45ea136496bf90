package stack

import "sync"

const (
	maxPlaces = 8_192   // that are remembered
	maxAtlas  = 8 << 20 // bytes of their JSON; only source lines need so much
)

// An atlas remembers places. When it is full, it starts over. The zero value is empty; it is safe for concurrent use.
type atlas struct {
	mu     sync.RWMutex // guards what follows; held for as long as it takes to look up a stack
	places map[uintptr]*place
	size   int // bytes of JSON
}

// find looks up the places of all addresses, and says whether there are all of them. Those that are not known are nil.
func (a *atlas) find(places []*place, pcs []uintptr) (all bool) {
	all = true
	a.mu.RLock()
	for i, pc := range pcs {
		p := a.places[pc]
		places[i] = p
		all = all && p != nil
	}
	a.mu.RUnlock()
	return all
}

// add remembers places. Where another goroutine was faster, its place replaces the one that is given.
func (a *atlas) add(places []*place, pcs []uintptr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, pc := range pcs {
		if p := a.places[pc]; p != nil {
			places[i] = p
			continue
		}
		if a.places == nil || len(a.places) >= maxPlaces || a.size >= maxAtlas {
			a.places, a.size = make(map[uintptr]*place), 0
		}
		a.places[pc] = places[i]
		for p := places[i]; p != nil && p.frame != nil; p = p.next {
			a.size += len(p.frame.json)
		}
	}
}

// grow notes that a place has more JSON than when it was added.
func (a *atlas) grow(bytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.size += bytes
}
