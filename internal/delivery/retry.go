package delivery

import (
	"math/rand/v2"
	"time"
)

// Retry is the policy for attempts that failed in a way that may pass.
type Retry struct {
	// Max is the number of attempts after the first, or negative to go by
	// Budget.
	Max int
	// Budget is how long a batch is attempted while the server answers
	// others. As long as it answers nobody, batches are kept.
	Budget time.Duration
	// Delay is the wait before retry n, counted from 0. Nil is Backoff.
	Delay func(n int) time.Duration
}

// The default backoff: the first wait, and the longest; and the shortest wait
// of any backoff, so that a server that fails at once is not hammered.
const (
	firstDelay    = 500 * time.Millisecond
	longestDelay  = 30 * time.Second
	shortestDelay = 100 * time.Millisecond
)

// Backoff is the default wait before retry n, counted from 0: it doubles from
// half a second to thirty, and one half of it is random, so that a fleet does
// not come back in step.
func Backoff(n int) time.Duration {
	whole := longestDelay
	if n < 6 {
		whole = firstDelay << max(n, 0)
	}
	return whole/2 + rand.N(whole/2)
}

// delay is the wait before retry n.
func (r *Retry) delay(n int) time.Duration {
	if r.Delay == nil {
		return Backoff(n)
	}
	return max(r.Delay(n), shortestDelay)
}
