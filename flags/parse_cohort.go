package flags

import (
	"strconv"

	"github.com/hedgerow/posthog/flags/internal/jsonview"
)

// maxCohortDepth is how many nodes may be below each other in a cohort's tree, its root included.
const maxCohortDepth = 32

func (r *reader) cohorts(v jsonview.Value) map[string]Cohort {
	cohorts := map[string]Cohort{}
	if !r.is(jsonview.Object, informs, "cohorts", v) {
		return cohorts
	}
	for name, value := range v.Members() {
		r.cohort = r.word(name)
		c := Cohort{ID: r.cohort, Raw: raw(value)}
		r.readRoot(&c.Root, value)
		cohorts[c.ID] = c
	}
	r.cohort = ""
	return cohorts
}

// nodeMembers are the members of an object in a cohort's tree that make it a group.
type nodeMembers struct{ kind, children jsonview.Value }

func nodeMembersOf(v jsonview.Value) (m nodeMembers) {
	for name, value := range v.Members() {
		switch string(name) {
		case "type":
			m.kind = value
		case "values":
			m.children = value
		}
	}
	return m
}

// readRoot reads the root of a tree, which must be a group.
func (r *reader) readRoot(n *CohortNode, v jsonview.Value) {
	before := r.apart()
	if r.must(jsonview.Object, "", v) {
		r.readGroup(n, nodeMembersOf(v), 1)
	}
	n.Err = r.join(before)
}

// readNode reads a node below the root: a group if it has values, a leaf otherwise. The Err of a node is not that
// of the group which has it.
func (r *reader) readNode(n *CohortNode, v jsonview.Value, depth int) {
	before := r.apart()
	switch m := nodeMembersOf(v); {
	case depth > maxCohortDepth:
		r.report(decides, "", "is below "+strconv.Itoa(maxCohortDepth)+" others, want a tree less deep")
	case !r.must(jsonview.Object, "", v):
	case given(m.children):
		r.readGroup(n, m, depth)
	default:
		n.Filter = &Filter{}
		r.readFilterMembers(n.Filter, v)
		n.Filter.Err = r.fault
	}
	n.Err = r.join(before)
}

func (r *reader) readGroup(n *CohortNode, m nodeMembers, depth int) {
	if r.must(jsonview.String, "type", m.kind) {
		switch n.Type = r.word(m.kind.Text()); n.Type {
		case "OR", "AND", "property":
		default:
			r.report(decides, "type", "is "+strconv.Quote(n.Type)+`, want "OR", "AND" or "property"`)
		}
	}
	if !r.must(jsonview.Array, "values", m.children) {
		return
	}
	n.Children = make([]CohortNode, 0, count(m.children))
	for element := range m.children.Elements() {
		place := r.enterElement("values", len(n.Children))
		n.Children = append(n.Children, CohortNode{})
		r.readNode(&n.Children[len(n.Children)-1], element, depth+1)
		r.leave(place)
	}
}
