package main_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// What the mock says when a test asks about its flag: in the older shape of an answer, as the harness has it, although the
// request asks for the newer.
const (
	flagKey  = "test-flag"
	flagSays = "test-variant"
	flagBody = `{"featureFlags":{"test-flag":"test-variant"},"featureFlagPayloads":{}}`
)

// known is the answer of a mock that knows the flag.
var known = answer{status: http.StatusOK, route: posthogtest.RouteFlags, body: flagBody}

// flagRequestTests state what a question about one flag looks like when it arrives.
var flagRequestTests = []test{
	{"request_with_person_properties_device_id", func(p *play) {
		want := object{"$device_id": "device-1", "plan": "pro"}
		_, body := p.question(nil, object{"person_properties": want})
		if wrong := differs("person_properties", body["person_properties"], want); wrong != "" {
			p.failf("%s", wrong)
		}
		if body["distinct_id"] != "user123" {
			p.failf("distinct_id: got %#v, want user123", body["distinct_id"])
		}
	}},
	{"flags_request_uses_v2_query_param", func(p *play) {
		r, _ := p.question(nil, nil)
		if got := r.Query["v"]; !slices.Equal(got, []string{"2"}) {
			p.failf("query parameter v: got %q, want 2, once", got)
		}
	}},
	{"flags_request_hits_flags_path_not_decide", func(p *play) {
		r, _ := p.question(nil, nil)
		if strings.TrimSuffix(r.Path, "/") != "/flags" || r.Method != http.MethodPost {
			p.failf("request: got %s %s, want POST /flags/", r.Method, r.Path)
		}
	}},
	{"flags_request_omits_authorization_header", func(p *play) {
		r, _ := p.question(nil, nil)
		if got, there := r.Header["Authorization"]; there {
			p.failf("Authorization: got %q, want it absent", got)
		}
	}},
	{"token_in_flags_body_matches_init", func(p *play) {
		const other = "phc_test_of_flags"
		_, body := p.question(object{"api_key": other}, nil)
		if got := body["token"]; got != other {
			p.failf("token: got %#v, want %s", got, other)
		}
	}},
	{"groups_round_trip", func(p *play) {
		groups := object{"company": "acme", "team": "blue"}
		properties := object{"company": object{"plan": "pro", "seats": 40.0}, "team": object{"remote": true}}
		_, body := p.question(nil, object{"groups": groups, "group_properties": properties})
		for name, want := range (object{"groups": groups, "group_properties": properties}) {
			if wrong := differs(name, body[name], want); wrong != "" {
				p.failf("%s", wrong)
			}
		}
	}},
	{"groups_default_to_empty_object", func(p *play) {
		_, body := p.question(nil, nil)
		for _, name := range []string{"groups", "group_properties", "person_properties"} {
			if wrong := differs(name, body[name], object{}); wrong != "" {
				p.failf("%s", wrong)
			}
		}
	}},
	{"disable_geoip_false_propagates_as_geoip_disable_false", func(p *play) {
		_, body := p.question(nil, object{"disable_geoip": false})
		if got := body["geoip_disable"]; got != false {
			p.failf("geoip_disable: got %#v, want false", got)
		}
	}},
	{"disable_geoip_omitted_defaults_to_false", func(p *play) {
		_, body := p.question(nil, nil)
		if got := body["geoip_disable"]; got != false {
			p.failf("geoip_disable: got %#v, want false", got)
		}
	}},
	{"flag_keys_to_evaluate_contains_only_requested_key", func(p *play) {
		_, body := p.question(nil, nil)
		if wrong := differs("flag_keys_to_evaluate", body["flag_keys_to_evaluate"], []any{flagKey}); wrong != "" {
			p.failf("%s", wrong)
		}
	}},
}

