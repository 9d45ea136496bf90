package posthogtest

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/hedgerow/posthog/flags"
)

// SetFlags adds flags, or replaces those with the same key and whatever was
// set for single persons; others stay. The next answer follows it, and clients
// that evaluate by themselves see another version and another ETag.
//
// A flag that makes no sense fails whenever it is evaluated, and its definition
// says why. On a server from [NewServer] it also ends the test at once, by the
// TB's Fatalf: call SetFlags from the test's goroutine there.
func (s *Server) SetFlags(flags ...Flag) {
	if wrong := s.flags.set(flags); wrong != nil && s.tb != nil {
		s.tb.Helper()
		s.tb.Fatalf("%v", wrong)
	}
}

// SetFlag gives a flag one value for everybody: true, false or the name of a
// variant. It is short for SetFlags with a Flag that has nothing else.
func (s *Server) SetFlag(key string, value any) {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.SetFlags(Flag{Key: key, Value: value})
}

// SetFlagFor gives a flag a value for one person: true, false or the name of a
// variant. Others keep theirs; a flag that did not exist is false for them. The
// flag gets a condition for the person, so clients that evaluate by themselves
// agree. As everywhere in PostHog, true means one of the variants where the flag
// has some, capitals in the id do not count, and a holdout goes first.
//
// A value that makes no sense, or a flag that cannot have it because it is
// inactive, changes nothing. On a server from [NewServer] it also ends the test
// at once, by the TB's Fatalf.
func (s *Server) SetFlagFor(distinctID, key string, value any) {
	on, variant, err := readValue(value)
	switch {
	case err != nil:
	case key == "":
		err = errors.New("the key is empty")
	case distinctID == "":
		err = errors.New("the distinct id is empty")
	default:
		err = s.flags.pin(key, pin{distinctID: distinctID, on: on, variant: variant})
	}
	if err != nil && s.tb != nil {
		s.tb.Helper()
		s.tb.Fatalf("%v", fmt.Errorf("posthogtest: flag %s for %s: %w", quote(key), quote(distinctID), err))
	}
}

// DeleteFlag removes a flag, if it exists. Nothing is known of it then, unlike
// of a flag that is false.
func (s *Server) DeleteFlag(key string) { s.flags.remove(key) }

// LoadFlags replaces all flags by those of a definitions document: what
// /flags/definitions of a project answers, saved to a file, or one that is
// written by hand. What has been set before is gone, and what is set afterwards
// goes on from there. Static cohorts, which no document has, stay.
//
// The error is about the document as a whole, and nothing has changed then. A
// flag that cannot be evaluated fails by itself; the Problems of [Server.Flags]
// say why.
func (s *Server) LoadFlags(document []byte) error {
	if err := s.flags.load(document); err != nil {
		return fmt.Errorf("posthogtest: load flags: %w", err)
	}
	return nil
}

// Flags returns the flags as the server evaluates them now: to see problems in
// a document, to have an answer explained, or to look up a definition.
func (s *Server) Flags() *flags.Program {
	current, _ := s.flags.latest()
	return current.program
}

// SetCohort says who is in a static cohort, which definitions can refer to and
// not contain: the persons with these distinct ids. A flag fails that refers to
// a cohort of which nothing is said, even that it is empty.
func (s *Server) SetCohort(id int, distinctIDs ...string) {
	members := make(map[string]bool, len(distinctIDs))
	for _, distinctID := range distinctIDs {
		members[distinctID] = true
	}
	s.flags.mu.Lock()
	defer s.flags.mu.Unlock()
	s.flags.static[strconv.Itoa(id)] = members
}

// SetFlagsQuota says whether the project has used up its flag requests. While
// it has, /flags answers 200 without flags and with quotaLimited, and
// /flags/definitions answers 402.
func (s *Server) SetFlagsQuota(exhausted bool) {
	s.flags.mu.Lock()
	defer s.flags.mu.Unlock()
	s.flags.exhausted = exhausted
}
