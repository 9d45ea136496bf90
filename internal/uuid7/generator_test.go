package uuid7_test

import (
	"bytes"
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/uuid7"
)

var noon = time.Date(2026, 8, 22, 12, 0, 0, 123_456_789, time.UTC)

// millisecond returns the Unix time in milliseconds that a UUID carries.
func millisecond(u uuid7.UUID) int64 {
	return int64(binary.BigEndian.Uint64(u[:8]) >> 16)
}

func TestNewHasVersionVariantAndTime(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		now  time.Time
		want int64
	}{
		"an instant of today":              {noon, noon.UnixMilli()},
		"the same instant in another zone": {noon.In(time.FixedZone("", 19800)), noon.UnixMilli()},
		"the zero time counts as 1970":     {time.Time{}, 0},
		"an instant after the year 6429":   {time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 1<<47 - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var generator uuid7.Generator
			u := generator.New(tc.now)
			if version, variant := u[6]>>4, u[8]>>6; version != 7 || variant != 2 {
				t.Errorf("New(%v) = %v: got version %d and variant %b, want 7 and 10", tc.now, u, version, variant)
			}
			if got := millisecond(u); got != tc.want {
				t.Errorf("New(%v) = %v: got millisecond %d, want %d", tc.now, u, got, tc.want)
			}
		})
	}
}

func TestNewKeepsTheFractionOfAMillisecond(t *testing.T) {
	t.Parallel()
	var generator uuid7.Generator
	u := generator.New(noon)
	got, want := binary.BigEndian.Uint16(u[6:])&0x0fff, uint16(456_789*4096/1_000_000)
	if got != want {
		t.Errorf("New(%v) = %v: got fraction %d, want %d", noon, u, got, want)
	}
}

func TestNewIncreasesWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	for name, clock := range map[string]func(i int) time.Time{
		"a clock that stands still":         func(int) time.Time { return noon },
		"a clock that ticks in nanoseconds": func(i int) time.Time { return noon.Add(time.Duration(i)) },
		"a clock that goes back an hour": func(i int) time.Time {
			if i == 0 {
				return noon
			}
			return noon.Add(-time.Hour)
		},
		"a clock that jumps to and fro": func(i int) time.Time { return noon.Add(time.Duration(i%7) * time.Minute) },
		"a clock before 1970":           func(i int) time.Time { return time.Unix(-int64(i), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var generator uuid7.Generator
			before := generator.New(clock(0))
			for i := 1; i < 10_000; i++ { // more than the 4096 steps a millisecond has
				after := generator.New(clock(i))
				if bytes.Compare(before[:], after[:]) >= 0 {
					t.Fatalf("call %d: got %v after %v, want a greater one", i, after, before)
				}
				before = after
			}
		})
	}
}

func TestNewReturnsToTheClockThatCatchesUp(t *testing.T) {
	t.Parallel()
	var generator uuid7.Generator
	generator.New(noon)
	generator.New(noon.Add(-time.Hour))
	later := noon.Add(time.Second)
	if got, want := millisecond(generator.New(later)), later.UnixMilli(); got != want {
		t.Errorf("after the clock caught up: got millisecond %d, want %d", got, want)
	}
}

func TestNewFromManyGoroutines(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 10_000
	var generator uuid7.Generator
	var made [goroutines][each]uuid7.UUID
	var group sync.WaitGroup
	start := make(chan struct{}) // closed by the test once all are waiting for it or about to
	for g := range goroutines {
		group.Go(func() {
			<-start
			for i := range each {
				made[g][i] = generator.New(noon)
			}
		})
	}
	close(start)
	group.Wait()

	seen := make(map[uint64]bool, goroutines*each) // by the time alone: random bits would hide a repeated one
	for g := range goroutines {
		for i, u := range made[g] {
			key := binary.BigEndian.Uint64(u[:8])
			if seen[key] {
				t.Fatalf("goroutine %d, call %d: got %v, whose time another UUID has, want one of its own", g, i, u)
			}
			seen[key] = true
			if i > 0 && bytes.Compare(made[g][i-1][:], u[:]) >= 0 {
				t.Fatalf("goroutine %d, call %d: got %v after %v, want a greater one", g, i, u, made[g][i-1])
			}
		}
	}
}

func TestNewDiffersBetweenGenerators(t *testing.T) {
	t.Parallel()
	var one, other uuid7.Generator
	if a, b := one.New(noon), other.New(noon); bytes.Equal(a[8:], b[8:]) {
		t.Errorf("two generators at the same instant made %v and %v, want different random bits", a, b)
	}
}

func TestNewNoAlloc(t *testing.T) {
	var generator uuid7.Generator
	if got := testing.AllocsPerRun(100, func() { generator.New(noon) }); got != 0 {
		t.Errorf("New allocates %v times, want 0", got)
	}
}

func BenchmarkNew(b *testing.B) {
	var generator uuid7.Generator
	b.ReportAllocs()
	for b.Loop() {
		generator.New(noon)
	}
}
