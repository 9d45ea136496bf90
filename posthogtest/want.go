package posthogtest

import (
	"fmt"
	"strings"
)

// Want describes one event for [Recorder.Exactly].
type Want struct {
	// Name is the event name, always compared.
	Name string
	// DistinctID is compared unless it is "".
	DistinctID string
	// Properties are compared one by one, as [EventCheck.Property] does. The
	// event may have others.
	Properties map[string]any
}

// Exactly states that these events arrived and no others, in any order. A
// failure pairs what is missing with what came instead, and shows only the
// properties that differ.
func (r *Recorder) Exactly(wants []Want) {
	r.tb.Helper()
	events := r.Events()
	missing, unexpected := assign(wants, events)
	if len(missing) == 0 && len(unexpected) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "want exactly %s%s, got %d\n", count(len(wants), "event"), r.scope(), len(events))
	for _, w := range missing {
		i := w.nearestOf(unexpected)
		if i < 0 {
			fmt.Fprintf(&b, "  missing: %s\n", w)
			continue
		}
		fmt.Fprintf(&b, "  differs: %s\n", label(unexpected[i]))
		for _, line := range w.explain(unexpected[i]) {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		unexpected = append(unexpected[:i:i], unexpected[i+1:]...)
	}
	for _, e := range unexpected {
		fmt.Fprintf(&b, "  unexpected: %s\n", label(e))
	}
	if len(events) == 0 {
		b.WriteString(r.arrivals(events))
	}
	r.tb.Errorf("%s", b.String())
}

// String names the wanted event.
func (w Want) String() string {
	if w.DistinctID == "" {
		return quote(w.Name)
	}
	return quote(w.Name) + " of " + quote(w.DistinctID)
}

// fits reports whether the event is one that was wanted.
func (w Want) fits(e Event) bool {
	return e.Name == w.Name &&
		(w.DistinctID == "" || e.DistinctID == w.DistinctID) &&
		len(compareProperties(w.Properties, e.Properties)) == 0
}

// explain lists how an event differs from the wanted one.
func (w Want) explain(e Event) []string {
	var lines []string
	if e.Name != w.Name {
		lines = append(lines, fmt.Sprintf("name: want %s, got %s", quote(w.Name), quote(e.Name)))
	}
	if w.DistinctID != "" && e.DistinctID != w.DistinctID {
		lines = append(lines, fmt.Sprintf("distinct id: want %s, got %s", quote(w.DistinctID), quote(e.DistinctID)))
	}
	for _, d := range compareProperties(w.Properties, e.Properties) {
		lines = append(lines, d.String())
	}
	return lines
}

// nearestOf finds the event that was most likely meant, or -1: one of the same
// or a similar name with the fewest differences.
func (w Want) nearestOf(events []Event) int {
	best, fewest := -1, 0
	for i, e := range events {
		if e.Name != w.Name && nearest(w.Name, []string{e.Name}) == "" {
			continue
		}
		if n := len(w.explain(e)); best < 0 || n < fewest {
			best, fewest = i, n
		}
	}
	return best
}

// assign pairs wants with events so that as many as possible match, and
// returns what is left on both sides. A broad want never takes the only event
// that fits a narrow one: pairs are moved along until everybody has a place.
func assign(wants []Want, events []Event) (missing []Want, unexpected []Event) {
	holder := make([]int, len(events)) // event to want, -1 while free
	for i := range holder {
		holder[i] = -1
	}
	for w := range wants {
		place(w, wants, events, holder, make([]bool, len(events)))
	}
	placed := make([]bool, len(wants))
	for i, w := range holder {
		if w < 0 {
			unexpected = append(unexpected, events[i])
		} else {
			placed[w] = true
		}
	}
	for i, w := range wants {
		if !placed[i] {
			missing = append(missing, w)
		}
	}
	return missing, unexpected
}

// place finds an event for a want, moving other wants where that helps.
func place(w int, wants []Want, events []Event, holder []int, tried []bool) bool {
	for i, e := range events {
		if tried[i] || !wants[w].fits(e) {
			continue
		}
		tried[i] = true
		if holder[i] < 0 || place(holder[i], wants, events, holder, tried) {
			holder[i] = w
			return true
		}
	}
	return false
}
