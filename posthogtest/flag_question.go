package posthogtest

import (
	"encoding/json"
	"errors"
	"fmt"
)

// read fills in the members of a question.
func (q *FlagRequest) read(body fields) error {
	id := body.first("distinct_id", "$distinct_id")
	if isNull(id) {
		return errors.New("the request has no distinct_id")
	}
	var ok bool
	if q.DistinctID, ok = identifier(id); !ok {
		return fmt.Errorf("distinct_id is %s, want a string or a number", excerpt(id))
	}
	var err error
	into := func(target any, want string, names ...string) {
		raw := body.first(names...)
		if err != nil || isNull(raw) {
			return
		}
		if unmarshalExact(raw, target) != nil {
			err = fmt.Errorf("%s is %s, want %s", names[0], excerpt(raw), want)
		}
	}
	into(&q.PersonProperties, "an object", "person_properties", "$properties")
	into(&q.Groups, "an object", "groups", "$groups")
	into(&q.GroupProperties, "an object of objects", "group_properties", "$group_properties")
	into(&q.Keys, "a list of strings", "flag_keys_to_evaluate", "flag_keys")
	into(&q.EvaluationContexts, "a list of strings", "evaluation_contexts", "evaluation_environments")
	into(&q.GeoIPDisable, "true or false", "geoip_disable")
	into(&q.disabled, "true or false", "disable_flags")
	into(&q.EvaluationRuntime, "a string", "evaluation_runtime")
	into(&q.ip, "a string", "ip_address")
	q.AnonDistinctID, _ = identifier(body.first("$anon_distinct_id", "anon_distinct_id"))
	q.DeviceID, _ = identifier(body.first("$device_id", "device_id"))
	if q.DeviceID == "" {
		q.DeviceID = text(q.PersonProperties["$device_id"])
	}
	return err
}

// first is the first of several members that is there and not null.
func (f fields) first(names ...string) json.RawMessage {
	for _, name := range names {
		if raw := f[name]; !isNull(raw) {
			return raw
		}
	}
	return nil
}

// identifier reads an id that is a text or a number, and cuts it as the service
// does.
func identifier(raw json.RawMessage) (id string, ok bool) {
	var number json.Number
	switch {
	case isNull(raw):
		return "", false
	case json.Unmarshal(raw, &id) == nil:
	case unmarshalExact(raw, &number) == nil:
		id = number.String()
	default:
		return "", false
	}
	if len(id) > maxDistinctID {
		id = string([]rune(id)[:min(maxDistinctID, len([]rune(id)))])
	}
	return id, true
}
