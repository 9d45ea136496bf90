package posthogtest

import (
	"fmt"
	"strings"
)

// nearest returns the candidate most like name, or "" if none is alike: at
// most a third of its letters differ, case apart.
func nearest(name string, candidates []string) string {
	best, bestDistance := "", len([]rune(name))/3+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is how many letters must be added, removed or changed to turn a
// into b.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}

// maxListed is how many events a failure lists.
const maxListed = 20

// list shows events one a line, numbered and indented.
func list(events []Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  arrived (%s):\n", count(len(events), "event"))
	for i, e := range events {
		if i == maxListed {
			fmt.Fprintf(&b, "    ... and %d more\n", len(events)-maxListed)
			break
		}
		fmt.Fprintf(&b, "    %d. %s\n", i+1, label(e))
	}
	return b.String()
}

// label names an event: "order paid" of "u-17".
func label(e Event) string { return quote(e.Name) + " of " + quote(e.DistinctID) }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func names(events []Event) []string {
	all := make([]string, len(events))
	for i, e := range events {
		all[i] = e.Name
	}
	return all
}
