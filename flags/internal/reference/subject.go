package reference

import (
	"slices"
	"time"
)

// Subject is whom a flag is evaluated for. The fields mean what those of flags.Subject mean; Location is the project's
// time zone, nil for UTC.
type Subject struct {
	DistinctID       string
	DeviceID         string
	Groups           []Group
	PersonProperties map[string]any
	PersonMetadata   map[string]any
	Cohorts          map[string]bool
	HashIDs          map[string]string
	Now              time.Time
	Complete         bool
	Location         *time.Location
}

// Group is a group that the subject belongs to. Key is a string or a number.
type Group struct {
	Type       string
	Key        any
	Properties map[string]any
}

// Answer is what a flag is for a subject. An inconclusive one has a Why, the sorted names of the properties whose
// absence left a condition open, and otherwise the zero values, with a ConditionIndex of -1.
type Answer struct {
	Conclusive     bool
	Enabled        bool
	Variant        string
	Payload        string
	Reason         string
	ConditionIndex int
	Why            Why
	Missing        []string
}

// unanswered is the answer when the causes leave no other.
func unanswered(causes ...cause) Answer {
	answer := Answer{ConditionIndex: -1}
	for _, c := range causes {
		if answer.Why == 0 || c.why < answer.Why {
			answer.Why = c.why
		}
		if c.property != "" {
			answer.Missing = append(answer.Missing, c.property)
		}
	}
	slices.Sort(answer.Missing)
	answer.Missing = slices.Compact(answer.Missing)
	return answer
}

// disabled is the answer false, with its reason.
func disabled(reason string, index int) Answer {
	return Answer{Conclusive: true, Reason: reason, ConditionIndex: index}
}

// group returns the subject's group of a type: the first of them, if its key can be used.
func (s *Subject) group(name string) (Group, string, bool) {
	for _, g := range s.Groups {
		if g.Type == name {
			key, usable := groupKey(g.Key)
			return g, key, usable
		}
	}
	return Group{}, "", false
}

// person returns the properties of the person, its distinct id among them.
func (s *Subject) person() map[string]any {
	properties := map[string]any{}
	if s.DistinctID != "" {
		properties["distinct_id"] = s.DistinctID
	}
	for name, value := range s.PersonProperties {
		properties[name] = value
	}
	return properties
}

// members returns the properties of a group, its key among them.
func (g Group) members(key string) map[string]any {
	properties := map[string]any{"$group_key": key}
	for name, value := range g.Properties {
		properties[name] = value
	}
	return properties
}
