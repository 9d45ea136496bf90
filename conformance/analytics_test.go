package main_test

import (
	"regexp"
	"strings"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// endpointTests state where requests go.
var endpointTests = []test{
	{"uses_the_analytics_endpoint", func(p *play) {
		p.start(nil)
		captured(p, 2)
		p.flush()
		for _, r := range p.atLeast(1, 2*time.Second) {
			if r.Path != posthogtest.RouteAnalytics {
				p.failf("path: got %s, want %s", r.Path, posthogtest.RouteAnalytics)
			}
		}
	}},
	{"uses_no_older_endpoint", func(p *play) {
		p.start(nil, answer{status: 503})
		captured(p, 2)
		p.flush()
		for _, r := range p.atLeast(2, 5*time.Second) {
			for _, older := range []string{"/batch", "/e", "/capture", "/track", "/i/v0/e"} {
				if r.Route == older {
					p.failf("path: got %s, want none of the older ones", r.Path)
				}
			}
		}
	}},
}

var (
	pairForm    = regexp.MustCompile(`^[^/\s]+/[^/\s]+$`)
	instantUTC  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	versionForm = regexp.MustCompile(`^\S`)
)

// headerTests state the headers of a first request.
var headerTests = []test{
	{"authorization_is_the_key", header("Authorization", regexp.MustCompile("^Bearer "+key+"$"))},
	{"content_type_is_json", header("Content-Type", regexp.MustCompile("^application/json"))},
	{"user_agent_is_present", header("User-Agent", versionForm)},
	{"sdk_info_is_name_and_version", header("Posthog-Sdk-Info", pairForm)},
	{"attempt_is_1", header("Posthog-Attempt", regexp.MustCompile("^1$"))},
	{"request_id_is_a_uuid", header("Posthog-Request-Id", uuidForm)},
	{"request_timestamp_is_utc", header("Posthog-Request-Timestamp", instantUTC)},
}

// header states that a header has a form.
func header(name string, form *regexp.Regexp) func(*play) {
	return func(p *play) {
		_, r := p.only(nil)
		if got := r.Header.Get(name); !form.MatchString(got) {
			p.failf("%s: got %q, want %s", name, got, form)
		}
	}
}

// bodyTests state what is around the events.
var bodyTests = []test{
	{"body_has_created_at_and_batch", func(p *play) {
		_, r := p.only(nil)
		body := p.batch(r)
		if at, _ := body["created_at"].(string); !instantUTC.MatchString(at) {
			p.failf("created_at: got %v, want an instant in UTC", body["created_at"])
		}
		if list, _ := body["batch"].([]any); len(list) == 0 {
			p.failf("batch: got %v, want a list of events", body["batch"])
		}
	}},
	{"body_has_no_key", func(p *play) { absent(p, "api_key", "token") }},
	{"body_has_no_sent_at", func(p *play) { absent(p, "sent_at") }},
}

// absent states that the body and its events have none of these members.
func absent(p *play, names ...string) {
	event, r := p.only(nil)
	for _, name := range names {
		if _, there := p.batch(r)[name]; there {
			p.failf("%s: it is in the body", name)
		}
		if _, there := event[name]; there {
			p.failf("%s: it is in an event", name)
		}
	}
	if strings.Contains(string(r.Body), key) {
		p.failf("the body has the key: %s", r.Body)
	}
}

// analyticsBatchTests state how events are put together.
var analyticsBatchTests = []test{
	{"events_travel_together", func(p *play) {
		p.start(object{"flush_at": 10})
		captured(p, 5)
		p.flush()
		if got := len(p.events(p.exactly(1)[0])); got != 5 {
			p.failf("events of the request: got %d, want 5", got)
		}
	}},
	{"a_batch_is_authorized", func(p *play) {
		p.start(object{"flush_at": 10})
		captured(p, 5)
		p.flush()
		r := p.exactly(1)[0]
		if got := r.Header.Get("Authorization"); got != "Bearer "+key || p.batch(r)["created_at"] == nil {
			p.failf("Authorization of a batch: got %q, want the key, and created_at in the body", got)
		}
	}},
	{"flush_with_no_events_sends_nothing", func(p *play) {
		p.start(nil)
		p.flush()
		p.exactly(0)
	}},
	{"flush_at_sends_at_once", func(p *play) {
		p.start(object{"flush_at": 3, "flush_interval_ms": 60_000})
		p.flushing = time.Now()
		captured(p, 3)
		if got := len(p.events(p.atLeast(1, time.Second)[0])); got != 3 {
			p.failf("events of the request: got %d, want 3", got)
		}
	}},
	{"created_at_is_now", func(p *play) {
		_, r := p.only(nil)
		at, _ := p.batch(r)["created_at"].(string)
		created, err := time.Parse(time.RFC3339Nano, at)
		if off := r.Time.Sub(created).Abs(); err != nil || off > 5*time.Second {
			p.failf("created_at: got %q, %v from when the request came, want at most 5s", at, off)
		}
	}},
}

// retryHeaderTests state which headers change from one attempt to the next.
var retryHeaderTests = []test{
	{"attempt_starts_at_1", func(p *play) {
		if got := attempts(p, 1)[0].Attempt; got != 1 {
			p.failf("attempt of the first request: got %d, want 1", got)
		}
	}},
	{"attempt_grows_by_1", func(p *play) {
		for i, r := range attempts(p, 3) {
			if r.Attempt != i+1 {
				p.failf("attempt of request %d: got %d, want %d", i, r.Attempt, i+1)
			}
		}
	}},
	{"request_id_stays_on_retry", func(p *play) {
		got := attempts(p, 3)
		for _, r := range got {
			if r.RequestID == "" || r.RequestID != got[0].RequestID {
				p.failf("request id: got %q after %q, want the same", r.RequestID, got[0].RequestID)
			}
		}
	}},
	{"request_id_is_new_for_each_batch", func(p *play) {
		p.start(nil)
		p.capture(nil)
		p.flush()
		p.capture(nil)
		p.flush()
		got := p.exactly(2)
		p.distinct("request ids", []string{got[0].RequestID, got[1].RequestID})
	}},
	{"request_timestamp_changes_on_retry", func(p *play) {
		var stamps []string
		for _, r := range attempts(p, 3) {
			stamps = append(stamps, r.Header.Get("Posthog-Request-Timestamp"))
		}
		p.distinct("request timestamps", stamps)
	}},
}

// attempts returns the first n requests for one batch.
func attempts(p *play, n int) []posthogtest.Request {
	down := answer{status: 503}
	p.start(nil, down, down, answer{status: 200})
	p.capture(nil)
	p.flush()
	return p.atLeast(n, 10*time.Second)
}

// optionTests state how the options of an event travel.
var optionTests = []test{
	{"cookieless_mode", option("cookieless_mode", true)},
	{"disable_skew_correction", option("disable_skew_correction", true)},
	{"process_person_profile", option("process_person_profile", false)},
	{"product_tour_id", option("product_tour_id", "tour-1")},
	{"unset_options_are_absent", func(p *play) {
		event, _ := p.only(nil)
		options, ok := event["options"].(object)
		if !ok || len(options) != 0 {
			p.failf("options of an event without any: got %v, want an empty object", event["options"])
		}
	}},
	{"options_belong_to_their_event", func(p *play) {
		p.start(object{"flush_at": 3})
		p.capture(object{"options": object{"cookieless_mode": true}})
		p.capture(nil)
		p.capture(object{"options": object{"product_tour_id": "tour-2"}})
		p.flush()
		r := p.exactly(1)[0]
		p.wantEvents(r, 3)
		events := p.events(r)
		for i, want := range []object{{"cookieless_mode": true}, {}, {"product_tour_id": "tour-2"}} {
			options, _ := events[i]["options"].(object)
			if len(options) != len(want) {
				p.failf("options of event %d: got %v, want %v", i, options, want)
			}
			for name := range want {
				if options[name] != want[name] {
					p.failf("options of event %d: got %v, want %v", i, options, want)
				}
			}
		}
	}},
}

// option states that one option arrives with its value, and alone.
func option(name string, value any) func(*play) {
	return func(p *play) {
		event, _ := p.only(object{"options": object{name: value}})
		options, _ := event["options"].(object)
		if options[name] != value || len(options) != 1 {
			p.failf("options: got %v, want %s to be %v and no other", event["options"], name, value)
		}
	}
}

// settingTests state what the settings of a client put into its requests.
var settingTests = []test{
	{"disable_geoip_is_a_property", func(p *play) {
		p.start(object{"disable_geoip": true})
		p.capture(nil)
		p.flush()
		properties, _ := p.events(p.exactly(1)[0])[0]["properties"].(object)
		if properties["$geoip_disable"] != true {
			p.failf("$geoip_disable: got %v, want true", properties["$geoip_disable"])
		}
	}},
	{"historical_migration_is_in_the_body", func(p *play) {
		p.start(object{"historical_migration": true})
		p.capture(nil)
		p.flush()
		if got := p.batch(p.exactly(1)[0])["historical_migration"]; got != true {
			p.failf("historical_migration: got %v, want true", got)
		}
	}},
	{"historical_migration_is_absent_by_default", func(p *play) {
		_, r := p.only(nil)
		if got, there := p.batch(r)["historical_migration"]; there {
			p.failf("historical_migration: got %v, want it absent", got)
		}
	}},
}
