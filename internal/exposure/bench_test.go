package exposure_test

import (
	"strconv"
	"testing"

	"github.com/hedgerow/posthog/internal/exposure"
)

// shop returns the exposures of that many people to one flag.
func shop(people int) []exposure.Exposure {
	seen := make([]exposure.Exposure, people)
	for i := range seen {
		seen[i] = exposure.Exposure{DistinctID: "user-" + strconv.Itoa(i), Flag: "new-checkout", Value: exposure.Enabled(true)}
	}
	return seen
}

func tracker(seen []exposure.Exposure) *exposure.Tracker {
	t := exposure.New(0)
	for _, e := range seen {
		t.First(t.Key(e))
	}
	return t
}

// BenchmarkReported is what a read of a flag costs whose exposure is known.
func BenchmarkReported(b *testing.B) {
	seen := shop(1)
	t := tracker(seen)
	b.ReportAllocs()
	for b.Loop() {
		t.First(t.Key(seen[0]))
	}
}

func BenchmarkReportedOfMany(b *testing.B) {
	seen := shop(300_000)
	t := tracker(seen)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		t.First(t.Key(seen[i]))
		if i++; i == len(seen) {
			i = 0
		}
	}
}

func BenchmarkReportedInGroups(b *testing.B) {
	e := shop(1)[0]
	e.Groups = map[string]any{"company": "acme", "team": 12}
	t := tracker([]exposure.Exposure{e})
	b.ReportAllocs()
	for b.Loop() {
		t.First(t.Key(e))
	}
}

func BenchmarkReportedParallel(b *testing.B) {
	seen := shop(1000)
	t := tracker(seen)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			t.First(t.Key(seen[i%len(seen)]))
		}
	})
}

func BenchmarkKey(b *testing.B) {
	e := shop(1)[0]
	t := exposure.New(0)
	b.ReportAllocs()
	for b.Loop() {
		t.Key(e)
	}
}

// BenchmarkFirst is what an exposure costs that is new, in a table that is full.
func BenchmarkFirst(b *testing.B) {
	e := shop(1)[0]
	t := exposure.New(0)
	id := []byte("user-00000000")
	b.ReportAllocs()
	for b.Loop() {
		for i := len(id) - 1; ; i-- {
			if id[i]++; id[i] <= '9' {
				break
			}
			id[i] = '0'
		}
		e.DistinctID = string(id)
		t.First(t.Key(e))
	}
}
