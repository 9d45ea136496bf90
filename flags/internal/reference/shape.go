package reference

// shape is whether a member has the right JSON type. An absent member and null fit every optional one.
type shape func(value any) bool

func optional(s shape) shape { return func(value any) bool { return value == nil || s(value) } }

func isBool(value any) bool   { _, ok := value.(bool); return ok }
func isString(value any) bool { _, ok := value.(string); return ok }
func isNumber(value any) bool { _, ok := number(value); return ok }
func isIndex(value any) bool  { _, ok := index(value); return ok }
func isObject(value any) bool { _, ok := value.(map[string]any); return ok }
func isList(value any) bool   { _, ok := value.([]any); return ok }

func listOf(element shape) shape {
	return func(value any) bool {
		list, ok := value.([]any)
		for _, v := range list {
			ok = ok && element(v)
		}
		return ok
	}
}

// object is the shape of an object with these members, among others.
func object(members map[string]shape) shape {
	return func(value any) bool {
		o, ok := value.(map[string]any)
		for name, fits := range members {
			ok = ok && fits(o[name])
		}
		return ok
	}
}

// readableFlag is whether the members that decide about the flag have the right types, its filters apart.
func readableFlag(flag any) bool {
	return object(map[string]shape{
		"key":                          isString,
		"active":                       isBool,
		"deleted":                      optional(isBool),
		"bucketing_identifier":         optional(isString),
		"ensure_experience_continuity": optional(isBool),
		"filters":                      object(nil),
	})(flag)
}

// readableFilters is the same for the filters.
func readableFilters(filters any) bool {
	return object(map[string]shape{
		"version":                      optional(isNumber),
		"early_exit":                   optional(isBool),
		"feature_enrollment":           optional(isBool),
		"payloads":                     optional(isObject),
		"aggregation_group_type_index": optional(isIndex),
		"groups": listOf(object(map[string]shape{
			"properties":                   optional(isList),
			"rollout_percentage":           optional(isNumber),
			"variant":                      optional(isString),
			"aggregation_group_type_index": optional(isIndex),
		})),
		"multivariate": optional(object(map[string]shape{
			"variants": optional(listOf(object(map[string]shape{
				"key":                isString,
				"rollout_percentage": isNumber,
			}))),
		})),
	})(filters)
}

// malformed is whether a filter cannot be read. It takes down its condition at most, never the flag.
func malformed(filter any) bool {
	return !object(map[string]shape{
		"key":              optional(isString),
		"type":             optional(isString),
		"operator":         optional(isString),
		"negation":         optional(isBool),
		"group_type_index": optional(isIndex),
		"dependency_chain": optional(listOf(isString)),
	})(filter)
}
