package flagsync

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/flags"
)

// Change says what is different after definitions were loaded, or cleared. The lists are sorted.
type Change struct {
	// Generation is that of the State with these definitions.
	Generation uint64
	// Added, Removed and Changed are the keys of flags. A flag has changed when its definition has, or that of
	// a cohort or a flag it depends on, or a rule that holds for all flags.
	Added, Removed, Changed []string
}

func (c *Change) empty() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) == 0 }

func (c *Change) clone() Change {
	return Change{c.Generation, slices.Clone(c.Added), slices.Clone(c.Removed), slices.Clone(c.Changed)}
}

// difference returns what is different in to.
func difference(from, to *State) Change {
	before, after := from.definitions(), to.definitions()
	old, now := byKey(before), byKey(after)
	affected := affectedBy(before, after, old, now)
	change := Change{Generation: to.Generation}
	for key := range old {
		if now[key] == nil {
			change.Removed = append(change.Removed, key)
		}
	}
	for key := range now {
		switch {
		case old[key] == nil:
			change.Added = append(change.Added, key)
		case affected.flags[key]:
			change.Changed = append(change.Changed, key)
		}
	}
	slices.Sort(change.Added)
	slices.Sort(change.Removed)
	slices.Sort(change.Changed)
	return change
}

// byKey indexes the flags, of which the last one with a key counts.
func byKey(d *flags.Definitions) map[string]*flags.Flag {
	index := make(map[string]*flags.Flag)
	if d == nil {
		return index
	}
	for i := range d.Flags {
		index[d.Flags[i].Key] = &d.Flags[i]
	}
	return index
}

// affected are the flags and cohorts whose answers may be others than before.
type affected struct {
	flags   map[string]bool
	cohorts map[string]bool
}

// affectedBy finds everything that differs, and then whatever depends on it.
func affectedBy(before, after *flags.Definitions, old, now map[string]*flags.Flag) affected {
	a := affected{flags: make(map[string]bool), cohorts: make(map[string]bool)}
	if after == nil {
		return a
	}
	everything := before == nil || before.PropertyMatchingVersion != after.PropertyMatchingVersion ||
		!maps.Equal(before.GroupTypes, after.GroupTypes)
	for key, flag := range now {
		if was := old[key]; everything || was == nil || !sameJSON(was.Raw, flag.Raw) {
			a.flags[key] = true
		}
	}
	for key := range old {
		if now[key] == nil {
			a.flags[key] = true
		}
	}
	if everything {
		return a
	}
	for id, cohort := range after.Cohorts {
		if was, known := before.Cohorts[id]; !known || !sameJSON(was.Raw, cohort.Raw) {
			a.cohorts[id] = true
		}
	}
	for id := range before.Cohorts {
		if _, known := after.Cohorts[id]; !known {
			a.cohorts[id] = true
		}
	}
	for len(a.flags)+len(a.cohorts) > 0 && a.spread(after, now) {
	}
	return a
}

// spread adds what depends on something affected, and reports whether there was any.
func (a affected) spread(d *flags.Definitions, now map[string]*flags.Flag) bool {
	grown := false
	for id, cohort := range d.Cohorts {
		if !a.cohorts[id] && a.node(&cohort.Root) {
			a.cohorts[id], grown = true, true
		}
	}
	for key, flag := range now {
		if !a.flags[key] && a.flag(flag) {
			a.flags[key], grown = true, true
		}
	}
	return grown
}

// flag reports whether a flag depends on something affected.
func (a affected) flag(f *flags.Flag) bool {
	for i := range f.Conditions {
		for j := range f.Conditions[i].Filters {
			if a.filter(&f.Conditions[i].Filters[j]) {
				return true
			}
		}
	}
	return false
}

// node reports whether a part of a cohort does.
func (a affected) node(n *flags.CohortNode) bool {
	if n.Filter != nil && a.filter(n.Filter) {
		return true
	}
	for i := range n.Children {
		if a.node(&n.Children[i]) {
			return true
		}
	}
	return false
}

// filter reports whether a filter does.
func (a affected) filter(f *flags.Filter) bool {
	switch f.Type {
	case "flag":
		return a.flags[f.Key]
	case "cohort":
		return a.cohorts[strings.Trim(string(f.Value), `" `)]
	}
	return false
}

// sameJSON reports whether two values are the same but for white space.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}
