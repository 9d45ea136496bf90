package reference

// rank orders the reasons for being off: the best of all conditions is reported.
var rank = map[string]int{"no_group_type": 1, "no_condition_match": 2, "out_of_rollout_bound": 3}

// conditions asks one condition after the other until one decides.
func (a *asked) conditions() Answer {
	best := disabled("no_condition_match", -1)
	var causes []cause
	groups, _ := a.filters["groups"].([]any)
	for i, entry := range groups {
		condition := entry.(map[string]any)
		verdict, reason, identifier := a.condition(condition)
		if verdict.truth == open {
			causes = append(causes, verdict.causes...)
			continue
		}
		if verdict.truth == yes {
			return a.enabled(a.variant(condition, identifier), "condition_match", i)
		}
		if best.ConditionIndex < 0 || rank[reason] >= rank[best.Reason] {
			best = disabled(reason, i)
		}
		if reason == "out_of_rollout_bound" && a.filters["early_exit"] == true {
			best = disabled(reason, i)
			break
		}
	}
	if len(causes) > 0 {
		return unanswered(causes...)
	}
	return best
}

// condition is one condition's verdict; if it misses, why; if it matches, who was hashed.
func (a *asked) condition(condition map[string]any) (result verdict, reason, identifier string) {
	about := a.about
	_, own := condition["aggregation_group_type_index"]
	if own {
		about = aggregationOf(condition)
	}
	identifier, why := a.identifier(about)
	complete := a.subject.Complete
	switch {
	case why == MissingGroup && (own || complete):
		return misses, "no_group_type", ""
	case complete && (why == MissingDevice || why == MissingDistinctID):
		// Whether the filters match still counts.
	case why != 0:
		return because(why), "", ""
	}
	result = a.filter(condition, about)
	switch {
	case result.truth != yes:
		return result, "no_condition_match", ""
	case why == MissingDevice, !a.rolledOut(condition, identifier):
		return misses, "out_of_rollout_bound", ""
	default:
		return matches, "", identifier
	}
}

// filter is the verdict of all filters of a condition together.
func (a *asked) filter(condition map[string]any, about aggregation) verdict {
	var parts []verdict
	properties, _ := condition["properties"].([]any)
	for _, property := range properties {
		parts = append(parts, a.oneFilter(property, about))
	}
	return all(parts)
}

// rolledOut is whether the identifier is in the condition's share.
func (a *asked) rolledOut(condition map[string]any, identifier string) bool {
	share, limited := number(condition["rollout_percentage"])
	return !limited || share == 100 || flagHash(a.key, identifier, "") <= share/100
}

// variant is the one that the condition names, if the flag has it, or else that of the hash. There may be none.
func (a *asked) variant(condition map[string]any, identifier string) string {
	multivariate, _ := a.filters["multivariate"].(map[string]any)
	variants, _ := multivariate["variants"].([]any)
	for _, entry := range variants {
		if variant := entry.(map[string]any); variant["key"] == condition["variant"] && variant["key"] != "" {
			return variant["key"].(string)
		}
	}
	drawn, sum := flagHash(a.key, identifier, "variant"), 0.0
	for _, entry := range variants {
		variant := entry.(map[string]any)
		share, _ := number(variant["rollout_percentage"])
		sum += share / 100
		if drawn < sum {
			return variant["key"].(string)
		}
	}
	return ""
}
