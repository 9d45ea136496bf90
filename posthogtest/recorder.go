package posthogtest

import (
	"fmt"
	"slices"
	"strings"
)

// Recorder states what a server should have received. It judges
// [Server.Rows]: what a query would see, so a resend that the service
// collapses counts once. Each method looks at the events there are when it is
// called; flush or close the client first, or use [Server.Wait]. Failures go
// to the TB's Errorf and the test goes on. Use it from the test's goroutine.
type Recorder struct {
	server     *Server
	tb         TB
	distinctID string
	narrowed   bool
	route      string // "" is any
}

// Recorder returns assertions on this server that report to tb.
func (s *Server) Recorder(tb TB) *Recorder {
	return &Recorder{server: s, tb: tb}
}

// For returns a recorder that sees only the events of one distinct id.
func (r *Recorder) For(distinctID string) *Recorder {
	narrow := *r
	narrow.distinctID, narrow.narrowed = distinctID, true
	return &narrow
}

// Via returns a recorder that sees only the events that came by one route, such
// as [RouteAIBatch]: a path with or without its final slash. A row that came by
// several routes is seen by the last.
func (r *Recorder) Via(route string) *Recorder {
	narrow := *r
	narrow.route = strings.TrimSuffix(route, "/")
	return &narrow
}

// Events returns the rows the recorder sees, in order of arrival.
func (r *Recorder) Events() []Event {
	return slices.DeleteFunc(r.server.Rows(), func(e Event) bool { return !r.sees(e.DistinctID, e.Route) })
}

// sees reports whether an event is in the recorder's scope.
func (r *Recorder) sees(distinctID, route string) bool {
	return (!r.narrowed || distinctID == r.distinctID) && (r.route == "" || route == r.route)
}

// Event states that exactly one event has this name and returns it for more
// statements. After a failure those are silent.
func (r *Recorder) Event(name string) *EventCheck {
	r.tb.Helper()
	events := r.Events()
	found := named(events, name)
	if len(found) == 1 {
		return &EventCheck{tb: r.tb, event: found[0], ok: true}
	}
	r.fail(events, name, fmt.Sprintf("exactly 1 event %q", name), len(found))
	return &EventCheck{tb: r.tb}
}

// Count states that exactly n events have this name.
func (r *Recorder) Count(name string, n int) {
	r.tb.Helper()
	events := r.Events()
	if got := len(named(events, name)); got != n {
		r.fail(events, name, count(n, "event")+" "+quote(name), got)
	}
}

// None states that no event has this name.
func (r *Recorder) None(name string) {
	r.tb.Helper()
	events := r.Events()
	if got := len(named(events, name)); got != 0 {
		r.fail(events, name, "no event "+quote(name), got)
	}
}

// Empty states that no event arrived at all.
func (r *Recorder) Empty() {
	r.tb.Helper()
	if events := r.Events(); len(events) > 0 {
		r.tb.Errorf("want no events%s, got %d\n%s", r.scope(), len(events), r.arrivals(events))
	}
}

// Order states that the events with these names are exactly these, in this
// order of arrival. Events with other names may stand between them.
func (r *Recorder) Order(want ...string) {
	r.tb.Helper()
	events := r.Events()
	relevant := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return !slices.Contains(want, e.Name) })
	got := names(relevant)
	if slices.Equal(got, want) {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	place := func(names []string) string {
		if at < len(names) {
			return quote(names[at])
		}
		return "the end"
	}
	r.tb.Errorf("events out of order%s at position %d: want %s, got %s\n  want: %s\n  got:  %s\n%s",
		r.scope(), at+1, place(want), place(got), sequence(want), sequence(got), r.arrivals(events))
}

// NoWarnings states that production would have accepted everything without
// complaint.
func (r *Recorder) NoWarnings() {
	r.tb.Helper()
	warnings := slices.DeleteFunc(r.server.Warnings(), func(w Warning) bool { return !r.sees(w.DistinctID, w.Route) })
	if len(warnings) == 0 {
		return
	}
	var b strings.Builder
	for _, w := range warnings {
		fmt.Fprintf(&b, "  %s\n", w)
	}
	r.tb.Errorf("want no ingestion warnings%s, got %d:\n%s", r.scope(), len(warnings), b.String())
}

// fail reports a wrong number of events with a name.
func (r *Recorder) fail(events []Event, name, want string, got int) {
	r.tb.Helper()
	hint := ""
	if got == 0 {
		hint = r.lost(name)
	}
	if got == 0 && hint == "" {
		if near := nearest(name, names(events)); near != "" {
			hint = fmt.Sprintf("  nearest: %q\n", near)
		} else if r.scope() != "" {
			hint = r.elsewhere(name)
		}
	}
	r.tb.Errorf("want %s%s, got %d\n%s%s", want, r.scope(), got, hint, r.arrivals(events))
}

// lost tells why the last event with a name that was sent is no row.
func (r *Recorder) lost(name string) string {
	for _, w := range slices.Backward(r.server.Warnings()) {
		if w.Kind.loses() && w.Event == name && r.sees(w.DistinctID, w.Route) {
			return "  lost: " + w.String() + "\n"
		}
	}
	return ""
}

// elsewhere tells of the event under other distinct ids or on other routes.
func (r *Recorder) elsewhere(name string) string {
	others := named(r.server.Rows(), name)
	if len(others) == 0 {
		return ""
	}
	hint := "  nearest: " + label(others[0])
	if r.route != "" {
		hint += " by " + others[0].Route
	}
	return hint + "\n"
}

func (r *Recorder) scope() string {
	scope := ""
	if r.narrowed {
		scope = " of " + quote(r.distinctID)
	}
	if r.route != "" {
		scope += " by " + r.route
	}
	return scope
}

func named(events []Event, name string) []Event {
	var found []Event
	for _, e := range events {
		if e.Name == name {
			found = append(found, e)
		}
	}
	return found
}

func sequence(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