// flagLifecycleTests state when there is a question at all, and what comes of it.
var flagLifecycleTests = []test{
	{"no_flags_request_on_init_alone", func(p *play) {
		p.start(nil)
		p.questions(0)
	}},
	{"no_flags_request_on_normal_capture", func(p *play) {
		p.start(nil)
		p.capture(nil)
		p.flush()
		p.exactly(1)
		p.questions(0)
	}},
	{"two_flag_calls_produce_two_remote_requests", func(p *play) {
		p.start(nil, known, known)
		p.flag(nil)
		p.flag(nil)
		p.questions(2)
	}},
	{"mock_response_value_is_returned_to_caller", func(p *play) {
		p.start(nil, known)
		if got := p.flag(nil); got != flagSays {
			p.failf("value: got %#v, want %s", got, flagSays)
		}
	}},
}

// flagRetryTests state which failures are followed by the same question once more.
var flagRetryTests = []test{
	{"retries_flags_on_502", func(p *play) { asksAgain(p, http.StatusBadGateway) }},
	{"retries_flags_on_504", func(p *play) { asksAgain(p, http.StatusGatewayTimeout) }},
}

// asksAgain states that a question is repeated after this status.
func asksAgain(p *play, status int) {
	p.start(nil, answer{status: status, route: posthogtest.RouteFlags}, known)
	got := p.flag(object{"person_properties": object{"plan": "pro"}})
	asked := p.questions(2)
	if asked[0].Status != status || asked[1].Status != http.StatusOK {
		p.failf("answers: got %d and %d, want %d and 200", asked[0].Status, asked[1].Status, status)
	}
	if !bytes.Equal(asked[0].Body, asked[1].Body) {
		p.failf("bodies: got %s and then %s, want the same", asked[0].Body, asked[1].Body)
	}
	if got != flagSays {
		p.failf("value after a retry: got %#v, want %s", got, flagSays)
	}
}

// flagEventTests state what a question leaves behind.
var flagEventTests = []test{
	{"get_feature_flag_captures_feature_flag_called_event", func(p *play) {
		p.start(nil, known)
		p.flag(nil)
		p.flush()
		events := p.events(p.exactly(1)[0])
		if len(events) != 1 || events[0]["event"] != "$feature_flag_called" || events[0]["distinct_id"] != "user123" {
			p.failf("events: got %v, want one $feature_flag_called of user123", events)
		}
		for name, want := range (object{"$feature_flag": flagKey, "$feature_flag_response": flagSays}) {
			if wrong := differs("property "+name, property(events[0], name), want); wrong != "" {
				p.failf("%s", wrong)
			}
		}
	}},
}

// flag asks for the value of a flag, as the harness does in the absence of other wishes.
func (p *play) flag(wishes object) any {
	all := object{"key": flagKey, "distinct_id": "user123", "force_remote": true}
	for name, value := range wishes {
		all[name] = value
	}
	got := p.call(http.MethodPost, "/get_feature_flag", all)
	value, there := got["value"]
	if got["success"] != true || !there {
		p.failf("/get_feature_flag: got %v, want success and a value", got)
	}
	return value
}

// question asks for the value of a flag, and returns the only request that the mock had for it, with its body.
func (p *play) question(settings, wishes object) (r posthogtest.FlagRequest, body object) {
	p.start(settings, known)
	p.flag(wishes)
	r = p.questions(1)[0]
	if err := json.Unmarshal(r.Body, &body); err != nil {
		p.failf("body %q: %v", r.RawBody, err)
	}
	return r, body
}

// questions returns the requests about flags that the mock had until a while from now, which must be n, none of them for
// definitions.
func (p *play) questions(n int) []posthogtest.FlagRequest {
	<-time.After(2 * time.Second)
	got := p.server.FlagRequests()
	if len(got) != n {
		p.failf("requests for flags: got %d, want exactly %d", len(got), n)
	}
	if definitions := p.server.DefinitionRequests(); len(definitions) != 0 {
		p.failf("requests for definitions: got %d, want none", len(definitions))
	}
	return got
}
