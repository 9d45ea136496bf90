package flood_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/flood"
)

// A model of a bucket: it gathers time, up to what a burst costs, and what passes pays with it.
type modelBucket struct {
	rate   flood.Rate
	credit time.Duration
	latest time.Time
}

func fullBucket(rate flood.Rate, now time.Time) *modelBucket {
	return &modelBucket{rate: rate, credit: time.Duration(rate.Burst) * rate.Every, latest: now}
}

func (b *modelBucket) pays(now time.Time) bool {
	if b.rate.Burst <= 0 || b.rate.Every <= 0 {
		return true
	}
	if now.After(b.latest) {
		full := time.Duration(b.rate.Burst) * b.rate.Every
		b.credit = min(b.credit+min(now.Sub(b.latest), full), full)
		b.latest = now
	}
	return b.credit >= b.rate.Every
}

// A model of a Limiter: its keys are in order, from the longest unused to the latest.
type modelLimiter struct {
	each    flood.Rate
	total   *modelBucket
	keys    []string
	buckets map[string]*modelBucket
	held    map[string]uint64
	all     uint64
}

func (m *modelLimiter) allow(key string, now time.Time) (bool, uint64) {
	if i := slices.Index(m.keys, key); i >= 0 {
		m.keys = slices.Delete(m.keys, i, i+1)
	} else {
		m.buckets[key] = fullBucket(m.each, now)
	}
	if m.keys = append(m.keys, key); len(m.keys) > 1000 {
		delete(m.buckets, m.keys[0])
		delete(m.held, m.keys[0])
		m.keys = m.keys[1:]
	}
	own, total := m.buckets[key].pays(now), m.total.pays(now)
	if !own || !total {
		m.held[key]++
		m.all++
		return false, 0
	}
	m.buckets[key].credit -= m.each.Every
	m.total.credit -= m.total.rate.Every
	held := m.held[key]
	delete(m.held, key)
	return true, held
}

// FuzzLimiter compares a Limiter with a model. Of each two bytes of the steps, the first says which key, and the second
// how the clock goes. Some keys are a crowd that has not been seen before.
func FuzzLimiter(f *testing.F) {
	f.Add(3, 10, 5, 7, []byte("\x00\x80\x00\x80\x00\x80\x01\x80\x00\x8a\x00\x8a\x00\x7f\x00\x00\x00\xff"))
	f.Add(1, 3, 0, 0, []byte("\x00\x80\x00\x81\x00\x81\x00\x81\x00\x60\x00\xa0"))
	f.Add(0, 0, 2, 9, []byte("\x01\x80\x02\x88\x03\x88\x01\x89\x02\x89"))
	f.Add(2, 50, 2, 1, []byte("\x00\x80\x00\x80\x00\x80\xff\x80\xff\x80\xff\x80\xff\x80\x00\x80\x01\xff\x00\xff"))
	f.Fuzz(func(t *testing.T, burst, every, totalBurst, totalEvery int, steps []byte) {
		each := flood.Rate{Burst: burst % 20, Every: time.Duration(every % 100)}
		total := flood.Rate{Burst: totalBurst % 500, Every: time.Duration(totalEvery % 100)}
		l := flood.NewLimiter(each, total)
		m := &modelLimiter{each: each, total: fullBucket(total, time.Time{}), buckets: map[string]*modelBucket{}, held: map[string]uint64{}}
		now, crowds := noon, 0
		allow := func(key string) {
			t.Helper()
			want, wantHeld := m.allow(key, now)
			if got, held := l.Allow(key, now); got != want || held != wantHeld {
				t.Fatalf("each %+v, total %+v, steps %x: Allow(%q, noon + %d ns) = %v, %d, want %v, %d",
					each, total, steps, key, now.Sub(noon), got, held, want, wantHeld)
			}
		}
		for i := 0; i+1 < min(len(steps), 200); i += 2 {
			now = now.Add(time.Duration(int(steps[i+1]) - 128))
			if steps[i] < 250 || crowds == 6 {
				allow(strconv.Itoa(int(steps[i] % 7)))
				continue
			}
			crowds++
			for j := range 80 * (int(steps[i]) - 250 + 1) {
				allow(strconv.Itoa(crowds*1000 + j))
			}
		}
		if got := l.Held(); got != m.all {
			t.Errorf("each %+v, total %+v, steps %x: Held = %d, want %d", each, total, steps, got, m.all)
		}
	})
}
