package posthogtest

import (
	"strings"
	"unicode/utf8"
)

// maxGroupKey is the longest group key, in characters.
const maxGroupKey = 400

// inspect finds what the pipeline would complain about in one event, looking
// at nothing but the event.
func inspect(it *item) {
	e := &it.event
	if flag, ok := e.Properties["$process_person_profile"]; ok {
		if _, isBool := flag.(bool); !isBool {
			it.warn(ProfileFlagNotBoolean, "$process_person_profile is "+compact(flag)+", which counts as true")
		}
	}
	switch e.Name {
	case exceptionEvent:
		inspectException(it)
	case "$groupidentify":
		inspectGroup(it)
	}
	if strings.HasPrefix(e.Name, aiPrefix) {
		inspectCosts(it)
	}
	if from, ok := e.mergedID(); ok {
		for _, id := range []string{e.DistinctID, from} {
			if illegalID(id) {
				it.warn(IllegalMergeID, "the id "+quote(id)+" cannot be merged: the event is stored and has no effect")
			}
		}
	}
}

func inspectGroup(it *item) {
	e := &it.event
	switch set := e.Properties["$group_set"].(type) {
	case nil, map[string]any:
	default:
		it.warn(InvalidGroupSet, "$group_set is "+compact(set)+", want an object: the event is dropped")
		e.lost = true
	}
	groupType, key := text(e.Properties["$group_type"]), text(e.Properties["$group_key"])
	switch {
	case groupType == "" || key == "":
		it.warn(GroupKeyMissing, "$groupidentify needs $group_type and $group_key")
	case utf8.RuneCountInString(key) > maxGroupKey:
		it.warn(GroupKeyTooLong, "the group key is longer than 400 characters")
	}
}

// mergedID returns the id that an identity event merges into its distinct id.
func (e *Event) mergedID() (id string, ok bool) {
	var property string
	switch e.Name {
	case "$identify":
		property = "$anon_distinct_id"
	case "$create_alias", "$merge_dangerously":
		property = "alias"
	default:
		return "", false
	}
	value, ok := e.Properties[property]
	return text(value), ok && value != nil
}

// text is a property as an identifier: a string as it is, "" for none, JSON
// for the rest.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return compact(v)
	}
}

// illegalAnyCase and illegalExact are ids that stand for "nobody" and would
// merge strangers.
var (
	illegalAnyCase = map[string]bool{
		"anonymous": true, "guest": true, "distinctid": true, "distinct_id": true, "id": true,
		"not_authenticated": true, "email": true, "undefined": true, "true": true, "false": true,
	}
	illegalExact = map[string]bool{
		"[object Object]": true, "NaN": true, "None": true, "none": true, "null": true, "0": true, "undefined": true,
	}
)

// illegalID reports an id that identify, alias and merge refuse.
func illegalID(id string) bool {
	if n := len(id); n >= 2 && (id[0] == '"' || id[0] == '\'') && id[n-1] == id[0] {
		id = id[1 : n-1]
	}
	return strings.TrimSpace(id) == "" || illegalExact[id] || illegalAnyCase[strings.ToLower(id)]
}
