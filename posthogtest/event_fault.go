package posthogtest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// EventFault is an answer to come about single events on [RouteAnalytics],
// where each event of a request has its own. The rest of the request is judged
// as usual. The zero value names no answer and is refused.
//
// A [Fault] that answers in the server's place comes first and uses up no
// EventFault. One with a Header alone goes with them: it sets, for example, the
// Retry-After of a partial success, which is otherwise 1 as soon as one result
// is "retry".
type EventFault struct {
	// Event selects events by name. Default "": any.
	Event string
	// UUID selects an event by its uuid, in any spelling. Default "": any.
	UUID string
	// Position selects by place in the request, from 1 on. Default 0: any.
	Position int
	// Times is how many events it meets. Default 0: one. Negative: every one
	// until ClearFaults.
	Times int
	// Result is the word answered, one of the Result constants or any other.
	Result Result
	// Details is the reason answered beside it. Default "": none.
	Details string
	// Omit leaves the event's uuid out of the answer. It goes with no Result
	// and no Details.
	Omit bool
	// Persist stores the event, if it is acceptable, where the answer does not
	// say so. With ResultOK and ResultWarning it is stored anyway; with Omit
	// and any other word it is not, by default.
	Persist bool
}

// matches reports whether the fault is for an event at a position.
func (f *EventFault) matches(v *Verdict, position int) bool {
	return (f.Event == "" || f.Event == v.Event) &&
		(f.UUID == "" || f.UUID == v.UUID) &&
		(f.Position == 0 || f.Position == position)
}

// check names the first field that is out of range, or that could have no
// effect beside the others.
func (f *EventFault) check() error {
	switch _, ok := normalUUID(f.UUID); {
	case f.UUID != "" && !ok:
		return fmt.Errorf("posthogtest: EventFault.UUID is %q, want a UUID", f.UUID)
	case f.Position < 0:
		return fmt.Errorf("posthogtest: EventFault.Position is %d, want 0 or more", f.Position)
	case f.Omit && f.Result != "":
		return errors.New("posthogtest: EventFault.Result is set, and so is Omit, which answers none")
	case f.Omit && f.Details != "":
		return errors.New("posthogtest: EventFault.Details is set, and so is Omit, which answers none")
	case !f.Omit && f.Result == "":
		return errors.New("posthogtest: EventFault.Result is empty, which needs Omit")
	}
	return nil
}

// addEvents appends faults of events, each that makes no sense as a fault of
// the request that says so, and returns what is wrong with the first of those.
func (s *script) addEvents(faults []EventFault) (wrong error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		f.Times = cmp.Or(f.Times, 1)
		if err := f.check(); err != nil {
			wrong = cmp.Or(wrong, err)
			s.faults = append(s.faults, Fault{
				Path: RouteAnalytics, Times: f.Times, Status: http.StatusInternalServerError, Body: err.Error(),
			})
			continue
		}
		f.UUID, _ = normalUUID(f.UUID)
		s.events = append(s.events, f)
	}
	return wrong
}

// takeEvent consumes the first fault that matches an event.
func (s *script) takeEvent(v *Verdict, position int) (EventFault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.events {
		if !f.matches(v, position) {
			continue
		}
		if f.Times == 1 {
			s.events = slices.Delete(s.events, i, i+1)
		} else if f.Times > 1 {
			s.events[i].Times--
		}
		return f, true
	}
	return EventFault{}, false
}

// InjectEvents appends faults of single events to the server's script. Each
// event of a request to [RouteAnalytics] meets the first that matches it, and
// uses it up; one that the server would drop can be met too.
//
// A fault with a field out of range, or one that could have no effect beside
// the others, answers the request with 500 and names the field. On a server
// from [NewServer] it also ends the test at once, by the TB's Fatalf: call
// InjectEvents from the test's goroutine there.
func (s *Server) InjectEvents(faults ...EventFault) {
	if wrong := s.script.addEvents(faults); wrong != nil && s.tb != nil {
		s.tb.Helper()
		s.tb.Fatalf("%v", wrong)
	}
}
