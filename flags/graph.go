package flags

// graph is what refers to what: its vertices are the flags of a program and, after them, its cohorts. Where a cycle is
// cut must not depend on where an evaluation begins. So cycles are found beforehand, as the graph's strongly
// connected components, and it is the edges within one that have no answer.
type graph struct {
	flags     int
	edges     [][]int32
	undefined []bool // the vertex depends on a flag that is missing
	used      []bool // something refers to the vertex

	component  []int32     // by vertex
	components []component // each after those that it refers to
}

// component is a vertex that leads nowhere back to itself, or all the vertices of one knot of cycles.
type component struct {
	members  []int32
	circular bool // it is a knot
	broken   Why  // not zero: it leads to a flag that is missing, or to one that leads back to itself
	cyclic   bool // a cohort in it is circular, or refers to a cohort that is cyclic

	// How many flags, and how many cohorts, are below each other from here on, with this component.
	flagsDeep, cohortsDeep int
}

func newGraph(flags, cohorts int) graph {
	n := flags + cohorts
	return graph{
		flags:     flags,
		edges:     make([][]int32, n),
		undefined: make([]bool, n),
		used:      make([]bool, n),
		component: make([]int32, n),
	}
}

// cohort is the vertex of the cohort with an index. Flags have their index as vertex.
func (g *graph) cohort(index int32) int32 { return int32(g.flags) + index } //nolint:gosec // both count what a document has

func (g *graph) isFlag(v int32) bool { return int(v) < g.flags }

// of is the component of a vertex.
func (g *graph) of(v int32) *component { return &g.components[g.component[v]] }

// connect notes that from refers to to.
func (g *graph) connect(from, to int32) {
	g.edges[from] = append(g.edges[from], to)
	g.used[to] = true
}

// within reports whether an edge is part of a cycle.
func (g *graph) within(from, to int32) bool { return g.component[from] == g.component[to] }

// survey finds the components and what there is to know of them, of those below first.
func (g *graph) survey() {
	g.findComponents()
	for i := range g.components {
		c := &g.components[i]
		c.circular = len(c.members) > 1
		var flags, cohorts int
		for _, v := range c.members {
			if g.isFlag(v) {
				flags = 1
			} else {
				cohorts = 1
			}
			if g.undefined[v] {
				c.broken = MissingDependency.or(c.broken)
			}
			for _, to := range g.edges[v] {
				g.lookDown(c, v, to)
			}
		}
		if c.circular && flags == 1 {
			c.broken = DependencyCycle.or(c.broken)
		}
		c.cyclic = c.cyclic || c.circular && cohorts == 1
		c.flagsDeep += flags
		c.cohortsDeep += cohorts
	}
}

// lookDown takes what is below an edge into account.
func (g *graph) lookDown(c *component, from, to int32) {
	if g.within(from, to) {
		c.circular = true
		return
	}
	below := g.of(to)
	c.broken = c.broken.or(below.broken)
	c.flagsDeep = max(c.flagsDeep, below.flagsDeep)
	if !g.isFlag(from) && !g.isFlag(to) {
		c.cyclic = c.cyclic || below.cyclic
		c.cohortsDeep = max(c.cohortsDeep, below.cohortsDeep)
	}
}

// findComponents is Tarjan's algorithm, with a stack of its own: a document can have a hundred thousand flags in a row.
func (g *graph) findComponents() {
	t := tarjan{
		graph:  g,
		number: make([]int32, len(g.edges)),
		low:    make([]int32, len(g.edges)),
		next:   make([]int32, len(g.edges)),
	}
	for v := range g.edges {
		if t.number[v] == 0 {
			t.walk(int32(v)) //nolint:gosec // it indexes edges
		}
	}
}

// tarjan is the state of the search for components.
type tarjan struct {
	graph    *graph
	count    int32
	number   []int32 // by vertex: when it was reached, from 1; finished when its component is known
	low      []int32 // the lowest number reached from it
	next     []int32 // the edge to look at next
	way      []int32 // from where the walk began to where it is
	reserved []int32 // reached, with a component not yet known
}

const finished = -1

// walk goes down from a vertex to all that are below it and were not reached yet.
func (t *tarjan) walk(start int32) {
	t.reach(start)
	for len(t.way) > 0 {
		v := t.way[len(t.way)-1]
		edges := t.graph.edges[v]
		if int(t.next[v]) == len(edges) {
			t.way = t.way[:len(t.way)-1]
			if len(t.way) > 0 {
				up := t.way[len(t.way)-1]
				t.low[up] = min(t.low[up], t.low[v])
			}
			if t.low[v] == t.number[v] {
				t.finish(v)
			}
			continue
		}
		to := edges[t.next[v]]
		t.next[v]++
		switch t.number[to] {
		case 0:
			t.reach(to)
		case finished:
		default:
			t.low[v] = min(t.low[v], t.number[to])
		}
	}
}

func (t *tarjan) reach(v int32) {
	t.count++
	t.number[v], t.low[v] = t.count, t.count
	t.way = append(t.way, v)
	t.reserved = append(t.reserved, v)
}

// finish makes a component of all that was reached since its first vertex.
func (t *tarjan) finish(first int32) {
	at := len(t.reserved) - 1
	for t.reserved[at] != first {
		at--
	}
	members := append([]int32(nil), t.reserved[at:]...)
	t.reserved = t.reserved[:at]
	for _, v := range members {
		t.number[v] = finished
		t.graph.component[v] = int32(len(t.graph.components)) //nolint:gosec // no more than vertices
	}
	t.graph.components = append(t.graph.components, component{members: members})
}
