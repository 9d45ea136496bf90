package flags

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/hedgerow/posthog/flags/internal/jsonview"
)

// rulesMembers are the values of the members of a flag's filters.
type rulesMembers struct {
	version, index, conditions, multivariate, payloads, earlyExit, enrollment, holdout jsonview.Value
}

func rulesMembersOf(v jsonview.Value) (m rulesMembers) {
	for name, value := range v.Members() {
		switch string(name) {
		case "version":
			m.version = value
		case "aggregation_group_type_index":
			m.index = value
		case "groups":
			m.conditions = value
		case "multivariate":
			m.multivariate = value
		case "payloads":
			m.payloads = value
		case "early_exit":
			m.earlyExit = value
		case "feature_enrollment":
			m.enrollment = value
		case "holdout":
			m.holdout = value
		}
	}
	return m
}

// readRules reads a flag's filters. Of a version that is not known nothing else is read: what its members mean is
// not known either, and a flag of that version is not malformed.
func (r *reader) readRules(f *Flag, v jsonview.Value) {
	defer r.leave(r.enter("filters"))
	m := rulesMembersOf(v)
	if version, ok := r.whole(decides, "version", m.version); ok {
		f.RulesVersion = int(min(max(version, math.MinInt32), math.MaxInt32))
		if version != 0 && version != 1 {
			return
		}
	}
	f.GroupTypeIndex = r.index("aggregation_group_type_index", m.index)
	f.EarlyExit = r.truth(decides, "early_exit", m.earlyExit)
	f.FeatureEnrollment = r.truth(decides, "feature_enrollment", m.enrollment)
	f.Conditions = r.conditions(m.conditions)
	f.Variants = r.variants(m.multivariate)
	f.Payloads = r.payloads(m.payloads)
	f.Holdout = r.holdout(m.holdout)
}

func (r *reader) conditions(v jsonview.Value) []Condition {
	if !r.must(jsonview.Array, "groups", v) {
		return nil
	}
	conditions := make([]Condition, 0, count(v))
	for element := range v.Elements() {
		depth := r.enterElement("groups", len(conditions))
		conditions = append(conditions, r.condition(element))
		r.leave(depth)
	}
	return conditions
}

func (r *reader) condition(v jsonview.Value) Condition {
	c := Condition{RolloutPercentage: 100}
	if !r.must(jsonview.Object, "", v) {
		return c
	}
	var properties, rollout, variant, index jsonview.Value
	for name, value := range v.Members() {
		switch string(name) {
		case "properties":
			properties = value
		case "rollout_percentage":
			rollout = value
		case "variant":
			variant = value
		case "aggregation_group_type_index":
			// Here null is not absent: it says that the condition is about persons.
			index = value
		}
	}
	if percentage, ok := r.number(decides, "rollout_percentage", rollout); ok {
		c.RolloutPercentage = percentage
	}
	c.Variant = r.text(decides, "variant", variant)
	c.Aggregation = Aggregation{
		Own:            index.Kind() != jsonview.Absent,
		GroupTypeIndex: r.index("aggregation_group_type_index", index),
	}
	if r.is(jsonview.Array, decides, "properties", properties) {
		c.Filters = r.filters("properties", properties)
	}
	return c
}

func (r *reader) variants(v jsonview.Value) []Variant {
	if !r.is(jsonview.Object, decides, "multivariate", v) {
		return nil
	}
	defer r.leave(r.enter("multivariate"))
	var list jsonview.Value
	for name, value := range v.Members() {
		if string(name) == "variants" {
			list = value
		}
	}
	if !r.is(jsonview.Array, decides, "variants", list) {
		return nil
	}
	variants := make([]Variant, 0, count(list))
	for element := range list.Elements() {
		depth := r.enterElement("variants", len(variants))
		variants = append(variants, r.variant(element))
		r.leave(depth)
	}
	return variants
}

func (r *reader) variant(v jsonview.Value) Variant {
	var variant Variant
	if !r.must(jsonview.Object, "", v) {
		return variant
	}
	var key, title, rollout jsonview.Value
	for name, value := range v.Members() {
		switch string(name) {
		case "key":
			key = value
		case "name":
			title = value
		case "rollout_percentage":
			rollout = value
		}
	}
	if r.must(jsonview.String, "key", key) {
		variant.Key = r.word(key.Text())
	}
	variant.Name = r.text(informs, "name", title)
	if r.must(jsonview.Number, "rollout_percentage", rollout) {
		variant.RolloutPercentage, _ = r.number(decides, "rollout_percentage", rollout)
	}
	return variant
}

func (r *reader) payloads(v jsonview.Value) map[string]json.RawMessage {
	if !r.is(jsonview.Object, decides, "payloads", v) {
		return nil
	}
	var payloads map[string]json.RawMessage
	for name, value := range v.Members() {
		if payloads == nil {
			payloads = map[string]json.RawMessage{}
		}
		payloads[r.word(name)] = raw(value)
	}
	return payloads
}

// holdout reads a holdout, whose Err is its own: the flag is not undecodable for it.
func (r *reader) holdout(v jsonview.Value) *Holdout {
	if !given(v) {
		return nil
	}
	before := r.apart()
	h := &Holdout{}
	if r.must(jsonview.Object, "holdout", v) {
		depth := r.enter("holdout")
		var id, percentage jsonview.Value
		for name, value := range v.Members() {
			switch string(name) {
			case "id":
				id = value
			case "exclusion_percentage":
				percentage = value
			}
		}
		if r.must(jsonview.Number, "id", id) {
			if number, ok := r.whole(decides, "id", id); ok {
				h.ID = strconv.FormatInt(number, 10)
			}
		}
		if r.must(jsonview.Number, "exclusion_percentage", percentage) {
			share, _ := r.number(decides, "exclusion_percentage", percentage)
			h.ExclusionPercentage = min(max(share, 0), 100)
		}
		r.leave(depth)
	}
	h.Err = r.join(before)
	return h
}
