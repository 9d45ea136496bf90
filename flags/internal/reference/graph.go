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

// target is the node that a filter refers to, empty for filters on properties and for those that have no answer anyway.
func (e *evaluation) target(filter map[string]any) string {
	switch {
	case filter["type"] == "flag" && e.wrongDependency(filter) == 0:
		return flagNode + filter["key"].(string)
	case filter["type"] == "cohort" && wrongCohort(filter) == 0:
		id, _ := cohortID(filter["value"])
		return cohortNode + id
	default:
		return ""
	}
}

// references are the filters of a node on flags and cohorts. What a flag that is off, or that cannot be evaluated, refers
// to does not matter.
func (e *evaluation) references(node string) []map[string]any {
	var top any
	if id, ok := strings.CutPrefix(node, cohortNode); ok {
		top, _ = e.definition(id)
	} else if place := e.document.find(strings.TrimPrefix(node, flagNode)); place >= 0 {
		flag := e.document.flags()[place].(map[string]any)
		if !off(flag) && unfit(flag) == 0 {
			top = flag["filters"]
		}
	}
	var found []map[string]any
	var look func(entry any)
	look = func(entry any) {
		members, _ := entry.(map[string]any)
		if !malformed(entry) && (members["type"] == "flag" || members["type"] == "cohort") {
			found = append(found, members)
		}
		for _, name := range []string{"groups", "properties", "values"} {
			children, _ := members[name].([]any)
			for _, child := range children {
				look(child)
			}
		}
	}
	look(top)
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
	return slices.ContainsFunc(e.references(from), func(filter map[string]any) bool { return e.reaches(e.target(filter), to, seen) })
}

// circular is whether what is being evaluated can be reached from the node that it refers to. Such a reference has no
// answer, wherever the evaluation began.
func (e *evaluation) circular(node string) bool {
	return e.reaches(node, e.path[len(e.path)-1], map[string]bool{})
}

// dependencyIsMissing is whether the flag at the end of the path, or one that it depends on, depends on one that does not
// exist or on itself. The server, which knows everything else, calls such flags off.
func (e *evaluation) dependencyIsMissing(path []string) bool {
	for _, filter := range e.references(path[len(path)-1]) {
		next := e.target(filter)
		if filter["type"] == "flag" && e.wrongDependency(filter) == MissingDependency {
			return true
		}
		if first := slices.Index(path, next); first >= 0 {
			if count(path[first:], flagNode) > 0 {
				return true
			}
			continue // a cycle of cohorts
		}
		if count(path, flagNode) > maxDependencies || e.dependencyIsMissing(append(path[:len(path):len(path)], next)) {
			return true
		}
	}
	return false
}

// cohortsAreCircular is whether the cohort at the end of the path refers to itself, or to one that does.
func (e *evaluation) cohortsAreCircular(path []string) bool {
	return slices.ContainsFunc(e.references(path[len(path)-1]), func(filter map[string]any) bool {
		next := e.target(filter)
		if filter["type"] != "cohort" || next == "" {
			return false
		}
		return slices.Contains(path, next) || len(path) > maxCohorts || e.cohortsAreCircular(append(path[:len(path):len(path)], next))
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
