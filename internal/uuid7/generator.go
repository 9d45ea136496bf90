package uuid7

import (
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

const (
	fractionBits = 12 // of a millisecond: steps of about 244 ns
	latest       = 1<<47 - 1
)

// A Generator makes version 7 UUIDs, each greater than every one it made before. The zero value is ready. It is
// safe for concurrent use and must not be copied.
type Generator struct {
	// last is the time in the newest UUID: Unix milliseconds in the upper bits, the fraction of the millisecond
	// in the lower 12. Written by whoever makes a UUID, with compare-and-swap.
	last atomic.Uint64
}

// New returns a UUID for an event that happens now. If the clock stands still or has gone back since the last
// call, it takes the next step after the last UUID instead, borrowing from the time to come; the difference
// lasts until the clock has caught up. Times before 1970 count as 1970, times after the year 6429 as that year.
//
// Below the time lie 62 random bits. They come from math/rand/v2's top-level source, the ChaCha8 generator the
// runtime seeds from the operating system and keeps one of per thread. An event's id must not meet another
// process's id of the same instant, for which a source with a 256-bit seed is enough, and it is no secret, so
// it needs no slower one.
func (g *Generator) New(now time.Time) UUID {
	tick := g.next(stamp(now))
	var u UUID
	binary.BigEndian.PutUint64(u[0:], tick>>fractionBits<<16|7<<12|tick&(1<<fractionBits-1))
	binary.BigEndian.PutUint64(u[8:], 1<<63|rand.Uint64()>>2) // variant 10, then 62 bits
	return u
}

// next returns the greater of want and the step after the last one, and makes it the last.
func (g *Generator) next(want uint64) uint64 {
	for {
		last := g.last.Load()
		tick := max(want, last+1) // a full fraction carries into the milliseconds
		if g.last.CompareAndSwap(last, tick) {
			return tick
		}
	}
}

// stamp places t on the scale of Generator.last. It leaves the top bit of the milliseconds free, which is room
// for more carries than a generator can live to see.
func stamp(t time.Time) uint64 {
	millisecond := min(max(t.UnixMilli(), 0), latest)
	fraction := uint64(t.Nanosecond()%int(time.Millisecond)) << fractionBits / uint64(time.Millisecond)
	return uint64(millisecond)<<fractionBits | fraction
}
