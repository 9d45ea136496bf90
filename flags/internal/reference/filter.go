package reference

// maxDependencies and maxCohorts are how deep flags and cohorts may refer to each other. The latter is also how many
// nodes there may be from the top of a cohort to a leaf.
const (
	maxDependencies = 64
	maxCohorts      = 32
)

// oneFilter is the verdict of a filter of a condition.
func (e *evaluation) oneFilter(entry any, about aggregation) verdict {
	if malformed(entry) {
		return because(MalformedFilter)
	}
	filter := entry.(map[string]any)
	kind, _ := filter["type"].(string)
	switch kind {
	case "person":
		return e.property(filter, "", e.subject.person())
	case "":
		if about.group {
			return e.groupProperty(filter, about)
		}
		return e.property(filter, "", e.subject.person())
	case "group":
		if i, given := index(filter["group_type_index"]); given {
			about = aggregation{group: true, index: i}
		}
		return e.groupProperty(filter, about)
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

// unsupported is the verdict of a filter of a type that only the server knows.
func unsupported(filter map[string]any) verdict {
	if filter["key"] == nil || filter["key"] == "" {
		return because(MalformedFilter)
	}
	return because(UnsupportedFilter)
}

// groupProperty looks into the properties of one of the subject's groups.
func (e *evaluation) groupProperty(filter map[string]any, about aggregation) verdict {
	if v := e.wrong(filter); v.truth == open {
		return v
	}
	name, ok := e.document.groupType(about.index)
	if !ok || !about.group {
		return because(UnknownGroupType)
	}
	group, key, ok := e.subject.group(name)
	if !ok {
		if e.subject.Complete {
			return e.property(filter, name, nil)
		}
		return because(MissingGroup)
	}
	return e.property(filter, name, group.members(key))
}

// metadata looks into what is known of the person beside its properties.
func (e *evaluation) metadata(filter map[string]any) verdict {
	if v := e.wrong(filter); v.truth == open {
		return v
	}
	if e.subject.PersonMetadata == nil && !e.subject.Complete {
		return because(UnsupportedFilter)
	}
	return e.property(filter, "", e.subject.PersonMetadata)
}

// wrong is an open verdict if the filter cannot be evaluated whatever the property is.
func (e *evaluation) wrong(filter map[string]any) verdict {
	if filter["key"] == nil || filter["key"] == "" {
		return because(MalformedFilter)
	}
	operator, _ := filter["operator"].(string)
	_, v := e.test(operator, filter)
	return v
}

// property is the verdict of a filter on one of the properties. Owner is the type of the group that has them, empty
// for the person.
func (e *evaluation) property(filter map[string]any, owner string, properties map[string]any) verdict {
	if v := e.wrong(filter); v.truth == open {
		return v
	}
	key, _ := filter["key"].(string)
	operator, _ := filter["operator"].(string)
	decide, _ := e.test(operator, filter)
	given, present := properties[key]
	if !present {
		if e.subject.Complete {
			return definite(negative[operator])
		}
		if owner != "" {
			key = owner + "." + key
		}
		return lacking(key)
	}
	value, ok := received(given)
	result := decide(value)
	if !ok && operator != "is_set" && result.truth != open {
		return misses // nothing can be said about what cannot be sent
	}
	return result
}
