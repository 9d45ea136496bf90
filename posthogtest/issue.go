package posthogtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxHint is where a client's name and description of an issue are cut, in
// bytes.
const maxHint = 255

// Issue is the exceptions of one project that PostHog takes for the same.
type Issue struct {
	// Fingerprint is what the exceptions have in common: the one that the
	// application gave, or 128 hexadecimal digits. Which digits is the server's
	// own affair; do not write them into a test.
	Fingerprint string
	// Name is the type of the first exception of the first event, or its
	// $issue_name, cut at 255 bytes.
	Name string
	// Description is the message of the first exception of the first event, or
	// its $issue_description, cut at 255 bytes.
	Description string
	// Level is the $exception_level of the first event, "" for none.
	Level string
	// Events are the exceptions in order of arrival, at least one.
	Events []Event
	// DistinctIDs are those who met it, each once, in order of arrival. An event of
	// nobody counts with the id of its own that it has.
	DistinctIDs []string
	// First and Last are the earliest and the latest time of the events.
	First, Last time.Time

	grouping []string
}

// Issues returns the issues that [Server.Rows] amount to, the oldest first. They
// depend on the types and the frames of the exceptions, not on lines, and on
// messages only where there is no stacktrace; or on $exception_fingerprint alone.
func (s *Server) Issues() []Issue { return issues(s.Rows()) }

// Issues returns the issues of the rows that the recorder sees, the oldest first.
func (r *Recorder) Issues() []Issue { return issues(r.Events()) }

// issues groups events, of which those that are no exceptions do not count.
func issues(events []Event) []Issue {
	type key struct{ token, fingerprint string }
	var found []Issue
	at := make(map[key]int)
	for _, e := range events {
		if e.Name != exceptionEvent {
			continue
		}
		in, flaw := readIncident(e.Properties)
		if flaw != nil {
			continue
		}
		k := key{e.Token, in.digest()}
		i, ok := at[k]
		if !ok {
			i = len(found)
			at[k] = i
			found = append(found, in.issue(k.fingerprint, &e))
		}
		found[i].add(e)
	}
	slices.SortStableFunc(found, func(a, b Issue) int { return a.First.Compare(b.First) })
	return found
}

// issue is the one that an incident opens.
func (in *incident) issue(fingerprint string, e *Event) Issue {
	return Issue{
		Fingerprint: fingerprint,
		Name:        cmp.Or(cutBytes(in.name, maxHint, ""), in.list[0].Type),
		Description: cmp.Or(cutBytes(in.description, maxHint, ""), in.list[0].Value),
		Level:       text(e.Properties["$exception_level"]),
		First:       e.Timestamp,
		Last:        e.Timestamp,
		grouping:    in.grouping(),
	}
}

func (is *Issue) add(e Event) {
	is.Events = append(is.Events, e)
	if !slices.Contains(is.DistinctIDs, e.DistinctID) {
		is.DistinctIDs = append(is.DistinctIDs, e.DistinctID)
	}
	if e.Timestamp.Before(is.First) {
		is.First = e.Timestamp
	}
	if e.Timestamp.After(is.Last) {
		is.Last = e.Timestamp
	}
}

// listIssues shows issues one a line, and what makes them differ.
func listIssues(found []Issue) string {
	var b strings.Builder
	for i := range found {
		if i == maxListed {
			fmt.Fprintf(&b, "    ... and %d more\n", len(found)-maxListed)
			break
		}
		is := &found[i]
		fmt.Fprintf(&b, "    %d. %s (%s), grouped by %s\n", i+1, quote(is.Name), count(len(is.Events), "event"), show(is.grouping))
	}
	return b.String()
}
