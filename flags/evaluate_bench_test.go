package flags_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/flags/internal/sample"
)

// bench returns a program of n sample flags of a kind and a subject that its filters match.
func bench(tb testing.TB, n int, kind string) (*flags.Program, *flags.Subject) {
	tb.Helper()
	d, err := flags.Parse(sample.Document(n, kind))
	if err != nil {
		tb.Fatal(err)
	}
	return flags.Compile(d, flags.Options{}), &flags.Subject{DistinctID: "user-42", PersonProperties: sample.Person(),
		Groups: []flags.Group{{Type: "company", Key: "acme", Properties: map[string]any{"seats": 9}}}}
}

func benchmarkOne(b *testing.B, kind string, inParallel bool) {
	b.Helper()
	p, s := bench(b, 500, kind)
	key := sample.Key(250)
	if r := p.Evaluate(key, s); r.Inconclusive != nil {
		b.Fatalf("%s is inconclusive: %v", key, r.Inconclusive)
	}
	b.ReportAllocs()
	if inParallel {
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p.Evaluate(key, s)
			}
		})
		return
	}
	for b.Loop() {
		p.Evaluate(key, s)
	}
}

func BenchmarkRollout(b *testing.B)             { benchmarkOne(b, sample.Simple, false) }
func BenchmarkFiveFilters(b *testing.B)         { benchmarkOne(b, sample.Filters, false) }
func BenchmarkMultivariate(b *testing.B)        { benchmarkOne(b, sample.Multivariate, false) }
func BenchmarkCohort(b *testing.B)              { benchmarkOne(b, sample.CohortMember, false) }
func BenchmarkFiveFiltersParallel(b *testing.B) { benchmarkOne(b, sample.Filters, true) }

func benchmarkAll(b *testing.B, n int, kind string) {
	b.Helper()
	p, s := bench(b, n, kind)
	results := p.EvaluateAll(s, nil)
	b.ReportAllocs()
	for b.Loop() {
		results = p.EvaluateAll(s, results[:0])
	}
}

func BenchmarkAll500Rollout(b *testing.B)     { benchmarkAll(b, 500, sample.Simple) }
func BenchmarkAll500FiveFilters(b *testing.B) { benchmarkAll(b, 500, sample.Filters) }
func BenchmarkAll500Mixed(b *testing.B)       { benchmarkAll(b, 500, sample.Mixed) }

func BenchmarkCompile2000Mixed(b *testing.B) {
	document := sample.Document(2000, sample.Mixed)
	b.ReportAllocs()
	for b.Loop() {
		d, err := flags.Parse(document)
		if err != nil {
			b.Fatal(err)
		}
		flags.Compile(d, flags.Options{})
	}
}
