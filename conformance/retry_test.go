package main_test

import (
	"net/http"
	"time"
)

// retryTests state what follows a failure that may pass, and one that will not.
var retryTests = []test{
	{"retries_on_503", func(p *play) { retries(p, 503, 503) }},
	{"does_not_retry_on_400", func(p *play) { refused(p, 400) }},
	{"does_not_retry_on_401", func(p *play) { refused(p, 401) }},
	{"respects_retry_after_header", func(p *play) {
		p.start(nil, answer{status: 429, retryAfter: "3"}, answer{status: 200})
		p.capture(nil)
		p.flush()
		got := p.atLeast(2, 5*time.Second)
		if gap := got[1].Time.Sub(got[0].Time); gap < 2500*time.Millisecond {
			p.failf("gap after Retry-After: 3: got %v, want at least 2.5s", gap)
		}
	}},
	{"implements_backoff", func(p *play) {
		p.start(nil, answer{status: 503}, answer{status: 503}, answer{status: 503}, answer{status: 200})
		p.capture(nil)
		p.flush()
		got := p.atLeast(3, 15*time.Second)
		if gap := got[1].Time.Sub(got[0].Time); gap < 100*time.Millisecond {
			p.failf("gap before the first retry: got %v, want at least 100ms", gap)
		}
	}},
	{"retries_on_500", func(p *play) { retries(p, 500) }},
	{"retries_on_502", func(p *play) { retries(p, 502) }},
	{"retries_on_504", func(p *play) { retries(p, 504) }},
	{"max_retries_respected", func(p *play) {
		down := answer{status: 503}
		p.start(object{"max_retries": 3}, down, down, down, down, down)
		p.capture(nil)
		p.flush()
		p.exactlyWithin(4, 15*time.Second)
	}},
}

// errorTests state the same for the remaining statuses.
var errorTests = []test{
	{"does_not_retry_on_403", func(p *play) { refused(p, 403) }},
	{"does_not_retry_on_413", func(p *play) { refused(p, 413) }},
	{"retries_on_408", func(p *play) { retries(p, 408) }},
}

// retries states that an event arrives in spite of these answers.
func retries(p *play, before ...int) {
	var queue []answer
	for _, status := range before {
		queue = append(queue, answer{status: status})
	}
	p.start(nil, append(queue, answer{status: 200})...)
	p.capture(nil)
	p.flush()
	got := p.atLeast(len(before)+1, 5*time.Second)
	if last := got[len(got)-1].Status; last != http.StatusOK {
		p.failf("last answer of %s: got %d, want 200", statuses(got), last)
	}
}

// refused states that this answer is the last.
func refused(p *play, status int) {
	p.start(nil, answer{status: status})
	p.capture(nil)
	p.flush()
	p.exactly(1)
}
