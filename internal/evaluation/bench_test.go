package evaluation_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
)

// many returns definitions of n flags: rollouts, filters on the person, and variants by turns.
func many(n int) string {
	var b bytes.Buffer
	b.WriteString(`{"flags":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"key":"flag-%04d","version":3,"active":true,"filters":{"groups":[{"properties":[`, i+1, i)
		if i%3 == 1 {
			b.WriteString(`{"key":"plan","value":["pro","team"],"operator":"exact","type":"person"},{"key":"seats","value":"2","operator":"gt","type":"person"}`)
		}
		b.WriteString(`],"rollout_percentage":50}]`)
		if i%3 == 2 {
			b.WriteString(`,"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]},"payloads":{"a":"1"}`)
		}
		b.WriteString(`}}`)
	}
	b.WriteString(`],"group_type_mapping":{},"cohorts":{}}`)
	return b.String()
}

func benchRequest() *evaluation.Request {
	return &evaluation.Request{Subject: flags.Subject{DistinctID: "user-42", PersonProperties: map[string]any{"plan": "pro", "seats": 4}}}
}

func benchmarkOne(b *testing.B, s setup) {
	b.Helper()
	s.definitions = many(500)
	w := open(b, s)
	r, ctx := benchRequest(), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.One(ctx, "flag-0250", r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOne(b *testing.B)            { benchmarkOne(b, setup{}) }
func BenchmarkOneRemembered(b *testing.B)  { benchmarkOne(b, remembering("")) }
func BenchmarkAll500(b *testing.B)         { benchmarkAll(b, setup{}, nil) }
func BenchmarkAll500Lookup10(b *testing.B) { benchmarkAll(b, setup{}, lookup10) }
func BenchmarkAll500Iterate(b *testing.B)  { benchmarkAll(b, setup{}, iterate) }
func BenchmarkAll500Remember(b *testing.B) { benchmarkAll(b, remembering(""), nil) }

func BenchmarkOneParallel(b *testing.B) {
	w := open(b, setup{definitions: many(500)})
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := benchRequest()
		for pb.Next() {
			if _, err := w.One(ctx, "flag-0250", r); err != nil {
				b.Error(err)
			}
		}
	})
}

func lookup10(s *evaluation.Set) {
	for i := range 10 {
		s.Lookup(ten[i])
	}
}

func iterate(s *evaluation.Set) {
	for range s.All() {
	}
}

var ten = []string{"flag-0000", "flag-0050", "flag-0100", "flag-0150", "flag-0200", "flag-0250", "flag-0300", "flag-0350", "flag-0400", "flag-0450"}

func benchmarkAll(b *testing.B, s setup, use func(*evaluation.Set)) {
	b.Helper()
	s.definitions = many(500)
	w := open(b, s)
	r, ctx := benchRequest(), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		set, err := w.All(ctx, r)
		if err != nil {
			b.Fatal(err)
		}
		if use != nil {
			use(set)
		}
	}
}

func BenchmarkAll10Of500(b *testing.B) {
	w := open(b, setup{definitions: many(500)})
	r, ctx := benchRequest(), b.Context()
	r.Keys = ten
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.All(ctx, r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProgramAlone is the part of One and All that is not this package's.
func BenchmarkProgramAlone(b *testing.B) {
	d, err := flags.Parse([]byte(many(500)))
	if err != nil {
		b.Fatal(err)
	}
	p, r := flags.Compile(d, flags.Options{}), benchRequest()
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Evaluate("flag-0250", &r.Subject)
		}
	})
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.EvaluateAll(&r.Subject, nil)
		}
	})
}
