package flood_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/flood"
)

// A model of a Seen: what is known, from the longest unused to the latest.
type modelSeen struct {
	size   int
	window time.Duration
	known  []modelOccurrence
}

type modelOccurrence struct {
	err    error
	scope  byte
	first  time.Time
	places []flood.Place // none if the first capture was taken back
	shared bool
}

func (m *modelSeen) again(err error, scope byte, at flood.Place, now time.Time) bool {
	i := slices.IndexFunc(m.known, func(o modelOccurrence) bool { return o.err == err })
	anew := modelOccurrence{err, scope, now, []flood.Place{at}, false}
	if i < 0 {
		if m.known = append(m.known, anew); len(m.known) > m.size {
			m.known = m.known[1:]
		}
		return false
	}
	o := m.known[i]
	m.known = slices.Delete(m.known, i, i+1)
	another := scope*o.scope != 0 && scope != o.scope
	anew.shared = o.shared || another || slices.Contains(o.places, at)
	if now.Sub(o.first).Abs() >= m.window || another || slices.Contains(o.places, at) || len(o.places) == 0 ||
		anew.shared && (scope == 0 || o.scope == 0) {
		m.known = append(m.known, anew)
		return false
	}
	if len(o.places) < 4 {
		o.places = append(o.places, at)
	}
	o.scope = max(o.scope, scope) // they are equal, or one is 0
	m.known = append(m.known, o)
	return true
}

// forget takes back the first capture of err if that was this one.
func (m *modelSeen) forget(err error, scope byte, at flood.Place) {
	i := slices.IndexFunc(m.known, func(o modelOccurrence) bool { return o.err == err })
	if i < 0 {
		return
	}
	o := m.known[i]
	m.known = append(slices.Delete(m.known, i, i+1), o) // which is a use
	if len(o.places) > 0 && o.places[0] == at && (scope*o.scope == 0 || scope == o.scope) {
		m.known[len(m.known)-1].places = nil
	}
}

// FuzzSeen compares a Seen with a model. Of each three bytes of the steps, the first says which error, which scope, and
// whether it is to be forgotten, the second which place, and the third how the clock goes.
func FuzzSeen(f *testing.F) {
	f.Add(3, 40, []byte("\x00\x00\x80\x00\x01\x81\x00\x02\x82\x00\x03\x80\x00\x04\x80\x00\x04\x80\x00\x02\x80"))
	f.Add(2, 10, []byte("\x00\x00\x80\x10\x01\x80\x20\x02\x80\x01\x00\x80\x02\x01\x80\x00\x03\x80"))
	f.Add(8, 5, []byte("\x00\x00\x80\x00\x01\x84\x00\x02\x81\x00\x03\x70\x00\x04\x8f"))
	f.Add(2, 40, []byte("\x00\x00\x80\x08\x00\x80\x00\x01\x80\x00\x01\x80\x00\x02\x80\x01\x00\x80\x09\x01\x80\x01\x02\x80"))
	f.Add(1, 0, []byte("\x00\x00\x80\x00\x01\x80"))
	failed := [8]error{}
	for i := range failed {
		failed[i] = errors.New(strconv.Itoa(i))
	}
	f.Fuzz(func(t *testing.T, size, window int, steps []byte) {
		m := &modelSeen{size: 1 + (size%8+8)%8, window: time.Duration(1 + (window%64+64)%64)}
		seen := flood.NewSeen[byte](m.size, m.window)
		now := noon
		for i := 0; i+2 < len(steps); i += 3 {
			err, scope := failed[steps[i]&7], steps[i]>>4&3
			at := flood.Place{Boundary: steps[i+1] & 1, PC: uintptr(steps[i+1] >> 1 & 3)}
			now = now.Add(time.Duration(int(steps[i+2]) - 128))
			if steps[i]&8 != 0 {
				m.forget(err, scope, at)
				seen.Forget(err, scope, at)
				continue
			}
			want := m.again(err, scope, at, now)
			if got := seen.Again(err, scope, at, now); got != want {
				t.Fatalf("size %d, window %d ns, steps %x: step %d: Again(%v, %d, %+v, noon + %d ns) = %v, want %v",
					m.size, m.window, steps, i/3, err, scope, at, now.Sub(noon), got, want)
			}
		}
	})
}
