package reference

import (
	"slices"
	"strconv"
)

// cohort is the verdict of a filter on the membership in a cohort.
func (e *evaluation) cohort(filter map[string]any) verdict {
	if why := wrongCohort(filter); why != 0 {
		return because(why)
	}
	id, _ := cohortID(filter["value"])
	if e.subject.Complete && e.cohortsAreCircular([]string{cohortNode + id}) {
		return misses
	}
	if filter["operator"] == "not_in" {
		return not(e.member(id))
	}
	return e.member(id)
}

// wrongCohort is why a filter on a cohort has no answer for anybody, 0 if it may have one.
func wrongCohort(filter map[string]any) Why {
	if _, ok := cohortID(filter["value"]); filter["key"] != "id" || !ok {
		return MalformedFilter
	}
	operator, _ := filter["operator"].(string)
	if !slices.Contains([]string{"", "exact", "in", "not_in"}, operator) {
		return UnknownOperator
	}
	return 0
}

// definition is what the document says about a cohort.
func (e *evaluation) definition(id string) (any, bool) {
	cohorts, _ := e.document.root["cohorts"].(map[string]any)
	definition, defined := cohorts[id]
	return definition, defined
}

// member is whether the person is in a cohort.
func (e *evaluation) member(id string) verdict {
	definition, defined := e.definition(id)
	if !defined {
		if known, ok := e.subject.Cohorts[id]; ok {
			return definite(known)
		}
		return because(UnknownCohort)
	}
	if e.circular(cohortNode+id) || e.height(cohortNode+id, cohortNode) > maxCohorts {
		return because(CohortCycle)
	}
	e.path = append(e.path, cohortNode+id)
	defer func() { e.path = e.path[:len(e.path)-1] }()
	return e.branch(definition, 1)
}

// branch is the verdict of a group of nodes.
func (e *evaluation) branch(node any, depth int) verdict {
	group, _ := node.(map[string]any)
	children, ok := group["values"].([]any)
	if !ok {
		return because(MalformedFilter)
	}
	var parts []verdict
	for _, child := range children {
		parts = append(parts, e.node(child, depth+1))
	}
	switch group["type"] {
	case "OR":
		return some(parts)
	case "AND", "property":
		return all(parts)
	default:
		return because(MalformedFilter)
	}
}

// node is the verdict of a group or of a leaf, unless it is too deep in the tree.
func (e *evaluation) node(entry any, depth int) verdict {
	if depth > maxCohorts {
		return because(MalformedFilter)
	}
	node, _ := entry.(map[string]any)
	if _, isBranch := node["values"]; isBranch {
		return e.branch(entry, depth)
	}
	if malformed(entry) {
		return because(MalformedFilter)
	}
	result := e.leaf(node)
	if node["negation"] == true {
		return not(result)
	}
	return result
}

// leaf is the verdict of a filter in a cohort. Cohorts are about persons, whoever the flag is about.
func (e *evaluation) leaf(filter map[string]any) verdict {
	kind, _ := filter["type"].(string)
	switch kind {
	case "", "person":
		return e.property(filter, "", e.subject.person())
	case "person_metadata":
		return e.metadata(filter)
	case "cohort":
		return e.cohort(filter)
	case "flag":
		return e.dependency(filter)
	default:
		return unsupported(filter)
	}
}

// cohortID is the text of a cohort's id, which the document writes as a number or as a text.
func cohortID(value any) (string, bool) {
	if id, ok := value.(string); ok {
		return id, id != ""
	}
	if !isNumber(value) {
		return "", false
	}
	id := text(value)
	_, err := strconv.ParseInt(id, 10, 64)
	return id, err == nil
}
