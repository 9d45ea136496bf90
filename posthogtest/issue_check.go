package posthogtest

import (
	"fmt"
	"slices"
	"strconv"
)

// IssueCheck makes statements about one issue. Each returns the check, so they
// chain; each failure is reported by itself. The check of an issue that was not
// found says nothing more.
type IssueCheck struct {
	tb    TB
	issue Issue
	ok    bool
}

// Issue states that exactly one issue has this name, which is the type of the
// error that was caught, and returns it for more statements. After a failure
// those are silent.
func (r *Recorder) Issue(name string) *IssueCheck {
	r.tb.Helper()
	all := r.Issues()
	var found []Issue
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
		if all[i].Name == name {
			found = append(found, all[i])
		}
	}
	if len(found) == 1 {
		return &IssueCheck{tb: r.tb, issue: found[0], ok: true}
	}
	hint := ""
	if near := nearest(name, names); near != "" && len(found) == 0 {
		hint = fmt.Sprintf("  nearest: %q\n", near)
	}
	r.failIssues(all, "exactly 1 issue "+quote(name), len(found), hint)
	return &IssueCheck{tb: r.tb}
}

// IssueCount states how many issues the exceptions amount to.
func (r *Recorder) IssueCount(n int) {
	r.tb.Helper()
	if all := r.Issues(); len(all) != n {
		r.failIssues(all, count(n, "issue"), len(all), "")
	}
}

// failIssues reports a wrong number of issues.
func (r *Recorder) failIssues(all []Issue, want string, got int, hint string) {
	r.tb.Helper()
	trail := hint + r.lost(exceptionEvent)
	if len(all) > 0 {
		trail += "  issues:\n" + listIssues(all)
	} else {
		trail += r.arrivals(r.Events())
	}
	r.tb.Errorf("want %s%s, got %d\n%s", want, r.scope(), got, trail)
}

// Issue returns the issue for statements of your own, and the zero Issue if it
// was not found.
func (c *IssueCheck) Issue() Issue { return c.issue }

// Count states how many events the issue has.
func (c *IssueCheck) Count(n int) *IssueCheck {
	c.tb.Helper()
	return c.state("number of events", strconv.Itoa(n), strconv.Itoa(len(c.issue.Events)))
}

// Description states what the issue says of itself: the message of its first
// exception, or what the client gave.
func (c *IssueCheck) Description(want string) *IssueCheck {
	c.tb.Helper()
	return c.state("description", want, c.issue.Description)
}

// Level states how serious the issue is, such as "error".
func (c *IssueCheck) Level(want string) *IssueCheck {
	c.tb.Helper()
	return c.state("level", want, c.issue.Level)
}

// Fingerprint states by what the application grouped the issue. PostHog's own
// fingerprints are not for tests.
func (c *IssueCheck) Fingerprint(want string) *IssueCheck {
	c.tb.Helper()
	return c.state("fingerprint", want, c.issue.Fingerprint)
}

// DistinctIDs states who met the issue, in any order.
func (c *IssueCheck) DistinctIDs(want ...string) *IssueCheck {
	c.tb.Helper()
	sorted := func(ids []string) string { return sequence(slices.Compact(slices.Sorted(slices.Values(ids)))) }
	return c.state("distinct ids", sorted(want), sorted(c.issue.DistinctIDs))
}

// state compares one thing.
func (c *IssueCheck) state(what, want, got string) *IssueCheck {
	c.tb.Helper()
	if c.ok && got != want {
		c.tb.Errorf("issue %s: %s\n  want: %s\n  got:  %s\n", quote(c.issue.Name), what, want, got)
	}
	return c
}
