package main_test

import (
	"slices"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// responseTests state what an answer is taken for.
var responseTests = []test{
	{"stored_events_are_sent", func(p *play) {
		answered200(p, answer{status: 200, results: []string{"ok", "ok", "ok"}})
		p.wantSent(3)
	}},
	{"a_warning_is_a_success", func(p *play) {
		answered200(p, answer{status: 200, results: []string{"ok", "warning person_processing_disabled", "ok"}})
		p.wantSent(3)
	}},
	{"a_drop_is_none", func(p *play) {
		answered200(p, answer{status: 200, results: []string{"ok", "drop invalid_event", "ok"}})
		p.wantSent(2)
	}},
	{"a_limit_is_none", func(p *play) {
		answered200(p, answer{status: 200, results: []string{"limited", "ok", "ok"}})
		p.wantSent(2)
	}},
	{"a_retry_is_none_yet", func(p *play) {
		p.start(object{"flush_at": 3}, answer{status: 200, retryAfter: "60", results: []string{"ok", "ok", "retry not_persisted"}})
		captured(p, 3)
		p.flushing = time.Now()
		p.exactly(1)
		p.wantSent(2)
		if got := p.call("GET", "/state", nil)["pending_events"]; got != 1.0 {
			p.failf("pending events: got %v, want 1", got)
		}
	}},
	{"an_error_is_none", func(p *play) {
		p.start(object{"flush_at": 3}, answer{status: 400})
		captured(p, 3)
		p.flush()
		p.exactly(1)
		p.wantSent(0)
	}},
}

// answered200 sends three events that get this answer, in one request.
func answered200(p *play, a answer) posthogtest.Request {
	p.start(object{"flush_at": 3}, a)
	captured(p, 3)
	p.flush()
	return p.exactly(1)[0]
}

// wantSent fails unless the adapter counts so many events as sent.
func (p *play) wantSent(n float64) {
	if got := p.call("GET", "/state", nil)["total_events_sent"]; got != n {
		p.failf("events sent: got %v, want %v", got, n)
	}
}

// analyticsRetryTests state what follows a failure of a whole request.
var analyticsRetryTests = []test{
	{"retries_on_408", func(p *play) { retries(p, 408) }},
	{"retries_on_500", func(p *play) { retries(p, 500) }},
	{"retries_on_503", func(p *play) { retries(p, 503) }},
	{"retries_on_504", func(p *play) { retries(p, 504) }},
	{"retries_until_it_passes", func(p *play) { retries(p, 503, 503) }},
	{"respects_retry_after_header", func(p *play) {
		p.start(nil, answer{status: 503, retryAfter: "3"}, answer{status: 200})
		p.capture(nil)
		p.flush()
		p.wantGap(p.atLeast(2, 8*time.Second), 2500*time.Millisecond)
	}},
	{"does_not_retry_on_400", func(p *play) { refused(p, 400) }},
	{"does_not_retry_on_401", func(p *play) { refused(p, 401) }},
	{"does_not_retry_on_402", func(p *play) { refused(p, 402) }},
	{"does_not_retry_on_413", func(p *play) { refused(p, 413) }},
	{"does_not_retry_on_415", func(p *play) { refused(p, 415) }},
	{"waits_before_the_first_retry", func(p *play) {
		p.start(nil, answer{status: 503}, answer{status: 200})
		p.capture(nil)
		p.flush()
		p.wantGap(p.atLeast(2, 5*time.Second), 100*time.Millisecond)
	}},
	{"implements_backoff", func(p *play) {
		p.start(nil, answer{status: 503}, answer{status: 503}, answer{status: 503}, answer{status: 200})
		p.capture(nil)
		p.flush()
		p.wantGap(p.atLeast(3, 15*time.Second), 100*time.Millisecond)
	}},
	{"max_retries_respected", func(p *play) {
		down := answer{status: 503}
		p.start(object{"max_retries": 3}, down, down, down, down, down)
		p.capture(nil)
		p.flush()
		p.exactlyWithin(4, 15*time.Second)
	}},
}

// wantGap fails unless the first two requests are so far apart.
func (p *play) wantGap(requests []posthogtest.Request, least time.Duration) {
	if gap := requests[1].Time.Sub(requests[0].Time); gap < least {
		p.failf("gap before the second request: got %v, want at least %v", gap, least)
	}
}

// analyticsErrorTests state what an unknown refusal is.
var analyticsErrorTests = []test{
	{"does_not_retry_on_403", func(p *play) { refused(p, 403) }},
}

// partialTests state what follows an answer that differs from event to event.
var partialTests = []test{
	{"ok_is_not_sent_again", func(p *play) { lacks(p, "ok") }},
	{"drop_is_not_sent_again", func(p *play) { lacks(p, "drop invalid_event") }},
	{"limited_is_not_sent_again", func(p *play) { lacks(p, "limited") }},
	{"an_unknown_word_is_not_sent_again", func(p *play) { lacks(p, "quarantined") }},
	{"retry_alone_is_sent_again", func(p *play) {
		first, second := partial(p, "ok", "retry not_persisted", "drop invalid_event")
		if want := p.field("event", first)[1:2]; !slices.Equal(p.field("event", second), want) {
			p.failf("events of the second request: got %v, want %v", p.field("event", second), want)
		}
	}},
	{"uuids_stay_the_same", func(p *play) {
		first, second := partial(p, "retry", "ok", "retry")
		if all := p.field("uuid", first); !slices.Equal(p.field("uuid", second), []string{all[0], all[2]}) {
			p.failf("uuids of the second request: got %v, want the first and the last of %v", p.field("uuid", second), all)
		}
	}},
	{"timestamps_stay_the_same", func(p *play) {
		first, second := partial(p, "retry", "ok", "retry")
		if all := p.field("timestamp", first); !slices.Equal(p.field("timestamp", second), []string{all[0], all[2]}) {
			p.failf("timestamps of the second request: got %v, want the first and the last of %v", p.field("timestamp", second), all)
		}
	}},
	{"attempt_is_2", func(p *play) {
		if _, second := partial(p, "ok", "retry", "ok"); second.Attempt != 2 {
			p.failf("attempt of the second request: got %d, want 2", second.Attempt)
		}
	}},
	{"request_id_stays_the_same", func(p *play) {
		if first, second := partial(p, "ok", "retry", "ok"); first.RequestID != second.RequestID {
			p.failf("request id: got %s after %s, want the same", second.RequestID, first.RequestID)
		}
	}},
	{"respects_retry_after_header_of_a_200", func(p *play) {
		p.start(object{"flush_at": 3}, answer{status: 200, retryAfter: "3", results: []string{"ok", "retry", "ok"}})
		captured(p, 3)
		p.flush()
		p.wantGap(p.atLeast(2, 5*time.Second), 2500*time.Millisecond)
	}},
	{"nothing_to_retry_is_one_request", func(p *play) {
		answered200(p, answer{status: 200, results: []string{"ok", "drop invalid_event", "limited"}})
	}},
	{"everything_to_retry_is_sent_again", func(p *play) {
		first, second := partial(p, "retry", "retry", "retry")
		if !slices.Equal(p.field("uuid", first), p.field("uuid", second)) {
			p.failf("uuids of the second request: got %v, want %v", p.field("uuid", second), p.field("uuid", first))
		}
	}},
	{"retries_until_all_are_stored", func(p *play) {
		p.start(object{"flush_at": 3},
			answer{status: 200, results: []string{"retry", "ok", "retry"}},
			answer{status: 200, results: []string{"ok", "retry"}},
		)
		captured(p, 3)
		p.flush()
		requests := p.exactlyWithin(3, 8*time.Second)
		p.wantEvents(requests[0], 3)
		if all := p.field("uuid", requests[0]); !slices.Equal(p.field("uuid", requests[2]), all[2:]) {
			p.failf("uuids of the third request: got %v, want the last of %v", p.field("uuid", requests[2]), all)
		}
		p.wantSent(3)
	}},
}

// partial sends three events that get these results, and then success, and returns both requests.
func partial(p *play, results ...string) (first, second posthogtest.Request) {
	p.start(object{"flush_at": 3}, answer{status: 200, results: results})
	captured(p, 3)
	p.flush()
	got := p.exactlyWithin(2, 5*time.Second)
	p.wantEvents(got[0], 3)
	return got[0], got[1]
}

// wantEvents fails unless the request has so many events.
func (p *play) wantEvents(r posthogtest.Request, n int) {
	if got := len(p.events(r)); got != n {
		p.failf("events of a request: got %d, want %d", got, n)
	}
}

// lacks states that an event with this result is in no second request.
func lacks(p *play, result string) {
	first, second := partial(p, result, "retry", "retry")
	if uuid := p.field("uuid", first)[0]; slices.Contains(p.field("uuid", second), uuid) {
		p.failf("the event with the result %s was sent again", result)
	}
}

// encodingTests state how bodies are compressed.
var encodingTests = []test{
	{"sends_gzip_when_enabled", func(p *play) { encoded(p, "gzip") }},
	{"sends_deflate_when_enabled", func(p *play) { encoded(p, "deflate") }},
	{"sends_br_when_enabled", func(p *play) { encoded(p, "br") }},
	{"sends_zstd_when_enabled", func(p *play) { encoded(p, "zstd") }},
	{"sends_plain_when_disabled", func(p *play) {
		p.start(object{"enable_compression": false})
		p.capture(nil)
		p.flush()
		if got, there := p.exactly(1)[0].Header["Content-Encoding"]; there {
			p.failf("Content-Encoding: got %q, want none", got)
		}
	}},
	{"gzip_can_be_undone", func(p *play) {
		p.start(object{"enable_compression": true})
		p.capture(nil)
		p.flush()
		if r := p.exactly(1)[0]; len(p.events(r)) != 1 || len(r.RawBody) == len(r.Body) {
			p.failf("body: got %d bytes for %d, want fewer, and one event in them", len(r.RawBody), len(r.Body))
		}
	}},
}

// encoded states that a body with an encoding arrives, and that the mock can read it.
func encoded(p *play, want string) {
	p.start(object{"enable_compression": true})
	p.capture(nil)
	p.flush()
	r := p.exactly(1)[0]
	if got := r.Header.Get("Content-Encoding"); got != want || r.Status != 200 || len(p.events(r)) != 1 {
		p.failf("Content-Encoding: got %q, answered with %d, want %q and one event", got, r.Status, want)
	}
}
