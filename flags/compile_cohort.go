package flags

import "strconv"

// compileCohorts compiles the trees of all cohorts, asked for or not: their problems are worth knowing.
func (c *compiler) compileCohorts() {
	for i := range c.program.cohorts {
		compiled := &c.program.cohorts[i]
		definition := c.definitions.Cohorts[compiled.id]
		c.place = place{vertex: c.graph.cohort(int32(i)), cohort: compiled.id} //nolint:gosec // numbered so
		compiled.root = c.node(&definition.Root, "", 1)
	}
	c.place.path = ""
}

// node compiles a node at a depth of a tree. Parse lets no tree be deeper than the limit, but definitions need not come
// from Parse.
func (c *compiler) node(d *CohortNode, path string, depth int) node {
	c.place.path = path
	switch {
	case d.Err != nil || depth > maxCohortDepth:
		return node{kind: brokenNode, why: MalformedFilter}
	case d.Filter != nil:
		return node{kind: leafNode, leaf: c.leaf(d.Filter)}
	}
	compiled := node{children: make([]node, len(d.Children))}
	switch d.Type {
	case "OR":
		compiled.kind = anyNode
	case "AND", "property":
		compiled.kind = allNode
	default:
		return node{kind: brokenNode, why: MalformedFilter}
	}
	for i := range d.Children {
		compiled.children[i] = c.node(&d.Children[i], childPath(path, i), depth+1)
	}
	return compiled
}

// childPath is the path of a child of the node at a path.
func childPath(path string, index int) string {
	child := "values[" + strconv.Itoa(index) + "]"
	if path == "" {
		return child
	}
	return path + "." + child
}
