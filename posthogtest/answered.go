package posthogtest

import (
	"fmt"
	"slices"
	"strings"
)

// Answered states what [RouteAnalytics] answered about the events with this
// name, one result for each time one of them was in a request, in order: an
// event that was sent again and then taken is
//
//	got.Answered("order paid", posthogtest.ResultRetry, posthogtest.ResultOK)
//
// Unlike the other statements it looks at requests, so it sees events that were
// never stored. A request without verdicts, such as a refused one, does not
// count; "" stands for an answer that left the event out.
func (r *Recorder) Answered(name string, want ...Result) {
	r.tb.Helper()
	var got []Result
	var known []string
	var trail strings.Builder
	for i, request := range r.server.Requests() {
		for _, v := range request.Verdicts {
			if !r.sees(v.DistinctID, request.Route) {
				continue
			}
			known = append(known, v.Event)
			if v.Event != name {
				continue
			}
			got = append(got, v.Result)
			fmt.Fprintf(&trail, "  request %d, attempt %d: %s\n", i+1, request.Attempt, v.outcome())
		}
	}
	if slices.Equal(got, want) {
		return
	}
	if near := nearest(name, known); len(got) == 0 && near != "" {
		fmt.Fprintf(&trail, "  nearest: %q\n", near)
	}
	if len(known) == 0 {
		fmt.Fprintf(&trail, "  no event%s was answered by itself%s\n", r.scope(), r.server.record.absence())
	}
	r.tb.Errorf("event %s%s: answered otherwise\n  want: %s\n  got:  %s\n%s", quote(name), r.scope(), results(want), results(got), trail.String())
}

// results are words on one line.
func results(words []Result) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
		if word == "" {
			texts[i] = "(left out)"
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
