package posthogtest

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/hedgerow/posthog/flags"
)

// define makes and checks a definition. Callers hold mu.
func (b *flagBook) define(f *Flag, e *entry) (json.RawMessage, error) {
	var groupType *int
	if f.Group != "" {
		number, err := b.groupType(f.Group)
		if err != nil {
			return nil, err
		}
		groupType = &number
	}
	definition, err := f.definition(e.id, e.version, groupType)
	if err != nil {
		return nil, err
	}
	parsed, err := flags.Parse(b.document([]json.RawMessage{definition}))
	if err != nil {
		return nil, err
	}
	for _, problem := range flags.Compile(parsed, b.options).Problems() {
		if problem.Flag == f.Key {
			return nil, fmt.Errorf("%s %s", problem.Path, problem.Message)
		}
	}
	return definition, nil
}

// groupType is the number of a group type, a new one if it has none. Callers
// hold mu.
func (b *flagBook) groupType(name string) (int, error) {
	parsed, err := flags.Parse(b.document(nil))
	if err != nil {
		return 0, err
	}
	known := maps.Clone(parsed.GroupTypes)
	for number, taken := range known {
		if taken == name {
			return number, nil
		}
	}
	for number := range maxGroupTypes {
		if _, taken := known[number]; taken {
			continue
		}
		known[number] = name
		mapping, err := marshal(known)
		b.rest["group_type_mapping"] = mapping
		return number, err
	}
	return 0, fmt.Errorf("the group type %s is the project's sixth", quote(name))
}
