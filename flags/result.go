package flags

import (
	"cmp"
	"strings"
)

// Result is the answer to whether a flag is on for a subject, and in which variant. It is a value of its own: it stays
// valid, and may be read by any number of goroutines, whatever becomes of the program and the subject.
type Result struct {
	// Key is the key that was asked for.
	Key string
	// Enabled is whether the flag is on. It is false when the answer is inconclusive.
	Enabled bool
	// Variant is the variant of a flag that is on and has one, or "holdout-" and a number for somebody held out.
	Variant string
	// Payload is the payload of the value: the contents of a payload that the definition has as a string, which
	// usually are JSON for json.Unmarshal, and otherwise the JSON in the definition. Empty means none.
	Payload string
	// Reason says what decided. It is empty when the answer is inconclusive.
	Reason Reason
	// ConditionIndex is the index, from 0, of the condition that Reason is about, -1 for none. With ReasonSuperCondition,
	// which is about none of [Flag.Conditions], it is 0, as on the server.
	ConditionIndex int
	// Inconclusive is nil if the answer is conclusive, and otherwise says what it lacks.
	Inconclusive *Inconclusive

	flag *Flag
}

// Value is the flag's value: the variant, a string, if there is one, otherwise true or false, and nil when inconclusive.
func (r Result) Value() any {
	switch {
	case r.Inconclusive != nil:
		return nil
	case r.Variant != "":
		return r.Variant
	default:
		return r.Enabled
	}
}

// Flag is the definition of the flag, nil if there is none. It is for reading only.
func (r Result) Flag() *Flag { return r.flag }

// Inconclusive says why a question was left open. It is no error: the server, or a caller that knows more, can answer.
type Inconclusive struct {
	// Why is the first cause, in the order of the constants.
	Why Why
	// MissingProperties are the properties that were asked for and not known, whatever Why is, as far as they may
	// still matter. They are sorted, and nil if there are none. The slice is for reading only: other results may have it too.
	MissingProperties []Property
}

// String returns the cause and the missing properties, such as "MissingProperty (plan, company.seats)".
func (i *Inconclusive) String() string {
	if i == nil {
		return ""
	}
	if len(i.MissingProperties) == 0 {
		return i.Why.String()
	}
	var b strings.Builder
	b.WriteString(i.Why.String())
	for n, p := range i.MissingProperties {
		if n == 0 {
			b.WriteString(" (")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(p.String())
	}
	b.WriteString(")")
	return b.String()
}

// Property names a property of the person or of a group.
type Property struct {
	// Group is the group type, empty for the person.
	Group string
	// Key is the property's name.
	Key string
}

// String returns "plan" for a property of the person and "company.seats" for one of a group.
func (p Property) String() string {
	if p.Group == "" {
		return p.Key
	}
	return p.Group + "." + p.Key
}

// compare orders properties: those of the person first.
func (p Property) compare(other Property) int {
	return cmp.Or(cmp.Compare(p.Group, other.Group), cmp.Compare(p.Key, other.Key))
}
