package exposure_test

import (
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hedgerow/posthog/internal/exposure"
)

// numbered returns the key of the i-th of many exposures, which differ in their distinct id.
func numbered(t *exposure.Tracker, i int) exposure.Key {
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], uint64(i))
	return t.Key(exposure.Exposure{DistinctID: string(id[:]), Flag: "new-nav", Value: exposure.Enabled(true)})
}

// Proves FT-01 and FT-06: of 1,000 goroutines that read one flag, one reports it.
func TestOneOfManyGoroutinesIsTheFirst(t *testing.T) {
	t.Parallel()
	tracker := exposure.New(0)
	key := numbered(tracker, 1)
	var firsts atomic.Int32
	var running sync.WaitGroup
	start := make(chan struct{})
	for range 1000 {
		running.Go(func() {
			<-start
			if tracker.First(key) {
				firsts.Add(1)
			}
		})
	}
	close(start)
	running.Wait()
	if got := firsts.Load(); got != 1 {
		t.Errorf("%d of 1000 goroutines were first, want 1", got)
	}
}

// Proves FT-06 while the table grows under the readers.
func TestEachExposureHasOneFirstWhileTheTableGrows(t *testing.T) {
	t.Parallel()
	const exposures, goroutines = 5000, 4
	tracker := exposure.New(0)
	var firsts atomic.Int32
	var running sync.WaitGroup
	for g := range goroutines {
		running.Go(func() {
			for i := range exposures {
				if tracker.First(numbered(tracker, (i+g*exposures/8)%exposures)) {
					firsts.Add(1)
				}
			}
		})
	}
	running.Wait()
	if got := firsts.Load(); got != exposures {
		t.Errorf("%d firsts of %d exposures, want one each", got, exposures)
	}
}

// Proves FT-06: what could not be enqueued is tried again.
func TestAForgottenExposureIsFirstAgain(t *testing.T) {
	t.Parallel()
	tracker := exposure.New(0)
	tracker.Forget(numbered(tracker, 7)) // of an empty table
	for i := range 100 {
		tracker.First(numbered(tracker, i))
	}
	tracker.Forget(numbered(tracker, 7))
	tracker.Forget(numbered(tracker, 1000)) // never met
	for i := range 100 {
		if got, want := tracker.First(numbered(tracker, i)), i == 7; got != want {
			t.Errorf("First of exposure %d = %v, want %v", i, got, want)
		}
	}
}

// Proves FT-05.
func TestClearForgetsAll(t *testing.T) {
	t.Parallel()
	tracker := exposure.New(0)
	for i := range 1000 {
		tracker.First(numbered(tracker, i))
	}
	tracker.Clear()
	if got := tracker.Bytes(); got != 0 {
		t.Errorf("Bytes after Clear = %d, want 0", got)
	}
	for i := range 1000 {
		if !tracker.First(numbered(tracker, i)) {
			t.Fatalf("exposure %d is known after Clear", i)
		}
	}
}

// Proves FT-04 at a tenth of the default size; the default itself is below.
func TestTheTableHoldsWhatItIsFor(t *testing.T) {
	t.Parallel()
	const exposures, size = 30_000, exposure.DefaultBytes / 10
	tracker := exposure.New(size)
	if got := tracker.Bytes(); got != 0 {
		t.Errorf("Bytes of an unused Tracker = %d, want 0", got)
	}
	requireAll(t, tracker, exposures, hardlyAny)
	if got := tracker.Bytes(); got > size {
		t.Errorf("Bytes = %d, want at most %d", got, size)
	}
}

func TestTheTableGrowsAsItFills(t *testing.T) {
	t.Parallel()
	tracker := exposure.New(0)
	requireAll(t, tracker, 20_000, 0)
	if got := tracker.Bytes(); got == 0 || got > 1<<20 {
		t.Errorf("Bytes after 20,000 exposures = %d, want at most 1 MiB", got)
	}
}

// hardlyAny is the share of exposures that a table may lose that may not grow: by chance, it is a few in one of some
// thousand runs.
const hardlyAny = 1. / 1000

