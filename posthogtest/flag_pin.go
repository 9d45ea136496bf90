package posthogtest

import (
	"encoding/json"
	"errors"
)

// pin is the value that one person has of a flag, whatever its conditions say.
type pin struct {
	distinctID string
	on         bool
	variant    string
}

// pinned is a definition in which the pins are conditions like others, so that
// whoever evaluates it comes to the same value. A person whose value is on has
// a condition of their own before the others; one whose value is off is
// excluded from each of the others.
func pinned(definition json.RawMessage, version int64, pins []pin) (json.RawMessage, error) {
	var flag map[string]any
	if err := unmarshalExact(definition, &flag); err != nil {
		return nil, err
	}
	filters, ok := flag["filters"].(map[string]any)
	switch {
	case !ok:
		return nil, errors.New("its definition has no filters")
	case flag["active"] != true:
		return nil, errors.New("it is inactive, and so off for everybody")
	}
	var own []any
	var excluded []any
	for _, p := range pins {
		if !p.on {
			excluded = append(excluded, p.distinctID)
			continue
		}
		condition := newCondition([]any{newFilter("distinct_id", "exact", []any{p.distinctID})}, 100, p.variant)
		if filters["aggregation_group_type_index"] != nil {
			condition["aggregation_group_type_index"] = nil // about persons, unlike the flag
		}
		own = append(own, condition)
		ensureVariant(filters, p.variant, 0)
	}
	others, _ := filters["groups"].([]any)
	for _, other := range others {
		if condition, ok := other.(map[string]any); ok && excluded != nil {
			properties, _ := condition["properties"].([]any)
			condition["properties"] = append(properties, newFilter("distinct_id", "is_not", excluded))
		}
	}
	filters["groups"] = append(own, others...)
	flag["version"] = version
	return marshal(flag)
}

// newCondition is a condition set as in a definition.
func newCondition(properties []any, rollout float64, variant string) map[string]any {
	condition := map[string]any{"properties": properties, "rollout_percentage": rollout, "variant": nil}
	if variant != "" {
		condition["variant"] = variant
	}
	return condition
}

// newFilter is a filter on a property of the person as in a definition.
func newFilter(property, operator string, value any) map[string]any {
	return map[string]any{"key": property, "type": "person", "operator": operator, "value": value}
}

// newVariant is a variant as in a definition.
func newVariant(key string, percent float64) map[string]any {
	return map[string]any{"key": key, "name": "", "rollout_percentage": percent}
}

// ensureVariant adds a variant that a condition names, if the filters do not
// have it.
func ensureVariant(filters map[string]any, variant string, percent float64) {
	if variant == "" {
		return
	}
	multivariate, ok := filters["multivariate"].(map[string]any)
	if !ok {
		multivariate = make(map[string]any)
		filters["multivariate"] = multivariate
	}
	variants, _ := multivariate["variants"].([]any)
	for _, v := range variants {
		if known, ok := v.(map[string]any); ok && known["key"] == variant {
			return
		}
	}
	multivariate["variants"] = append(variants, newVariant(variant, percent))
}
