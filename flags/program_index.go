package flags

import (
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Len returns how many flags the program has: the number of results of [Program.EvaluateAll].
func (p *Program) Len() int {
	if p == nil {
		return 0
	}
	return len(p.flags)
}

// Lookup returns the index of the flag with a key: that of its result among those of [Program.EvaluateAll], if they
// begin an empty slice. It is not ok if there is no such flag.
func (p *Program) Lookup(key string) (index int, ok bool) {
	if p == nil {
		return none, false
	}
	at, ok := p.index[key]
	if !ok {
		return none, false
	}
	return int(at), true
}

// UsesClock reports whether any flag or cohort has a relative date, so that [Subject.Now] may matter. It looks through
// the whole program: ask once, and remember.
func (p *Program) UsesClock() bool {
	if p == nil {
		return false
	}
	for i := range p.flags {
		for j := range p.flags[i].conditions {
			for k := range p.flags[i].conditions[j].filters {
				if p.flags[i].conditions[j].filters[k].usesClock() {
					return true
				}
			}
		}
	}
	for i := range p.cohorts {
		if p.cohorts[i].root.usesClock() {
			return true
		}
	}
	return false
}

func (n *node) usesClock() bool {
	if n.kind == leafNode {
		return n.leaf.usesClock()
	}
	for i := range n.children {
		if n.children[i].usesClock() {
			return true
		}
	}
	return false
}

// usesClock asks the filter without a time: those that need one say so, whatever the property.
func (f *filter) usesClock() bool {
	if f.kind != propertyFilter || f.test == nil {
		return false
	}
	_, cause := f.test.Match(match.Value{}, time.Time{})
	return cause == match.NoClock
}
