package flags_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// counting is an engine that supports everything and counts the searches.
type counting struct{ searches atomic.Int64 }

func (c *counting) Compile(string) (flags.RegexpPattern, error) { return (*countingPattern)(c), nil }

type countingPattern counting

func (c *countingPattern) MatchString(text string) (bool, error) {
	c.searches.Add(1)
	return strings.Contains(text, "ada"), nil
}

// What flags have in common is evaluated once a call: cohorts that refer to the same cohort twice, 30 deep, would
// take a thousand million searches otherwise, and so would flags.
//
// Proves FL-24 and FL-26.
func TestCohortsAndFlagsAreEvaluatedOnceACall(t *testing.T) {
	t.Parallel()
	const deep = 30
	slow := given("100", "", person("email", "regex", `"(?<=x)ada"`))
	var ladder, definitions []string
	for i := range deep {
		next := in("in", fmt.Sprint(i+1))
		ladder = append(ladder, fmt.Sprintf(`"%d":%s`, i, allOf(next, anyOf(next), not(in("not_in", fmt.Sprint(i+1))))))
		below := depends(fmt.Sprint("f", i+1), "true")
		definitions = append(definitions, named(fmt.Sprint("f", i), list(given("100", "", below, below)), ""))
	}
	ladder = append(ladder, fmt.Sprintf(`"%d":%s`, deep, allOf(person("email", "regex", `"(?<=x)ada"`))))
	definitions = append(definitions, named(fmt.Sprint("f", deep), list(slow), ""), named("member", list(given("100", "", in("in", "0"))), ""))
	d := parse(t, document(cohorts(ladder...), definitions...))
	for name, known := range map[string]properties{"a match": {"email": "ada"}, "a miss": {"email": "bob"}, "open": {}} {
		engine := &counting{}
		p := flags.Compile(d, flags.Options{Regexp: engine})
		s := with(known)
		want := p.Evaluate("member", &s)
		if got := p.Evaluate("f0", &s); got.Enabled != want.Enabled || (got.Inconclusive == nil) != (want.Inconclusive == nil) {
			t.Errorf("%s: flags say %s, cohorts %s", name, full(got), full(want))
		}
		before := engine.searches.Load()
		results := p.EvaluateAll(&s, nil)
		if searches := engine.searches.Load() - before; searches > 2 {
			t.Errorf("%s: %d searches in one call, want one for the cohort and one for the flag", name, searches)
		}
		for _, r := range results {
			if r.Enabled != want.Enabled {
				t.Errorf("%s: %s is %s, want what member is, %s", name, r.Key, full(r), full(want))
			}
		}
		p.Explain("member", &s)
		if text := p.Explain("f0", &s).String(); strings.Count(text, "\n") > 20*deep {
			t.Errorf("%s: an explanation of %d lines, want a few for each flag", name, strings.Count(text, "\n"))
		}
	}
}

// broken is an engine that fails in one way or another.
type broken struct{ compile, match func() }

func (b broken) Compile(string) (flags.RegexpPattern, error) {
	if b.compile != nil {
		b.compile()
		return nil, errors.New("no")
	}
	if b.match == nil {
		return nil, nil //nolint:nilnil // what a careless engine does
	}
	return b, nil
}

func (b broken) MatchString(string) (bool, error) {
	b.match()
	return true, errors.New("given up")
}

// Proves FL-23 and FL-28.
func TestAnEngineThatFailsLeavesTheFlagOpen(t *testing.T) {
	t.Parallel()
	d := parse(t, document("", named(redesign, list(given("100", "", person("email", "not_regex", `"(?<=x)ada"`))), "")))
	s := with(properties{"email": "ada"})
	for name, test := range map[string]struct {
		engine flags.RegexpEngine
		want   flags.Why
	}{
		"it refuses the pattern":    {broken{compile: func() {}}, flags.UnsupportedPattern},
		"it panics at the pattern":  {broken{compile: func() { panic("oops") }}, flags.UnsupportedPattern},
		"it returns no pattern":     {broken{}, flags.UnsupportedPattern},
		"it gives up the search":    {broken{match: func() {}}, flags.PatternLimit},
		"it panics during a search": {broken{match: func() { panic("oops") }}, flags.PatternLimit},
	} {
		p := flags.Compile(d, flags.Options{Regexp: test.engine})
		if r := p.Evaluate(redesign, &s); r.Inconclusive == nil || r.Inconclusive.Why != test.want {
			t.Errorf("%s: got %s, want %v", name, full(r), test.want)
		}
	}
}
