package flood_test

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/flood"
)

func TestAllowNoAlloc(t *testing.T) {
	l := flood.NewLimiter(flood.Rate{Burst: 2, Every: s}, flood.Rate{Burst: 3, Every: s})
	keys := [2]string{"*net.OpError", strings.Repeat("x", 10<<20)}
	i := 0
	step := func() {
		i++
		l.Allow(keys[i%2], noon.Add(time.Duration(i)*100*time.Millisecond))
		l.Held()
	}
	step()
	step()
	if got := testing.AllocsPerRun(1000, step); got != 0 {
		t.Errorf("Allow of a known key allocates %v times, want 0", got)
	}
}

func TestAgainNoAlloc(t *testing.T) {
	seen := flood.NewSeen[int](10, s)
	failed := [4]error{errors.New("x"), &number{status: 500}, errStatic, byValue{"x"}}
	places := [3]flood.Place{code, log, middleware}
	i := 0
	step := func() {
		i++
		seen.Again(failed[i%4], i/1000, places[i%3], noon.Add(time.Duration(i)*time.Millisecond))
	}
	for range 4 {
		step()
	}
	if got := testing.AllocsPerRun(10_000, step); got != 0 {
		t.Errorf("Again of a known error allocates %v times, want 0", got)
	}
}

func TestAgainOfASeenThatRemembersNothingNoAlloc(t *testing.T) {
	for name, seen := range map[string]*flood.Seen[int]{"size": flood.NewSeen[int](0, s), "window": flood.NewSeen[int](10, 0)} {
		if got := testing.AllocsPerRun(100, func() { seen.Again(errors.New("x"), 0, code, noon) }); got != 1 {
			t.Errorf("a new error and Again without a %s allocate %v times, want 1 for the error", name, got)
		}
	}
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Like all that measures memory it is not run with the race detector.
func TestMemoryOfALimiterNoAlloc(t *testing.T) {
	before := heap()
	l := flood.NewLimiter(flood.Rate{Burst: 10, Every: s}, flood.Rate{Burst: 100, Every: s})
	for i := range 10 {
		l.Allow(strconv.Itoa(i)+strings.Repeat("x", 10<<20), noon)
	}
	for i := range 100_000 {
		l.Allow(strconv.Itoa(i), noon)
	}
	if used := heap() - before; used > 300_000 {
		t.Errorf("a Limiter that met 100,000 keys uses %d bytes, want at most 300,000", used)
	}
	runtime.KeepAlive(l)
}

func TestMemoryOfASeenNoAlloc(t *testing.T) {
	type body struct {
		failure
		_ [4096]byte
	}
	before := heap()
	seen := flood.NewSeen[int](4096, 10*s)
	for range 20_000 {
		seen.Again(&(&body{}).failure, 0, code, noon)
		seen.Again(&number{}, 0, code, noon)
	}
	if used := heap() - before; used > 2_000_000 {
		t.Errorf("a Seen that met 40,000 errors uses %d bytes, want at most 2,000,000", used)
	}
	runtime.KeepAlive(seen)
}

// BenchmarkAllow is what a key costs that is known.
func BenchmarkAllow(b *testing.B) {
	for name, rate := range map[string]flood.Rate{"Held": {Burst: 10, Every: time.Hour}, "Passed": {Burst: 10, Every: 1}} {
		b.Run(name, func(b *testing.B) {
			l := flood.NewLimiter(rate, flood.Rate{Burst: 100, Every: 1})
			now := noon
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(time.Microsecond)
				l.Allow("*net.OpError", now)
			}
		})
	}
}

func BenchmarkAllowOfMany(b *testing.B) {
	l := flood.NewLimiter(flood.Rate{Burst: 10, Every: s}, flood.Rate{Burst: 100, Every: s})
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = "github.com/example/shop/errors." + strconv.Itoa(i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		l.Allow(keys[i%len(keys)], noon)
	}
}

// BenchmarkAllowNew is what a key costs that is not known, and displaces another.
func BenchmarkAllowNew(b *testing.B) {
	l := flood.NewLimiter(flood.Rate{Burst: 10, Every: s}, flood.Rate{Burst: 100, Every: s})
	keys := make([]string, 4096)
	for i := range keys {
		keys[i] = "github.com/example/shop/errors." + strconv.Itoa(i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		l.Allow(keys[i%len(keys)], noon)
	}
}

func BenchmarkAllowParallel(b *testing.B) {
	l := flood.NewLimiter(flood.Rate{Burst: 10, Every: s}, flood.Rate{Burst: 100, Every: s})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Allow("*net.OpError", noon)
		}
	})
}

// BenchmarkAgain is what an error costs that was captured a moment ago, by one place more.
func BenchmarkAgain(b *testing.B) {
	places := [4]flood.Place{code, log, middleware, job}
	for name, err := range map[string]error{"Text": errors.New("x"), "Number": &number{status: 500}, "Static": errStatic} {
		b.Run(name, func(b *testing.B) {
			seen := flood.NewSeen[int](4096, s)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i++
				seen.Again(err, 1, places[i%4], noon)
			}
		})
	}
}

func BenchmarkAgainOfMany(b *testing.B) {
	seen := flood.NewSeen[int](4096, s)
	failed := make([]error, 4096)
	for i := range failed {
		failed[i] = errors.New("x")
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		seen.Again(failed[i%4096], 1, code, noon)
	}
}

// BenchmarkAgainNew is what an error costs that was not captured before, and displaces another. An allocation is its own.
func BenchmarkAgainNew(b *testing.B) {
	for name, fail := range map[string]func() error{
		"Text":   func() error { return errors.New("x") },
		"Number": func() error { return &number{status: 500} },
		"Struct": func() error { return &withC{text: "x"} },
	} {
		b.Run(name, func(b *testing.B) {
			seen := flood.NewSeen[int](4096, s)
			b.ReportAllocs()
			for b.Loop() {
				seen.Again(fail(), 1, code, noon)
			}
		})
	}
}

func BenchmarkAgainParallel(b *testing.B) {
	seen := flood.NewSeen[int](4096, s)
	err := errors.New("x")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			seen.Again(err, 1, code, noon)
		}
	})
}
