package flags

import "strconv"

// The limits of recursion. Documents of people stay far below.
const (
	maxDependencies = 64 // flags below a flag
	maxCohorts      = 32 // cohorts below a filter
)

// link decides, when all filters are compiled, which of their references are followed, and what is worth remembering
// during a call.
func (c *compiler) link() {
	c.graph.survey()
	for i := range c.program.flags {
		f := &c.program.flags[i]
		v := int32(i) //nolint:gosec // numbered so
		c.place = place{vertex: v, flag: f.definition.Key}
		f.broken = c.graph.of(v).broken
		if c.graph.used[v] {
			f.memo = int32(c.program.shared) //nolint:gosec // no more than flags
			c.program.shared++
		}
		for at := range f.conditions {
			for n := range f.conditions[at].filters {
				c.place.path = "filters.groups[" + strconv.Itoa(at) + "].properties[" + strconv.Itoa(n) + "]"
				c.follow(&f.conditions[at].filters[n])
			}
		}
	}
	for i := range c.program.cohorts {
		compiled := &c.program.cohorts[i]
		v := c.graph.cohort(int32(i)) //nolint:gosec // numbered so
		c.place = place{vertex: v, cohort: compiled.id}
		compiled.cyclic = c.graph.of(v).cyclic
		c.followNode(&compiled.root, "")
	}
}

// followNode is follow for the leaves of a cohort's tree.
func (c *compiler) followNode(n *node, path string) {
	if n.kind == leafNode {
		c.place.path = path
		c.follow(&n.leaf)
		return
	}
	for i := range n.children {
		c.followNode(&n.children[i], childPath(path, i))
	}
}

// follow cuts the reference of a filter if it leads back to the filter's owner, or too deep.
func (c *compiler) follow(f *filter) {
	var why Why
	var message string
	switch {
	case f.kind == flagFilter && c.graph.within(c.place.vertex, f.target):
		why, message = DependencyCycle, "depends on the flag itself"
	case f.kind == flagFilter && c.graph.of(f.target).flagsDeep > maxDependencies:
		why, message = DependencyCycle, "has more than "+strconv.Itoa(maxDependencies)+" dependencies below each other"
	case f.kind == flagFilter:
		c.lost(f)
		return
	case f.kind != cohortFilter || f.target == none:
		return
	case c.graph.within(c.place.vertex, c.graph.cohort(f.target)):
		why, message = CohortCycle, "refers back to where it is"
	case c.graph.of(c.graph.cohort(f.target)).cohortsDeep > maxCohorts:
		why, message = CohortCycle, "has more than "+strconv.Itoa(maxCohorts)+" cohorts below each other"
	default:
		c.lost(f)
		return
	}
	c.report("", message)
	*f = broken(f.source, why)
}

// lost reports a reference to what depends on a flag that is missing or on itself, which what refers to it then does too.
func (c *compiler) lost(f *filter) {
	target := f.target
	if f.kind == cohortFilter {
		target = c.graph.cohort(target)
	}
	if c.graph.of(target).broken != 0 {
		c.report("", "leads to a flag that depends on one that is missing, or on itself")
	}
}
