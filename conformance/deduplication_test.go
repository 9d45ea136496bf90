package main_test

import (
	"fmt"
	"slices"
	"time"
)

// deduplicationTests state what makes it safe to send an event twice.
var deduplicationTests = []test{
	{"generates_unique_uuids", func(p *play) {
		p.start(nil)
		captured(p, 5)
		p.flush()
		uuids := p.field("uuid", p.within(2*time.Second)...)
		if len(uuids) != 5 {
			p.failf("events: got %d, want 5", len(uuids))
		}
		p.distinct("uuids", uuids)
	}},
	{"preserves_uuid_on_retry", func(p *play) {
		again(p, 1, "uuid")
	}},
	{"preserves_uuid_and_timestamp_on_retry", func(p *play) {
		again(p, 1, "uuid", "timestamp")
	}},
	{"preserves_uuid_and_timestamp_on_batch_retry", func(p *play) {
		again(p, 3, "uuid", "timestamp")
	}},
	{"no_duplicate_events_in_batch", func(p *play) {
		p.start(object{"flush_at": 10})
		captured(p, 5)
		p.flush()
		for _, request := range p.atLeast(1, 2*time.Second) {
			p.distinct("uuids of one request", p.field("uuid", request))
		}
	}},
	{"different_events_have_different_uuids", func(p *play) {
		p.start(nil)
		same := object{"distinct_id": "user-1", "event": "Same", "properties": object{"n": 1}}
		p.capture(same)
		p.capture(same)
		p.flush()
		uuids := p.field("uuid", p.within(2*time.Second)...)
		if len(uuids) != 2 {
			p.failf("events: got %d, want 2", len(uuids))
		}
		p.distinct("uuids of identical events", uuids)
	}},
}

// captured captures n events that differ.
func captured(p *play, n int) {
	for i := range n {
		p.capture(object{"event": fmt.Sprintf("Event %d", i)})
	}
}

// again states that these fields of the n events of a request are the same when it is made again.
func again(p *play, n int, fields ...string) {
	p.start(object{"flush_at": n}, answer{status: 503}, answer{status: 200})
	captured(p, n)
	p.flush()
	got := p.atLeast(2, 5*time.Second)
	for _, field := range fields {
		first, second := p.field(field, got[0]), p.field(field, got[1])
		if len(first) != n || !slices.Equal(first, second) {
			p.failf("%s of %d events: got %v and then %v, want the same", field, n, first, second)
		}
	}
}

// compressionTests and batchTests state what a request looks like, and how many there are.
var compressionTests = []test{
	{"sends_gzip_when_enabled", func(p *play) {
		p.start(object{"enable_compression": true})
		p.capture(nil)
		p.flush()
		if got := p.exactly(1)[0].Header.Get("Content-Encoding"); got != "gzip" {
			p.failf("Content-Encoding of one small event with compression enabled: got %q, want gzip", got)
		}
	}},
}

var batchTests = []test{
	{"uses_proper_batch_structure", func(p *play) {
		_, request := p.only(nil)
		body := p.batch(request)
		if _, ok := body["batch"].([]any); !ok || body["api_key"] != key {
			p.failf("body: got %s, want an object with api_key and the list batch", request.Body)
		}
	}},
	{"flush_with_no_events_sends_nothing", func(p *play) {
		p.start(nil)
		p.flush()
		p.exactly(0)
	}},
	{"multiple_events_batched_together", func(p *play) {
		p.start(object{"flush_at": 10})
		captured(p, 5)
		p.flush()
		if got := len(p.events(p.exactly(1)[0])); got != 5 {
			p.failf("events of the request: got %d, want 5", got)
		}
	}},
}
