package flags

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/hedgerow/posthog/flags/internal/bucket"
)

// compileFlags compiles the flags that can be evaluated, and says of the others why they cannot.
func (c *compiler) compileFlags() {
	for i, position := range c.positions {
		definition := &c.definitions.Flags[position]
		f := &c.program.flags[i]
		*f = flag{definition: definition, key: definition.Key, enrollment: none, memo: none, light: true, aggregation: personScope}
		c.place = place{vertex: int32(i), flag: definition.Key} //nolint:gosec // numbered so
		switch {
		case definition.off():
			f.off = true
		case definition.Err != nil:
			f.why = Undecodable
		case definition.RulesVersion != 0 && definition.RulesVersion != 1:
			f.why = UnsupportedRules
			c.report("filters.version", "is "+strconv.Itoa(definition.RulesVersion)+
				", which only the server can evaluate")
		default:
			c.compileFlag(f)
		}
	}
}

func (c *compiler) compileFlag(f *flag) {
	d := f.definition
	switch d.BucketingIdentifier {
	case "", "distinct_id":
	case "device_id":
		f.device = true
	default:
		f.why = UnsupportedBucketing
		c.report("bucketing_identifier", "is "+strconv.Quote(d.BucketingIdentifier)+
			`, want "distinct_id" or "device_id"`)
		return
	}
	f.prefix = bucket.Prefix(d.Key)
	f.earlyExit = d.EarlyExit
	f.aggregation = c.scope(d.GroupTypeIndex)
	if f.aggregation == unnamedScope {
		c.unnamed("filters.aggregation_group_type_index", d.GroupTypeIndex)
	}
	f.light = f.aggregation == personScope
	f.continuity = d.EnsureExperienceContinuity
	if d.FeatureEnrollment {
		f.enrollment = c.property(personScope, "$feature_enrollment/"+d.Key)
		f.light = false
	}
	f.plain.payload = payloadText(d.Payloads["true"])
	c.compileHoldout(f)
	c.compileVariants(f)
	f.conditions = make([]condition, len(d.Conditions))
	for i := range d.Conditions {
		c.compileCondition(f, &f.conditions[i], i)
	}
}

func (c *compiler) compileHoldout(f *flag) {
	h := f.definition.Holdout
	if h == nil {
		return
	}
	if h.Err != nil {
		f.holdout = &holdout{why: MalformedHoldout}
		return
	}
	variant := "holdout-" + h.ID
	f.holdout = &holdout{
		share:  bucket.HoldoutShareOf(h.ExclusionPercentage),
		answer: answer{variant, payloadText(f.definition.Payloads[variant])},
	}
}

func (c *compiler) compileVariants(f *flag) {
	given := f.definition.Variants
	if len(given) == 0 {
		return
	}
	percentages := make([]float64, len(given))
	f.variants = &variants{answers: make([]answer, len(given))}
	for i := range given {
		percentages[i] = given[i].RolloutPercentage
		f.variants.answers[i] = answer{given[i].Key, payloadText(f.definition.Payloads[given[i].Key])}
	}
	f.variants.table = bucket.NewTable(percentages)
}

func (c *compiler) compileCondition(f *flag, compiled *condition, index int) {
	d := &f.definition.Conditions[index]
	path := "filters.groups[" + strconv.Itoa(index) + "]"
	compiled.rollout = bucket.ShareOf(d.RolloutPercentage)
	compiled.aggregation, compiled.own = f.aggregation, d.Aggregation.Own
	if compiled.own {
		compiled.aggregation = c.scope(d.Aggregation.GroupTypeIndex)
		if compiled.aggregation == unnamedScope {
			c.unnamed(path+".aggregation_group_type_index", d.Aggregation.GroupTypeIndex)
		}
	}
	f.light = f.light && compiled.aggregation == personScope && len(d.Filters) == 0
	if d.Variant != "" && f.variants != nil {
		compiled.override = f.variants.named(d.Variant)
		if compiled.override == nil {
			c.report(path+".variant", "is "+strconv.Quote(d.Variant)+
				", which is none of the flag's variants; the rollout decides instead")
		}
	}
	compiled.filters = make([]filter, len(d.Filters))
	for i := range d.Filters {
		c.place.path = path + ".properties[" + strconv.Itoa(i) + "]"
		compiled.filters[i] = c.filter(&d.Filters[i], compiled.aggregation)
	}
	c.place.path = ""
}

// named returns the answer with a variant, nil if there is none.
func (v *variants) named(variant string) *answer {
	for i := range v.answers {
		if v.answers[i].variant == variant {
			return &v.answers[i]
		}
	}
	return nil
}

// payloadText is the contents of a payload that is a string, and the JSON of any other. null is no payload.
func payloadText(payload json.RawMessage) string {
	payload = bytes.TrimSpace(payload)
	if len(payload) == 0 || string(payload) == "null" {
		return ""
	}
	var contents string
	if payload[0] == '"' && json.Unmarshal(payload, &contents) == nil {
		return contents
	}
	return string(payload)
}
