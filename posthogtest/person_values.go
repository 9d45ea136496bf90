package posthogtest

import (
	"maps"
	"slices"
	"time"
)

// learn follows what an event says of a person and of a group. The record's
// lock guards it.
func (p *project) learn(e *Event) {
	if e.lost {
		return
	}
	if e.Name == "$groupidentify" {
		p.learnGroup(e)
	}
	if e.Properties["$process_person_profile"] == false || (e.Route == RouteAnalytics && standsForNobody(e.DistinctID)) {
		return
	}
	who := p.person(e.DistinctID)
	if who.created.IsZero() || e.Timestamp.Before(who.created) {
		who.created = e.Timestamp
	}
	if e.Name == exceptionEvent {
		return
	}
	set, _ := e.Properties["$set"].(map[string]any)
	once, _ := e.Properties["$set_once"].(map[string]any)
	unset, _ := e.Properties["$unset"].([]any)
	if who.properties == nil {
		who.properties = make(map[string]any, len(set)+len(once))
	}
	addMissing(who.properties, once)
	maps.Copy(who.properties, set)
	for _, name := range unset {
		delete(who.properties, text(name))
	}
}

func (p *project) learnGroup(e *Event) {
	groupType, key := text(e.Properties["$group_type"]), text(e.Properties["$group_key"])
	if key == "" || !p.groupTypes[groupType] {
		return
	}
	id := groupID{groupType, key}
	if p.groups[id] == nil {
		p.groups[id] = make(map[string]any)
	}
	set, _ := e.Properties["$group_set"].(map[string]any)
	maps.Copy(p.groups[id], set)
}

// groupID is a group of a project.
type groupID struct{ groupType, key string }

// addMissing adds what is not there.
func addMissing(properties, more map[string]any) {
	for name, value := range more {
		if _, there := properties[name]; !there {
			properties[name] = value
		}
	}
}

// absorb takes over what is known of a person who turned out to be the same.
func (p *person) absorb(other *person) {
	if p.properties == nil {
		p.properties = make(map[string]any, len(other.properties))
	}
	addMissing(p.properties, other.properties)
	if p.created.IsZero() || (!other.created.IsZero() && other.created.Before(p.created)) {
		p.created = other.created
	}
}

// stored is what is known of a person, as copies.
type stored struct {
	ids        []string
	properties map[string]any // nil for none
	created    time.Time
	firstIDs   map[string]string // by flags with experience continuity
}

// firstID names the id with which a person was first asked about for a flag.
type firstID struct{ token, distinctID, flag string }

// whoIs looks up whom a question is about. The first question about each of the
// continuous flags decides by which id the person goes there.
func (r *record) whoIs(q *FlagRequest, continuous []string) stored {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := stored{ids: []string{q.DistinctID}}
	before := []string{q.AnonDistinctID}
	if p, ok := r.projects[q.Token]; ok {
		if who, ok := p.persons[q.DistinctID]; ok {
			known = stored{ids: slices.Clone(who.ids), properties: maps.Clone(who.properties), created: who.created}
		}
		if who, ok := p.persons[q.AnonDistinctID]; ok {
			before = who.ids
		}
	}
	if len(continuous) == 0 {
		return known
	}
	known.firstIDs = make(map[string]string, len(continuous))
	for _, flag := range continuous {
		known.firstIDs[flag] = r.first(q, flag, slices.Concat(known.ids, before))
	}
	return known
}

// first is the id by which a person goes for a flag. Callers hold mu.
func (r *record) first(q *FlagRequest, flag string, ids []string) string {
	for _, id := range ids {
		if first, ok := r.firsts[firstID{q.Token, id, flag}]; ok {
			return first
		}
	}
	first := q.DistinctID
	if q.AnonDistinctID != "" {
		first = q.AnonDistinctID
	}
	if r.full(len(r.firsts)) {
		clear(r.firsts)
	}
	r.firsts[firstID{q.Token, q.DistinctID, flag}] = first
	return first
}

// groupProperties are what is known of a group, as a copy that is never nil.
func (r *record) groupProperties(token, groupType, key string) map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.projects[token]; ok {
		if known := p.groups[groupID{groupType, key}]; known != nil {
			return maps.Clone(known)
		}
	}
	return make(map[string]any)
}
