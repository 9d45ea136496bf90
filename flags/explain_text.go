package flags

import (
	"slices"
	"strconv"
	"strings"
)

// String returns the explanation for people: a line for each thing that was looked at, indented below what it is part
// of, the answer first. A flag or a cohort that several filters ask for is explained where it was first asked for. The
// text has no fixed form.
func (e *Explanation) String() string {
	if e == nil {
		return ""
	}
	w := explainer{flags: map[*Explanation]bool{}, cohorts: map[*ExplainedCohort]bool{}}
	w.flag(e)
	return w.text.String()
}

// explainer writes an explanation, on the goroutine of whoever calls String.
type explainer struct {
	text    strings.Builder
	indent  int
	flags   map[*Explanation]bool
	cohorts map[*ExplainedCohort]bool
}

// line writes a line.
func (w *explainer) line(text string) {
	for range w.indent {
		w.text.WriteString("  ")
	}
	w.text.WriteString(text)
	w.text.WriteByte('\n')
}

// words are the parts that are not empty, with spaces between them.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// below writes lines that are part of the one before.
func (w *explainer) below(lines func()) {
	w.indent++
	lines()
	w.indent--
}

func (w *explainer) flag(e *Explanation) {
	title := "flag " + strconv.Quote(abbreviate(e.Result.Key)) + " is " + e.Result.summary()
	if w.flags[e] {
		w.line(title + ", as above")
		return
	}
	w.flags[e] = true
	w.line(title)
	w.below(func() {
		if e.Enrollment != nil {
			w.filter(e.Enrollment)
		}
		if e.Holdout != nil {
			w.line("holdout: " + e.Holdout.summary())
		}
		for i := range e.Conditions {
			w.condition(i, &e.Conditions[i])
		}
		if e.Variant != nil {
			w.line("variant: " + e.Variant.summary())
		}
		if e.Result.Inconclusive != nil {
			w.problems(e.Problems)
			w.advice(e.Result.Inconclusive.Why)
		}
	})
}

// summary is the answer in a few words.
func (r Result) summary() string {
	if r.Inconclusive != nil {
		return "inconclusive: " + r.Inconclusive.String()
	}
	value := strconv.FormatBool(r.Enabled)
	if r.Variant != "" {
		value = strconv.Quote(r.Variant)
	}
	value += ": " + string(r.Reason)
	if r.ConditionIndex >= 0 {
		value += ", condition " + strconv.Itoa(r.ConditionIndex)
	}
	return value
}

// problems writes what is malformed.
func (w *explainer) problems(problems []Problem) {
	for _, problem := range problems {
		w.line("problem: " + problem.sentence())
	}
}

// advice writes what a caller can do about a cause, if its name does not say it.
func (w *explainer) advice(why Why) {
	switch why {
	case ExperienceContinuity:
		w.line("advice: only the server knows the identifier that decides; ask it, or give it in Subject.HashIDs")
	case UnknownCohort:
		w.line("advice: ask the server, or give the membership in Subject.Cohorts")
	case NoClock:
		w.line("advice: give the time in Subject.Now")
	case MissingDistinctID:
		w.line("advice: give the person in Subject.DistinctID")
	case MissingDevice:
		w.line("advice: give the device in Subject.DeviceID")
	case MissingGroup:
		w.line("advice: give the group in Subject.Groups, with its key")
	}
}

func (w *explainer) condition(index int, c *ExplainedCondition) {
	who := "person"
	switch {
	case c.GroupType != "":
		who = c.GroupType
	case c.Why == UnknownGroupType:
		who = "group"
	}
	if c.Identifier != "" {
		who += " " + strconv.Quote(c.Identifier)
	}
	w.line("condition " + strconv.Itoa(index) + ", " + who + ": " + end(string(c.Reason), c.Why))
	w.below(func() {
		for i := range c.Filters {
			w.filter(&c.Filters[i])
		}
		w.unasked(c.Unasked)
		if c.Rollout != nil {
			w.line("rollout: " + c.Rollout.summary())
		}
	})
}

func (w *explainer) unasked(n int) {
	switch n {
	case 0:
	case 1:
		w.line("1 more was not asked")
	default:
		w.line(strconv.Itoa(n) + " more were not asked")
	}
}

// end is how something ended, or why it did not.
func end(ended string, why Why) string {
	if why != 0 {
		return "open: " + why.String()
	}
	return ended
}

func (s *ExplainedShare) summary() string {
	verdict := "not within "
	if s.Within {
		verdict = "within "
	}
	verdict += decimal(s.Percentage) + " %"
	if !s.Hashed {
		return verdict
	}
	return verdict + ", " + strconv.Quote(s.Identifier) + " is at " + decimal(100*s.Place)
}

func (v *ExplainedVariant) summary() string {
	chosen := "none"
	if v.Chosen != "" {
		chosen = strconv.Quote(v.Chosen)
	}
	if v.Override {
		return chosen + ", which the condition names"
	}
	var bounds []string
	for _, b := range v.Bounds {
		bounds = append(bounds, strconv.Quote(b.Variant)+" below "+decimal(100*b.Below))
	}
	return chosen + ", at " + decimal(100*v.Place) + " of " + strings.Join(bounds, ", ")
}

// decimal is a number with as many digits as people read.
func decimal(f float64) string { return strconv.FormatFloat(f, 'g', 8, 64) }

func (w *explainer) filter(f *ExplainedFilter) {
	var negation, given string
	subject := f.Property.String()
	if f.Filter != nil {
		if f.Filter.Negation {
			negation = "not:"
		}
		if f.Property.Key == "" {
			subject = strings.TrimSpace(f.Filter.Type + " " + abbreviate(f.Filter.Key))
		}
	}
	if f.Property.Key != "" {
		given = "(not given)"
		if f.Given {
			given = "(given " + strconv.Quote(f.Value) + ")"
		}
	}
	w.line(words(negation, abbreviate(subject), f.Operator, f.Operand, given) + ": " + end(f.Match.String(), f.Why))
	w.below(func() {
		if f.Cohort != nil {
			w.cohort(f.Cohort)
		}
		if f.Dependency != nil {
			w.flag(f.Dependency)
		}
	})
}

func (w *explainer) cohort(c *ExplainedCohort) {
	title := "cohort " + abbreviate(c.ID)
	if w.cohorts[c] {
		w.line(title + ", as above")
		return
	}
	w.cohorts[c] = true
	w.node(title, &c.Root)
	if c.Root.Match == Open {
		w.problems(c.Problems)
	}
}

func (w *explainer) node(title string, n *ExplainedNode) {
	if n.Leaf != nil {
		w.filter(n.Leaf)
		return
	}
	w.line(words(title, n.Type) + ": " + end(n.Match.String(), n.Why))
	w.below(func() {
		for i := range n.Children {
			w.node("", &n.Children[i])
		}
		w.unasked(n.Unasked)
	})
}
