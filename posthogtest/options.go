package posthogtest

import (
	"encoding/json"
	"strings"
)

// options are the typed settings of one event. nil is unset.
type options struct {
	cookieless, skew, profile *bool
	tour                      *string

	uncorrected bool // skew is true
}

// readOptions reads the options and reports whether each it knows has a value
// it can take.
func readOptions(raw json.RawMessage) (o options, ok bool) {
	if isNull(raw) {
		return o, true
	}
	var f fields
	if json.Unmarshal(raw, &f) != nil {
		return o, false
	}
	for _, flag := range []struct {
		name string
		into **bool
	}{
		{"cookieless_mode", &o.cookieless},
		{"disable_skew_correction", &o.skew},
		{"process_person_profile", &o.profile},
	} {
		raw := f[flag.name]
		if isNull(raw) {
			continue
		}
		value, ok := readFlag(raw)
		if !ok {
			return o, false
		}
		*flag.into = &value
	}
	if tour := f["product_tour_id"]; !isNull(tour) && json.Unmarshal(tour, &o.tour) != nil {
		return o, false
	}
	o.uncorrected = o.skew != nil && *o.skew
	return o, true
}

// readFlag reads true and false, and the ways to write them as text and as a
// number.
func readFlag(raw json.RawMessage) (value, ok bool) {
	if json.Unmarshal(raw, &value) == nil {
		return value, true
	}
	var number float64
	if json.Unmarshal(raw, &number) == nil {
		return number == 1, number == 0 || number == 1
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return false, false
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// copyTo writes the options that are set under the names the pipeline knows.
func (o options) copyTo(properties map[string]any) {
	for name, value := range map[string]*bool{
		"$cookieless_mode":        o.cookieless,
		"$ignore_sent_at":         o.skew,
		"$process_person_profile": o.profile,
	} {
		if value != nil {
			properties[name] = *value
		}
	}
	if o.tour != nil {
		properties["$product_tour_id"] = *o.tour
	}
}
