package flood

import "time"

// mostPlaces is how many places of an occurrence are remembered.
const mostPlaces = 4

// An occurrence is one time that an error happened. A program returns the same io.EOF again and again.
type occurrence[Scope comparable] struct {
	err        hold
	scope      Scope
	first      time.Time           // when it was captured first
	pcs        [mostPlaces]uintptr // of the places that it was captured in,
	boundaries [mostPlaces]uint8   // and their boundaries: places themselves would be larger
	count      uint8               // of places; 0 if no capture of it counts
	shared     bool                // the error is a value that happens again and again
}

// has reports whether a capture in that scope is one of o, as far as time and scope tell.
func (o *occurrence[Scope]) has(scope Scope, window time.Duration, now time.Time) bool {
	var unknown Scope
	switch {
	case o.count == 0 || o.over(window, now) || o.apart(scope):
		return false
	case o.shared:
		return scope == o.scope && scope != unknown
	}
	return true
}

// begin makes o the occurrence that this is the first capture of.
func (o *occurrence[Scope]) begin(scope Scope, at Place, now time.Time) {
	o.scope, o.first, o.count = scope, now, 0
	o.reach(at)
}

// join adds a capture. The first known scope is the occurrence's.
func (o *occurrence[Scope]) join(scope Scope, at Place) {
	var unknown Scope
	if o.scope == unknown {
		o.scope = scope
	}
	o.reach(at)
}

// over reports whether a capture comes too late to be one of o. It may come before the first, by a clock that was
// read before that and by one that was set back.
func (o *occurrence[Scope]) over(window time.Duration, now time.Time) bool {
	age := now.Sub(o.first)
	return age >= window || age <= -window
}

// apart reports whether scope is known to be another than that of o.
func (o *occurrence[Scope]) apart(scope Scope) bool {
	var unknown Scope
	return scope != o.scope && scope != unknown && o.scope != unknown
}

// reach adds a place, if there is room for it.
func (o *occurrence[Scope]) reach(at Place) {
	if o.count < mostPlaces {
		o.pcs[o.count], o.boundaries[o.count] = at.PC, at.Boundary
		o.count++
	}
}

// reached reports whether o was captured in a place before.
func (o *occurrence[Scope]) reached(at Place) bool {
	for i := range o.count {
		if o.pcs[i] == at.PC && o.boundaries[i] == at.Boundary {
			return true
		}
	}
	return false
}

// beganAt reports whether that was the first place.
func (o *occurrence[Scope]) beganAt(at Place) bool {
	return o.count > 0 && o.pcs[0] == at.PC && o.boundaries[0] == at.Boundary
}
