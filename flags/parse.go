package flags

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/hedgerow/posthog/flags/internal/jsonview"
)

// byteOrderMark is what some editors write before a text in UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// Parse reads a definitions document. It copies the document, which [Definitions.JSON] returns.
//
// The document must be a JSON object with an array "flags"; that is all that can make Parse fail, and then the error
// says what is wrong and where. Whatever else is malformed is left to the flag, the filter or the cohort that has
// it: its Err is set, the others are read as if it were not there, and it is among the problems of the [Program]
// that [Compile] makes. Members that this package does not know are kept and ignored.
//
// The names of members are case-sensitive, the last of several of the same name counts, and null counts as absent. A
// byte order mark is accepted. The top level may be spelled in camel case, as caches of other libraries have it.
func Parse(document []byte) (*Definitions, error) {
	text := bytes.TrimPrefix(document, byteOrderMark)
	if err := jsonview.Check(text); err != nil {
		if syntax, ok := errors.AsType[*jsonview.SyntaxError](err); ok {
			syntax.Offset += len(document) - len(text)
		}
		return nil, fmt.Errorf("flags: the definitions are not JSON: %w", err)
	}
	text = bytes.Clone(text)
	root := jsonview.Of(text)
	if kind := root.Kind(); kind != jsonview.Object {
		return nil, fmt.Errorf("flags: the definitions are %s, want an object with an array \"flags\"", kind)
	}
	m := documentMembersOf(root)
	if kind := m.flags.Kind(); kind != jsonview.Array {
		return nil, fmt.Errorf("flags: \"flags\" of the definitions is %s, want an array", kind)
	}
	r := reader{words: map[string]string{}}
	d := &Definitions{
		GroupTypes:              r.groupTypes(m.groupTypes),
		MinimalFlagCalledEvents: r.truth(informs, "minimal_flag_called_events", m.minimalEvents),
		PropertyMatchingVersion: r.matchingVersion(m.matchingVersion),
		document:                text,
	}
	d.Flags, d.positions = r.flags(m.flags)
	d.Cohorts = r.cohorts(m.cohorts)
	d.problems = slices.Clip(r.problems)
	return d, nil
}

// documentMembers are the values of the members at the top level, nil for those that are absent or null.
type documentMembers struct {
	flags, groupTypes, cohorts, minimalEvents, matchingVersion jsonview.Value
}

func documentMembersOf(root jsonview.Value) documentMembers {
	var m, camel documentMembers
	for name, value := range root.Members() {
		switch string(name) {
		case "flags":
			m.flags = value
		case "cohorts":
			m.cohorts = value
		case "group_type_mapping":
			m.groupTypes = value
		case "groupTypeMapping":
			camel.groupTypes = value
		case "minimal_flag_called_events":
			m.minimalEvents = value
		case "minimalFlagCalledEvents":
			camel.minimalEvents = value
		case "property_matching_version":
			m.matchingVersion = value
		case "propertyMatchingVersion":
			camel.matchingVersion = value
		}
	}
	m.groupTypes = firstGiven(m.groupTypes, camel.groupTypes)
	m.minimalEvents = firstGiven(m.minimalEvents, camel.minimalEvents)
	m.matchingVersion = firstGiven(m.matchingVersion, camel.matchingVersion)
	return m
}

// firstGiven returns the first of several values that is neither absent nor null, and nil without one.
func firstGiven(values ...jsonview.Value) jsonview.Value {
	for _, value := range values {
		if given(value) {
			return value
		}
	}
	return nil
}

// groupTypes reads the names of group types, which are by index in decimal.
func (r *reader) groupTypes(v jsonview.Value) map[int]string {
	types := map[int]string{}
	if !r.is(jsonview.Object, informs, "group_type_mapping", v) {
		return types
	}
	defer r.leave(r.enter("group_type_mapping"))
	for name, value := range v.Members() {
		index, err := strconv.Atoi(string(name))
		if err != nil || index < 0 || strconv.Itoa(index) != string(name) {
			r.report(informs, strconv.Quote(string(name)), "is no index of a group type, want 0 or more")
			continue
		}
		// The last of several counts, even if it has no name.
		delete(types, index)
		if group := r.text(informs, string(name), value); group != "" {
			types[index] = group
		}
	}
	return types
}

// matchingVersion reads how properties are compared: 2 is 2, anything else is 1.
func (r *reader) matchingVersion(v jsonview.Value) int {
	if version, ok := r.number(informs, "property_matching_version", v); ok && version == 2 {
		return 2
	}
	return 1
}
