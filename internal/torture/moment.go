package torture

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Moment is when a process is killed: some time after it has said a word for
// the how-manieth time.
type Moment struct {
	Word  Word
	Count int // from 1
	Delay time.Duration
}

// String says it in words.
func (m Moment) String() string {
	return fmt.Sprintf("%v after %q number %d", m.Delay, m.Word, m.Count)
}

// Moments decides the moments of the processes that follow one another.
type Moments struct {
	// Events is how many events a process has to offer.
	Events int
	// Longest is the longest delay. The shortest is none.
	Longest time.Duration

	random *rand.Rand
}

// NewMoments returns the moments of the nth sequence of a run's processes.
// They are the same for the same seed.
func NewMoments(seed uint64, n, events int, longest time.Duration) *Moments {
	return &Moments{Events: events, Longest: longest, random: rand.New(rand.NewPCG(seed, uint64(n)))}
}

// Next returns the next moment. One in eight is while the process starts, one
// in eight while it closes its client, and the others after one of its events,
// early ones more often than late ones.
func (m *Moments) Next() Moment {
	moment := Moment{Word: Accepted, Count: 1}
	switch m.random.IntN(8) {
	case 0:
		moment.Word = Starting
	case 1:
		moment.Word = Closing
	default:
		moment.Count = logarithmic(m.random, 1, max(m.Events, 1))
	}
	if m.random.IntN(4) > 0 {
		moment.Delay = time.Duration(logarithmic(m.random, int(time.Microsecond), int(m.Longest)))
	}
	return moment
}
