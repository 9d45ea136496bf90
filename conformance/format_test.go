package main_test

import "regexp"

// formatTests state what one event looks like when it arrives.
var formatTests = []test{
	{"event_has_required_fields", func(p *play) {
		got, _ := p.only(object{"event": "Order Paid", "distinct_id": "user-7"})
		for name, want := range (object{"event": "Order Paid", "distinct_id": "user-7"}) {
			if got[name] != want {
				p.failf("%s: got %v, want %v", name, got[name], want)
			}
		}
		for _, name := range []string{"uuid", "timestamp", "properties"} {
			if got[name] == nil {
				p.failf("%s of %v: got none, want one", name, got)
			}
		}
	}},
	{"event_has_uuid", func(p *play) {
		p.start(nil)
		want := p.capture(nil)
		p.flush()
		got := p.field("uuid", p.exactly(1)...)[0]
		if !uuidForm.MatchString(got) {
			p.failf("uuid: got %q, want one that can be parsed", got)
		}
		if got != want {
			p.failf("uuid: got %s at the mock and %s from /capture, want the same", got, want)
		}
	}},
	{"event_has_lib_properties", func(p *play) {
		got, _ := p.only(nil)
		properties, _ := got["properties"].(object)
		if lib, _ := properties["$lib"].(string); lib == "" {
			p.failf("$lib: got %v, want a name", properties["$lib"])
		}
	}},
	{"distinct_id_is_string", func(p *play) {
		got, _ := p.only(object{"distinct_id": "12345"})
		if got["distinct_id"] != "12345" {
			p.failf("distinct_id: got %#v, want the text 12345", got["distinct_id"])
		}
	}},
	{"token_is_present", func(p *play) {
		_, request := p.only(nil)
		if got := p.batch(request)["api_key"]; got != key {
			p.failf("api_key: got %v, want %s", got, key)
		}
	}},
	{"custom_properties_preserved", func(p *play) {
		want := object{"text": "value", "number": 42.0, "yes": true, "no": false}
		got, _ := p.only(object{"properties": want})
		properties, _ := got["properties"].(object)
		for name := range want {
			if properties[name] != want[name] {
				p.failf("property %s: got %#v, want %#v", name, properties[name], want[name])
			}
		}
	}},
	{"event_has_timestamp", func(p *play) {
		got, _ := p.only(nil)
		if at, _ := got["timestamp"].(string); !timeForm.MatchString(at) {
			p.failf("timestamp: got %v, want RFC 3339 in UTC", got["timestamp"])
		}
	}},
	{"non_utc_event_timestamp_is_converted_to_utc", func(p *play) {
		const local = "2025-01-02T08:34:05+05:30"
		got, _ := p.only(object{"timestamp": local, "properties": object{"seen_at": local}})
		if at, _ := got["timestamp"].(string); !instantForm.MatchString(at) {
			p.failf("timestamp for %s: got %v, want 2025-01-02T03:04:05Z", local, got["timestamp"])
		}
		properties, _ := got["properties"].(object)
		if properties["seen_at"] != local {
			p.failf("a property with the same text: got %v, want %s", properties["seen_at"], local)
		}
	}},
}

var (
	uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$`)

	instantForm = regexp.MustCompile(`^2025-01-02T03:04:05(\.0+)?(Z|\+00:00)$`)
)
