package spool

import "time"

// How long it takes until what failed is tried again: doubling from the first
// to the second, and from the start again after some time without a failure.
const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
	calmTime   = time.Minute
)

// retry is when what failed is tried again.
type retry struct {
	timer *time.Timer
	at    time.Time // of the next try; zero if none is planned
	pause time.Duration
	calm  time.Time // since when nothing failed; zero while something does
}

func newRetry() retry {
	r := retry{timer: time.NewTimer(time.Hour)}
	r.timer.Stop()
	return r
}

// due reports whether it is time for another try, which is then no longer
// planned.
func (r *retry) due(now time.Time) bool {
	if r.at.IsZero() || now.Before(r.at) {
		return false
	}
	r.at = time.Time{}
	r.timer.Stop()
	return true
}

// schedule plans another try, if there is trouble and none is planned.
func (r *retry) schedule(now time.Time, trouble bool) {
	switch {
	case !trouble:
		r.at = time.Time{}
		r.timer.Stop()
		if r.calm.IsZero() {
			r.calm = now
		}
	case r.at.IsZero():
		if r.pause == 0 || !r.calm.IsZero() && now.Sub(r.calm) >= calmTime {
			r.pause = firstPause
		} else {
			r.pause = min(2*r.pause, lastPause)
		}
		r.calm = time.Time{}
		r.at = now.Add(r.pause)
		r.timer.Reset(r.pause)
	}
}

// hasten makes another try due.
func (r *retry) hasten() { r.at = time.Unix(0, 0) }
