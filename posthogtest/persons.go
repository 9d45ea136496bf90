package posthogtest

import "time"

// maxGroupTypes is how many group types a project has room for.
const maxGroupTypes = 5

// person is who several distinct ids belong to.
type person struct {
	identified bool
	ids        []string
	properties map[string]any
	created    time.Time // zero if no event of the person was seen
}

// project is what the pipeline remembers about one project: to find merges and
// groups that have no effect, and to evaluate flags. The record's lock guards it.
type project struct {
	persons    map[string]*person
	groupTypes map[string]bool
	groups     map[groupID]map[string]any // their properties
}

func newProject() *project {
	return &project{persons: make(map[string]*person), groupTypes: make(map[string]bool), groups: make(map[groupID]map[string]any)}
}

// observe follows an event's identities and groups.
func (p *project) observe(e *Event) []Warning {
	var warnings []Warning
	for groupType := range e.groups() {
		if p.groupTypes[groupType] {
			continue
		}
		if len(p.groupTypes) == maxGroupTypes {
			warnings = append(warnings, about(e, TooManyGroupTypes, "the group type "+quote(groupType)+" is the project's sixth and is ignored"))
			continue
		}
		p.groupTypes[groupType] = true
	}
	from, merges := e.mergedID()
	if e.Name == "$identify" && !merges && !illegalID(e.DistinctID) {
		p.person(e.DistinctID).identified = true
	}
	if !merges || illegalID(from) || illegalID(e.DistinctID) {
		return warnings
	}
	into, source := p.person(e.DistinctID), p.person(from)
	if into != source && source.identified && e.Name != "$merge_dangerously" {
		return append(warnings, about(e, MergeOfIdentified, quote(from)+" belongs to an identified person and cannot be merged into "+quote(e.DistinctID)))
	}
	p.merge(into, source)
	return warnings
}

func (p *project) person(id string) *person {
	if known, ok := p.persons[id]; ok {
		return known
	}
	fresh := &person{ids: []string{id}}
	p.persons[id] = fresh
	return fresh
}

func (p *project) merge(into, source *person) {
	into.identified = true
	if into == source {
		return
	}
	for _, id := range source.ids {
		p.persons[id] = into
	}
	into.ids = append(into.ids, source.ids...)
	into.absorb(source)
}

// groups are the group types and keys an event names.
func (e *Event) groups() map[string]any {
	if e.Name == "$groupidentify" {
		if groupType := text(e.Properties["$group_type"]); groupType != "" {
			return map[string]any{groupType: e.Properties["$group_key"]}
		}
		return nil
	}
	groups, _ := e.Properties["$groups"].(map[string]any)
	return groups
}