// requireAll fails the test unless so many exposures are new and, but for a share, known afterwards.
func requireAll(t *testing.T, tracker *exposure.Tracker, exposures int, lost float64) {
	t.Helper()
	for i := range exposures {
		if !tracker.First(numbered(tracker, i)) {
			t.Fatalf("exposure %d is known at once", i)
		}
	}
	again := 0
	for i := range exposures {
		if tracker.First(numbered(tracker, i)) {
			again++
		}
	}
	if most := int(lost * float64(exposures)); again > most {
		t.Errorf("%d of %d exposures were displaced, want %d at most", again, exposures, most)
	}
}

// Proves FT-04: a table that overflows stays within its size, goes on telling what is new, and keeps what is met often.
func TestAFullTableDisplacesOneByOne(t *testing.T) {
	t.Parallel()
	const size, popular, passing = 64 << 10, 50, 20_000
	tracker := exposure.New(size)
	for i := range popular {
		tracker.First(numbered(tracker, -1-i))
	}
	again := 0
	for i := range passing {
		if !tracker.First(numbered(tracker, i)) {
			t.Fatalf("exposure %d is known at once", i)
		}
		if i%100 == 0 {
			for j := range popular {
				if tracker.First(numbered(tracker, -1-j)) {
					again++
				}
			}
		}
	}
	if again > popular {
		t.Errorf("exposures met all the time were displaced %d times in %d rounds of %d, want hardly ever", again, passing/100, popular)
	}
	if got := tracker.Bytes(); got > size {
		t.Errorf("Bytes = %d, want at most %d", got, size)
	}
	const slots = size / 128 * 7
	kept := 0
	for i := passing - slots/4; i < passing; i++ {
		if !tracker.First(numbered(tracker, i)) {
			kept++
		}
	}
	if kept < slots/4*7/10 {
		t.Errorf("%d of the last %d exposures are known, want most: the table has %d places", kept, slots/4, slots)
	}
}

func TestSizesOutOfTheOrdinary(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ size, want int }{
		"negative":   {-1, exposure.DefaultBytes},
		"tiny":       {1, 32 << 10},
		"no divisor": {100_001, 100_001},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tracker := exposure.New(tc.size)
			for i := range 4000 {
				if !tracker.First(numbered(tracker, i)) {
					t.Fatalf("size %d: exposure %d is known at once", tc.size, i)
				}
				if tracker.First(numbered(tracker, i)) {
					t.Fatalf("size %d: exposure %d is unknown right after its report", tc.size, i)
				}
			}
			if got := tracker.Bytes(); got > tc.want {
				t.Errorf("size %d: Bytes = %d, want at most %d", tc.size, got, tc.want)
			}
		})
	}
}

func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	tracker := exposure.New(64 << 10)
	var running sync.WaitGroup
	for g := range 4 {
		running.Go(func() {
			for i := range 1000 {
				key := numbered(tracker, i*(g+1)%700)
				tracker.First(key)
				switch {
				case i%7 == 0:
					tracker.Forget(key)
				case i%500 == 499:
					tracker.Clear()
				}
			}
		})
	}
	running.Wait()
	tracker.Clear()
	if !tracker.First(numbered(tracker, 0)) {
		t.Error("an exposure is known after Clear")
	}
}

func TestFirstNoAlloc(t *testing.T) {
	tracker := exposure.New(0)
	e := exposure.Exposure{
		DistinctID: "user-9", DeviceID: "0199c0de-0000-7000-8000-000000000001-and-a-text-that-is-longer-than-fits", Flag: "new-nav",
		Value: exposure.Variant("blue"), Groups: map[string]any{"company": "acme", "team": 12, "office": 3.0, "floor": int64(1) << 40},
	}
	step := func() {
		key := tracker.Key(e)
		tracker.First(key)
		tracker.First(key)
		tracker.Forget(key)
	}
	step()
	if got := testing.AllocsPerRun(1000, step); got != 0 {
		t.Errorf("Key, First and Forget of %+v allocate %v times, want 0", e, got)
	}
}

// Proves FT-04 at full size, on the heap. Like all that measures memory it is not run with the race detector.
func TestMemoryOfTheDefaultNoAlloc(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	tracker := exposure.New(0)
	requireAll(t, tracker, 300_000, hardlyAny)
	for i := range 700_000 {
		tracker.First(numbered(tracker, i))
	}
	if used := int64(heap()) - int64(before); used > 16_000_000 {
		t.Errorf("a table that met 700,000 exposures uses %d bytes, want at most 16,000,000", used)
	}
	runtime.KeepAlive(tracker)
}
