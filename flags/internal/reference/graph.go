package reference

import (
	"slices"
	"strings"
)

// Flags refer to flags and cohorts, and cohorts do, too. A node is a flag or a cohort: "flag new-nav" or "cohort 9".
const (
	flagNode   = "flag "
	cohortNode = "cohort "
)

// link is a filter of a node on another one. Filters that have no answer anyway lead to no node.
type link struct {
	to      string
	missing bool // the flag that is depended upon
}

// link is that of a filter on a flag or a cohort.
func (e *evaluation) link(filter map[string]any) link {
	if filter["type"] == "flag" {
		// However wrong it is otherwise, the server follows it.
		key, _ := filter["key"].(string)
		if key == "" {
			return link{}
		}
		if !e.complete(filter) {
			return link{missing: true}
		}
		return link{to: flagNode + key}
	}
	if wrongCohort(filter) != 0 {
		return link{}
	}
	id, _ := cohortID(filter["value"])
	return link{to: cohortNode + id}
}

// links are those of a node. What a flag that is off, or that cannot be evaluated, refers to does not matter.
//
// They are remembered while one question is answered: whether something is circular is asked often.
func (e *evaluation) links(node string) []link {
	if found, known := e.known[node]; known {
		return found
	}
	var top any
	if id, ok := strings.CutPrefix(node, cohortNode); ok {
		top, _ = e.definition(id)
	} else if place := e.document.find(strings.TrimPrefix(node, flagNode)); place >= 0 {
		flag := e.document.flags()[place].(map[string]any)
		if !off(flag) && unfit(flag) == 0 {
			top = flag["filters"]
		}
	}
	var found []link
	var look func(entry any)
	look = func(entry any) {
		members, _ := entry.(map[string]any)
		if !malformed(entry) && (members["type"] == "flag" || members["type"] == "cohort") {
			found = append(found, e.link(members))
		}
		for _, name := range []string{"groups", "properties", "values"} {
			children, _ := members[name].([]any)
			for _, child := range children {
				look(child)
			}
		}
	}
	look(top)
	if e.known == nil {
		e.known = map[string][]link{}
	}
	e.known[node] = found
	return found
}

// reaches is whether a node is another one, or refers to it over however many others.
func (e *evaluation) reaches(from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(e.links(from), func(l link) bool { return e.reaches(l.to, to, seen) })
}

// circular is whether what is being evaluated can be reached from the node that it refers to. Such a reference has no
// answer, wherever the evaluation began.
func (e *evaluation) circular(node string) bool {
	return e.reaches(node, e.path[len(e.path)-1], map[string]bool{})
}

// height is how many flags, or cohorts, there are on the longest way down from a node, itself included.
func (e *evaluation) height(node, kind string) int {
	if e.onCycle(node) {
		return 0 // which is an answer of its own
	}
	highest := 0
	for _, l := range e.links(node) {
		highest = max(highest, e.height(l.to, kind))
	}
	return highest + count([]string{node}, kind)
}

// onCycle is whether a node refers to itself, over however many others.
func (e *evaluation) onCycle(node string) bool {
	return slices.ContainsFunc(e.links(node), func(l link) bool { return e.reaches(l.to, node, map[string]bool{}) })
}

// brokenDependency is why a flag has no value on the server, which looks at that before any condition: it depends, over
// however many others, on a flag that does not exist, or on one that depends on itself. It is 0 if the flag does not.
func (e *evaluation) brokenDependency(node string) Why {
	circular := false
	for _, reached := range e.below(node, nil) {
		for _, l := range e.links(reached) {
			if l.missing {
				return MissingDependency
			}
		}
		circular = circular || strings.HasPrefix(reached, flagNode) && e.onCycle(reached)
	}
	if circular {
		return DependencyCycle
	}
	return 0
}

// below adds a node, and all that it refers to over however many others, to those that were found before.
func (e *evaluation) below(node string, found []string) []string {
	if slices.Contains(found, node) {
		return found
	}
	found = append(found, node)
	for _, l := range e.links(node) {
		if !l.missing && l.to != "" {
			found = e.below(l.to, found)
		}
	}
	return found
}

// cohortsAreCircular is whether the cohort at the end of the path refers to itself, or to one that does.
func (e *evaluation) cohortsAreCircular(path []string) bool {
	return slices.ContainsFunc(e.links(path[len(path)-1]), func(l link) bool {
		return strings.HasPrefix(l.to, cohortNode) &&
			(slices.Contains(path, l.to) || e.cohortsAreCircular(append(path[:len(path):len(path)], l.to)))
	})
}

// count is how many nodes of a path are flags, or cohorts.
func count(path []string, kind string) int {
	n := 0
	for _, node := range path {
		if strings.HasPrefix(node, kind) {
			n++
		}
	}
	return n
}
