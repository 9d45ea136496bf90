package flood_test

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/flood"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// An ask is a call of Allow, so long after noon, and what is expected of it.
type ask struct {
	key   string
	after time.Duration
	ok    bool
	held  uint64
}

const s = time.Second

func TestWhatPasses(t *testing.T) {
	t.Parallel()
	unlimited := flood.Rate{}
	for name, tc := range map[string]struct {
		each, total flood.Rate
		asks        []ask
		held        uint64
	}{
		"a burst passes at once, and no more": {
			flood.Rate{Burst: 2, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", 0, true, 0}, {"a", 0, false, 0}}, 1,
		},
		"one more passes whenever the time has passed": {
			flood.Rate{Burst: 1, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", 10*s - 1, false, 0}, {"a", 10 * s, true, 1}, {"a", 20*s - 1, false, 0}, {"a", 20 * s, true, 1}}, 2,
		},
		"parts of a token are not lost by asking": {
			flood.Rate{Burst: 3, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", 0, true, 0}, {"a", 0, true, 0}, {"a", 9 * s, false, 0}, {"a", 19 * s, true, 1}, {"a", 19 * s, false, 0}, {"a", 20 * s, true, 1}}, 2,
		},
		"a full bucket gathers no part of a token": {
			flood.Rate{Burst: 1, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", 19 * s, true, 0}, {"a", 20 * s, false, 0}, {"a", 29 * s, true, 1}}, 1,
		},
		"several tokens come back, but no more than a burst": {
			flood.Rate{Burst: 2, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", 0, true, 0}, {"a", time.Hour, true, 0}, {"a", time.Hour, true, 0}, {"a", time.Hour, false, 0}}, 1,
		},
		"what was held back is told once": {
			flood.Rate{Burst: 1, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", 1, false, 0}, {"a", 2, false, 0}, {"a", 3, false, 0}, {"a", 10 * s, true, 3}, {"a", 20 * s, true, 0}}, 3,
		},
		"keys have buckets and counts of their own": {
			flood.Rate{Burst: 1, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"b", 0, true, 0}, {"a", 0, false, 0}, {"", 0, true, 0}, {"b", 10 * s, true, 0}, {"a", 10 * s, true, 1}}, 1,
		},
		"all keys share the total": {
			unlimited, flood.Rate{Burst: 2, Every: 10 * s},
			[]ask{{"a", 0, true, 0}, {"b", 0, true, 0}, {"c", 0, false, 0}, {"a", 0, false, 0}, {"a", 10 * s, true, 1}, {"c", 20 * s, true, 1}}, 2,
		},
		"what the total holds back does not pay its own bucket": {
			flood.Rate{Burst: 1, Every: time.Hour}, flood.Rate{Burst: 1, Every: 10 * s},
			[]ask{{"a", 0, true, 0}, {"b", 0, false, 0}, {"b", 0, false, 0}, {"b", 10 * s, true, 2}, {"b", 20 * s, false, 0}}, 3,
		},
		"what its own bucket holds back does not pay the total": {
			flood.Rate{Burst: 1, Every: time.Hour}, flood.Rate{Burst: 2, Every: time.Hour},
			[]ask{{"a", 0, true, 0}, {"a", 0, false, 0}, {"a", 0, false, 0}, {"b", 0, true, 0}, {"c", 0, false, 0}}, 3,
		},
		"a clock that is set back gives nothing": {
			flood.Rate{Burst: 1, Every: 10 * s}, unlimited,
			[]ask{{"a", time.Hour, true, 0}, {"a", 0, false, 0}, {"a", 10 * s, false, 0}, {"a", time.Hour + 10*s - 1, false, 0}, {"a", time.Hour + 10*s, true, 3}}, 3,
		},
		"a clock that is set back takes nothing": {
			flood.Rate{Burst: 2, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", 5 * s, true, 0}, {"a", -time.Hour, false, 0}, {"a", 10 * s, true, 1}}, 1,
		},
		"a clock that goes back and forth gives nothing from the total either": {
			unlimited, flood.Rate{Burst: 1, Every: 10 * s},
			[]ask{{"a", 9 * s, true, 0}, {"a", 0, false, 0}, {"a", 9 * s, false, 0}, {"a", 0, false, 0}, {"a", 18 * s, false, 0}, {"a", 19 * s, true, 4}}, 4,
		},
		"a bucket that is full stays full when the clock is set back": {
			flood.Rate{Burst: 2, Every: 10 * s}, unlimited,
			[]ask{{"a", 0, true, 0}, {"a", -time.Hour, true, 0}, {"a", -time.Hour, false, 0}}, 1,
		},
		"no burst is no limit":          {flood.Rate{Burst: 0, Every: s}, flood.Rate{Burst: -1, Every: s}, []ask{{"a", 0, true, 0}, {"a", 0, true, 0}, {"a", 0, true, 0}}, 0},
		"no time between is no limit":   {flood.Rate{Burst: 1}, flood.Rate{Burst: 1, Every: -1}, []ask{{"a", 0, true, 0}, {"a", 0, true, 0}, {"a", 0, true, 0}}, 0},
		"the largest rate is no danger": {flood.Rate{Burst: math.MaxInt, Every: 1}, flood.Rate{Burst: math.MaxInt, Every: math.MaxInt64}, []ask{{"a", math.MinInt64, true, 0}, {"a", math.MaxInt64, true, 0}, {"a", 0, true, 0}}, 0},
		"the longest time between leaves a burst": {
			flood.Rate{Burst: 3, Every: math.MaxInt64}, flood.Rate{Burst: 4, Every: math.MaxInt64},
			[]ask{{"a", 0, true, 0}, {"a", 0, true, 0}, {"a", 0, true, 0}, {"a", 0, false, 0}, {"b", 0, true, 0}, {"b", 0, false, 0}}, 2,
		},
		"keys that differ late": {
			flood.Rate{Burst: 1, Every: s}, unlimited,
			[]ask{{strings.Repeat("x", 1023) + "a", 0, true, 0}, {strings.Repeat("x", 1023) + "b", 0, true, 0}}, 0,
		},
		"keys that differ after 1,024 bytes are one": {
			flood.Rate{Burst: 1, Every: s}, unlimited,
			[]ask{{strings.Repeat("x", 1024) + "a", 0, true, 0}, {strings.Repeat("x", 1024) + "b", 0, false, 0}, {strings.Repeat("x", 1024), s, true, 1}}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := flood.NewLimiter(tc.each, tc.total)
			for i, a := range tc.asks {
				if ok, held := l.Allow(a.key, noon.Add(a.after)); ok != a.ok || held != a.held {
					t.Errorf("call %d: Allow(%.20q, noon + %v) = %v, %d, want %v, %d", i, a.key, a.after, ok, held, a.ok, a.held)
				}
			}
			if got := l.Held(); got != tc.held {
				t.Errorf("Held = %d, want %d", got, tc.held)
			}
		})
	}
}

// Proves EXC-41: a loop of one failure is a burst of events and what comes back in its time, and all the rest is counted.
func TestAHundredThousandIdenticalFailures(t *testing.T) {
	t.Parallel()
	const failures, apart = 100_000, time.Millisecond // 100 seconds
	l := flood.NewLimiter(flood.Rate{Burst: 10, Every: 10 * s}, flood.Rate{Burst: 100, Every: s})
	passed, told := 0, uint64(0)
	for i := range failures {
		ok, held := l.Allow("*net.OpError", noon.Add(time.Duration(i)*apart))
		told += held
		if ok {
			passed++
		}
	}
	if want := 10 + 9; passed != want {
		t.Errorf("%d of %d failures in 100 s passed, want %d", passed, failures, want)
	}
	if _, held := l.Allow("*net.OpError", noon.Add(100*s)); told+held != l.Held() {
		t.Errorf("told of %d held back, want the %d that Held says", told+held, l.Held())
	}
	if got, want := l.Held(), uint64(failures-passed); got != want {
		t.Errorf("Held = %d, want %d", got, want)
	}
}

// Proves EXC-41 for ever new types: memory is bounded, and what was held back of a type that is forgotten still counts.
func TestAThousandKeysAreKnown(t *testing.T) {
	t.Parallel()
	l := flood.NewLimiter(flood.Rate{Burst: 1, Every: time.Hour}, flood.Rate{})
	allow := func(i int, ok bool, held uint64) {
		t.Helper()
		if gotOK, got := l.Allow(strconv.Itoa(i), noon); gotOK != ok || got != held {
			t.Errorf("Allow(%d) = %v, %d, want %v, %d", i, gotOK, got, ok, held)
		}
	}
	for i := range 1000 {
		allow(i, true, 0)
	}
	for i := range 1000 {
		allow(i, false, 0) // all known
	}
	allow(0, false, 0)   // and used, so that 1 goes first
	allow(1000, true, 0) // instead of it
	allow(0, false, 0)
	allow(1000, false, 0)
	allow(1, true, 0) // instead of 2, with a full bucket, and with nothing to tell
	allow(3, false, 0)
	allow(2, true, 0)
	if got, want := l.Held(), uint64(1000+4); got != want {
		t.Errorf("Held = %d, want %d: those of keys that are forgotten count", got, want)
	}
}

func TestANumberThatCouldNotBeTold(t *testing.T) {
	t.Parallel()
	l := flood.NewLimiter(flood.Rate{Burst: 1, Every: s}, flood.Rate{})
	for range 4 {
		l.Allow("a", noon)
	}
	if ok, held := l.Allow("a", noon.Add(s)); !ok || held != 3 {
		t.Fatalf("Allow is %v and told of %d, want 3", ok, held)
	}
	l.Untold("a", 3, noon.Add(s))
	l.Untold("b", 5, noon.Add(s)) // which is not known
	l.Untold("a", 0, noon.Add(s))
	l.Allow("a", noon.Add(s))
	for key, want := range map[string]uint64{"a": 4, "b": 0} {
		if ok, held := l.Allow(key, noon.Add(2*s)); !ok || held != want {
			t.Errorf("Allow of %s is %v and told of %d, want %d", key, ok, held, want)
		}
	}
	if got := l.Held(); got != 4 {
		t.Errorf("%d were held back, want 4", got)
	}
}

func TestNoLimiterAllowsAll(t *testing.T) {
	t.Parallel()
	(*flood.Limiter)(nil).Untold("a", 1, noon)
	var l *flood.Limiter
	for range 3 {
		if ok, held := l.Allow("a", noon); !ok || held != 0 {
			t.Errorf("Allow of nil = %v, %d, want true, 0", ok, held)
		}
	}
	if got := l.Held(); got != 0 {
		t.Errorf("Held of nil = %d, want 0", got)
	}
}

func TestManyGoroutinesShareALimiter(t *testing.T) {
	t.Parallel()
	const goroutines, calls = 8, 1000
	l := flood.NewLimiter(flood.Rate{Burst: 5, Every: s}, flood.Rate{Burst: 17, Every: s})
	var passed, told [4]atomic.Uint64
	var running sync.WaitGroup
	for g := range goroutines {
		running.Go(func() {
			for i := range calls {
				key := (i + g) % 4
				ok, held := l.Allow(strconv.Itoa(key), noon)
				if ok {
					passed[key].Add(1)
				}
				told[key].Add(held)
				l.Held()
			}
		})
	}
	running.Wait()
	all, rest := uint64(0), uint64(0)
	for key := range passed {
		_, held := l.Allow(strconv.Itoa(key), noon.Add(time.Minute))
		rest += told[key].Load() + held
		all += passed[key].Load()
		if got := passed[key].Load(); got > 5 {
			t.Errorf("%d of key %d passed, want at most 5", got, key)
		}
	}
	if all != 17 {
		t.Errorf("%d passed, want 17", all)
	}
	if want := uint64(goroutines*calls) - all; rest != want || l.Held() != want {
		t.Errorf("told of %d held back, and Held = %d, want %d", rest, l.Held(), want)
	}
}
