package main_test

import (
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// aiTests are those of the suite capture_ai.
var aiTests = []test{
	{"ai_events_go_to_the_ai_endpoint", func(p *play) {
		p.start(nil)
		p.captureAI(nil)
		p.flush()
		if got := p.exactly(1)[0].Path; got != "/i/v0/ai/batch/" {
			p.failf("path: got %s, want /i/v0/ai/batch/", got)
		}
	}},
	{"an_ai_event_that_is_captured_goes_to_batch", func(p *play) {
		p.start(nil)
		p.capture(object{"event": "$ai_generation"})
		p.flush()
		for _, r := range p.atLeast(1, 2*time.Second) {
			if r.Route != posthogtest.RouteBatch {
				p.failf("path: got %s, want /batch", r.Path)
			}
		}
	}},
	{"uuid_is_generated_and_returned", func(p *play) {
		p.start(nil)
		want := p.captureAI(nil)
		p.flush()
		if got := p.field("uuid", p.exactly(1)...)[0]; got != want || !uuidForm.MatchString(got) {
			p.failf("uuid: got %s at the mock and %s from /capture_ai, want the same", got, want)
		}
	}},
	{"uuid_of_the_caller_is_kept", func(p *play) {
		const uuid = "0198c0de-0000-7000-8000-000000000abc"
		p.start(nil)
		returned := p.captureAI(object{"uuid": uuid})
		p.flush()
		if got := p.field("uuid", p.exactly(1)...)[0]; got != uuid || returned != uuid {
			p.failf("uuid: got %s at the mock and %s from /capture_ai, want %s", got, returned, uuid)
		}
	}},
	{"timestamp_is_converted_to_utc", func(p *play) {
		p.start(nil)
		p.captureAI(object{"timestamp": local, "properties": object{"seen_at": local}})
		p.flush()
		event := p.events(p.exactly(1)[0])[0]
		if at, _ := event["timestamp"].(string); !instantForm.MatchString(at) {
			p.failf("timestamp for %s: got %v, want 2025-01-02T03:04:05Z", local, event["timestamp"])
		}
		if wrong := differs("a property with the same text", property(event, "seen_at"), local); wrong != "" {
			p.failf("%s", wrong)
		}
	}},
}
