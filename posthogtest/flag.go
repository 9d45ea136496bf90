package posthogtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Flag is a feature flag in the words of a test. With nothing but a Key it is
// on for everybody. For what it cannot say, such as other operators than
// equality, cohorts and dependencies, see [Server.LoadFlags].
type Flag struct {
	// Key is what the flag is asked for by. It must not be empty.
	Key string
	// Value is what those have for whom the flag is on: true, or the name of a
	// variant. false means that it is off for everybody, which still is an
	// answer, unlike that of a flag that does not exist. Default nil: true, or
	// one of the Variants.
	Value any
	// Payload goes with the value: anything that encoding/json takes, raw
	// messages included. Default nil: none.
	Payload any
	// Variants share the people for whom the flag is on, by their ids. A Value
	// that names a variant gives it to all of them instead.
	Variants []Variant
	// Rollout is the share of those for whom the flag is on, in percent and
	// chosen by their ids as in production. Default 0: all of them.
	Rollout float64
	// Where are properties of the person that must be so for the flag to be on,
	// all of them. A list means any of its members. Default nil: everybody's.
	Where map[string]any
	// Group is the type of group that the flag is about, such as "company":
	// its keys and its properties then take the place of the person's. Default
	// "": persons.
	Group string
	// RemoteConfig makes the flag a remote configuration, whose Payload can be
	// fetched by itself. It is not among the definitions.
	RemoteConfig bool
}

// Variant is one of the values of a [Flag].
type Variant struct {
	// Key is the value.
	Key string
	// Percent is its share. The shares of a flag should add up to 100.
	Percent float64
	// Payload goes with the value, as [Flag].Payload does.
	Payload any
}

// readValue reads a value: whether the flag is on, and the variant if one is named.
func readValue(value any) (on bool, variant string, err error) {
	switch v := value.(type) {
	case nil:
		return true, "", nil
	case bool:
		return v, "", nil
	case string:
		if v != "" {
			return true, v, nil
		}
	}
	return false, "", fmt.Errorf("the value is %s, want true, false or the name of a variant", show(value))
}

// definition is the flag as PostHog defines it. The number of its group type is
// nil for persons.
func (f *Flag) definition(id, version int64, groupType *int) (json.RawMessage, error) {
	if f.Key == "" {
		return nil, errors.New("the key is empty")
	}
	filters, err := f.filters(groupType)
	if err != nil {
		return nil, err
	}
	definition := map[string]any{
		"id": id, "team_id": 1, "version": version, "key": f.Key, "name": "", "active": true, "deleted": false,
		"ensure_experience_continuity": false, "has_encrypted_payloads": false, "has_experiment": false,
		"bucketing_identifier": "distinct_id", "evaluation_runtime": "all", "evaluation_contexts": []string{},
		"filters": filters,
	}
	if f.RemoteConfig {
		definition[remoteConfigMember] = true
	}
	return marshal(definition)
}

func (f *Flag) filters(groupType *int) (map[string]any, error) {
	on, variant, err := readValue(f.Value)
	if err != nil {
		return nil, err
	}
	if f.Rollout < 0 || f.Rollout > 100 {
		return nil, fmt.Errorf("the rollout is %v, want 0 to 100", f.Rollout)
	}
	payloads := make(map[string]string)
	value := "true"
	if variant != "" {
		value = variant
	}
	if err := addPayload(payloads, value, f.Payload); err != nil {
		return nil, err
	}
	variants := []any{}
	for _, v := range f.Variants {
		if v.Key == "" {
			return nil, errors.New("a variant has no key")
		}
		if v.Percent < 0 || v.Percent > 100 {
			return nil, fmt.Errorf("the share of variant %s is %v, want 0 to 100", quote(v.Key), v.Percent)
		}
		if err := addPayload(payloads, v.Key, v.Payload); err != nil {
			return nil, err
		}
		variants = append(variants, newVariant(v.Key, v.Percent))
	}
	filters := map[string]any{"groups": []any{}, "payloads": payloads, "multivariate": nil}
	share := 100.0
	if len(variants) > 0 {
		filters["multivariate"] = map[string]any{"variants": variants}
		share = 0
	}
	if groupType != nil {
		filters["aggregation_group_type_index"] = *groupType
	}
	if on {
		filters["groups"] = []any{f.condition(variant, groupType)}
	}
	ensureVariant(filters, variant, share)
	return filters, nil
}

// condition is the one condition of the flag.
func (f *Flag) condition(variant string, groupType *int) map[string]any {
	properties := []any{}
	for _, name := range slices.Sorted(maps.Keys(f.Where)) {
		filter := newFilter(name, "exact", f.Where[name])
		if groupType != nil {
			filter["type"], filter["group_type_index"] = "group", *groupType
		}
		properties = append(properties, filter)
	}
	rollout := f.Rollout
	if rollout == 0 {
		rollout = 100
	}
	return newCondition(properties, rollout, variant)
}

// addPayload adds the payload of a value, as JSON in a text.
func addPayload(payloads map[string]string, value string, payload any) error {
	if payload == nil {
		return nil
	}
	text, err := marshal(payload)
	if err != nil {
		return fmt.Errorf("the payload of %s: %w", value, err)
	}
	payloads[value] = string(text)
	return nil
}
