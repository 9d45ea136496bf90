package posthogtest

import (
	"slices"
	"sync"
)

// record is everything the server saw. All of it is behind one lock; what it
// hands out are copies whose maps nobody writes to.
type record struct {
	keep int // newest so many of each; 0 means all

	mu       sync.Mutex // guards everything below
	events   []Event
	requests []*Request
	warnings []Warning
	counts   struct{ events, requests int } // since reset, forgotten ones included
	seen     map[uuidKey]rowKey             // uuid to the first row it made
	projects map[string]*project            // by token
	asks     [3][]*FlagRequest              // by kind
	billed   int                            // flag requests, since reset
	firsts   map[firstID]string
	arrival  chan struct{} // closed and replaced by every change; nobody sends
}

type uuidKey struct{ token, uuid string }

func newRecord(keep int) *record {
	r := &record{keep: keep, arrival: make(chan struct{})}
	r.forget()
	return r
}

// forget empties the record. Callers hold mu or own r alone.
func (r *record) forget() {
	r.events, r.requests, r.warnings = nil, nil, nil
	r.counts.events, r.counts.requests = 0, 0
	r.asks, r.billed, r.firsts = [3][]*FlagRequest{}, 0, make(map[firstID]string)
	r.recall()
}

// recall makes what is known of uuids, persons and groups follow from the
// events kept and nothing else, so that it is bounded as they are. Their
// warnings were given when they came. Callers hold mu or own r alone.
func (r *record) recall() {
	r.seen = make(map[uuidKey]rowKey)
	r.projects = make(map[string]*project)
	for i := range r.events {
		r.follow(&r.events[i])
	}
}

func (r *record) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	r.announce()
}

// announce wakes every waiter. Callers hold mu.
func (r *record) announce() {
	close(r.arrival)
	r.arrival = make(chan struct{})
}

// changed returns a channel that is closed at the next change.
func (r *record) changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.arrival
}

func (r *record) totals() (events, requests int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts.events, r.counts.requests
}

// arrived logs a request; from here on only the record writes to it.
func (r *record) arrived(entry *Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, entry)
	r.counts.requests++
	if r.full(len(r.requests)) {
		r.requests = newest(r.requests, r.keep)
	}
	r.announce()
}

// answered notes the status about to be sent and why, "" for a plain success.
func (r *record) answered(entry *Request, status int, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry.Status, entry.reason = status, reason
	r.announce()
}

// ruled notes what is about to be answered about each event of a request.
func (r *record) ruled(entry *Request, verdicts []Verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry.Verdicts = verdicts
}

// telling returns how many requests came and the one that says most about
// missing events: the last refused, or else the last.
func (r *record) telling() (total int, last Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, entry := range slices.Backward(r.requests) {
		if entry.refused() {
			return r.counts.requests, *entry
		}
	}
	if n := len(r.requests); n > 0 {
		last = *r.requests[n-1]
	}
	return r.counts.requests, last
}

// accept stores an event of a request.
func (r *record) accept(entry *Request, it item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := it.event
	r.events = append(r.events, e)
	r.counts.events++
	entry.Stored++
	r.complain(it.warnings...)
	r.complain(r.follow(&e)...)
	if r.full(len(r.events)) {
		r.events = newest(r.events, r.keep)
		r.recall()
	}
	r.announce()
}

// follow compares an event with those before it. Callers hold mu.
func (r *record) follow(e *Event) []Warning {
	key, row := uuidKey{e.Token, e.UUID}, e.rowKey()
	first, again := r.seen[key]
	switch {
	case !again:
		r.seen[key] = row
	case first == row:
		return nil // a resend that collapses: it happened already
	}
	p, ok := r.projects[e.Token]
	if !ok {
		p = newProject()
		r.projects[e.Token] = p
	}
	warnings := p.observe(e)
	p.learn(e)
	if again {
		warnings = append(warnings, about(e, UUIDReused, "the uuid came before as "+quote(first.name)+" of "+quote(first.distinctID)+" on "+first.day+": two rows"))
	}
	return warnings
}

func (r *record) warn(w Warning) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.complain(w)
}

// complain stores warnings. Callers hold mu.
func (r *record) complain(warnings ...Warning) {
	r.warnings = append(r.warnings, warnings...)
	if r.full(len(r.warnings)) {
		r.warnings = newest(r.warnings, r.keep)
	}
}

// full reports a list long enough to trim: twice the limit, so that trimming
// costs little per entry.
func (r *record) full(n int) bool { return r.keep > 0 && n/2 >= r.keep }

// newest copies the last n entries, all of them if n is 0.
func newest[T any](list []T, n int) []T {
	if n > 0 && len(list) > n {
		list = list[len(list)-n:]
	}
	return slices.Clone(list)
}

func (r *record) allEvents() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return newest(r.events, r.keep)
}

func (r *record) allWarnings() []Warning {
	r.mu.Lock()
	defer r.mu.Unlock()
	return newest(r.warnings, r.keep)
}

func (r *record) allRequests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries := newest(r.requests, r.keep)
	list := make([]Request, len(entries))
	for i, entry := range entries {
		list[i] = *entry
	}
	return list
}

func (r *record) rows() []Event {
	var rows []Event
	at := make(map[rowKey]int)
	for _, e := range r.allEvents() {
		if e.lost {
			continue
		}
		key := e.rowKey()
		if i, ok := at[key]; ok {
			rows[i] = e
			continue
		}
		at[key] = len(rows)
		rows = append(rows, e)
	}
	return rows
}
