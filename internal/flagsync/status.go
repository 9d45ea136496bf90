package flagsync

import (
	"net/http"
	"time"
)

// Condition says how well a Loader is supplied.
type Condition uint8

// The conditions of a Loader.
const (
	// Empty: nothing is loaded, yet.
	Empty Condition = iota
	// Current: the last load succeeded, or the definitions need none.
	Current
	// Stale: definitions are loaded, but no load has succeeded since.
	Stale
	// QuotaLimited: PostHog answered 402, and nothing is loaded.
	QuotaLimited
	// Closed: nothing is loaded any more.
	Closed
)

// String names the condition, for people.
func (c Condition) String() string {
	switch c {
	case Current:
		return "current"
	case Stale:
		return "stale"
	case QuotaLimited:
		return "quota limited"
	case Closed:
		return "closed"
	}
	return "empty"
}

// Status says how a Loader is doing.
type Status struct {
	// Condition is the Status in one word.
	Condition Condition
	// Paused is whether the polling waits for an evaluation, see Config.PauseAfterIdle.
	Paused bool
	// Source, Generation and LoadedAt are those of the State.
	Source     Source
	Generation uint64
	LoadedAt   time.Time
	// RefreshedAt is when a load last succeeded, also if it found nothing new; zero if none did.
	RefreshedAt time.Time
	// Age is the time since RefreshedAt, or else since LoadedAt; 0 when nothing is loaded.
	Age time.Duration
	// LastError is that of the last load, nil if it succeeded.
	LastError error
	// LastAttempt is when the last load began, and NextAttempt when the next one is due. NextAttempt is zero
	// during a load, in a pause, after Close and where nothing is polled.
	LastAttempt, NextAttempt time.Time
	// Polls counts the requests to PostHog.
	Polls Polls
}

// Polls counts requests for definitions by what became of them.
type Polls struct {
	// Loaded were answered with definitions, Unchanged with 304. Failed are all others that are over.
	Loaded, Unchanged, Failed uint64
	// Billable is what PostHog bills for them, in requests: ten for each that it answered with 200 or 304.
	Billable uint64
}

// billedPerPoll is how many requests PostHog bills for an answer with definitions, or for a 304.
const billedPerPoll = 10

// Status returns how the Loader is doing.
func (l *Loader) Status() Status {
	now := time.Now()
	l.mu.Lock()
	s, closed := l.status, l.closed
	state := l.state.Load()
	l.mu.Unlock()
	s.Source, s.Generation, s.LoadedAt = state.Source, state.Generation, state.LoadedAt
	if state.Loaded() {
		since := s.RefreshedAt
		if since.IsZero() {
			since = s.LoadedAt
		}
		s.Age = now.Sub(since)
	}
	switch {
	case closed:
		s.Condition = Closed
	case !state.Loaded() && status(s.LastError) == http.StatusPaymentRequired:
		s.Condition = QuotaLimited
	case !state.Loaded():
		s.Condition = Empty
	case s.LastError != nil || s.Source == Backup:
		s.Condition = Stale
	default:
		s.Condition = Current
	}
	return s
}

// attempted notes what a load came to and when the next one is due.
func (l *Loader) attempted(err error, next time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.LastError = err
	if !l.closed {
		l.status.NextAttempt = next
	}
	if err == nil {
		l.status.RefreshedAt = time.Now()
		l.refreshes.Add(1)
	}
}

// polled counts a request.
func (l *Loader) polled(got answer, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.status.Polls
	if got.billed {
		p.Billable += billedPerPoll
	}
	switch {
	case err != nil:
		p.Failed++
	case got.document == nil:
		p.Unchanged++
	default:
		p.Loaded++
	}
}

// pausing notes that the polling waits for an evaluation.
func (l *Loader) pausing() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Paused, l.status.NextAttempt = true, time.Time{}
}

// resumed notes that it does not any more.
func (l *Loader) resumed(next time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Paused = false
	if !l.closed {
		l.status.NextAttempt = next
	}
}
