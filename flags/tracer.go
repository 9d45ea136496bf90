package flags

import (
	"unicode/utf8"

	"github.com/hedgerow/posthog/flags/internal/bucket"
	"github.com/hedgerow/posthog/flags/internal/match"
)

// witness sees what a pass does: the pass lets it take each step that leads to others, and tells it of the rest. It is
// an interface so that what tells people about answers is only in programs that ask for that.
type witness interface {
	traceFlag(f *flag) decision
	traceEnrollment(f *flag, c *cell, in bool)
	traceCondition(f *flag, c *condition, person identity) standing
	traceFilter(f *filter) verdict
	traceCohort(index int32, root *node) verdict
	traceNode(n *node) verdict
	holdout(who identity, place float64, h *Holdout, within bool)
	rollout(place float64)
	variant(f *flag, override bool, place float64, chosen *answer)
}

// tracer is the witness that writes everything down. Where the pass goes down, its current flag, condition and node
// change, and change back when the pass comes up again.
type tracer struct {
	pass *pass

	flags   map[*flag]*Explanation     // those that were decided
	cohorts map[int32]*ExplainedCohort // those that were asked

	// The program's problems, by the key of a flag and by the id of a cohort.
	flagProblems, cohortProblems map[string][]Problem

	flag      *Explanation
	condition *ExplainedCondition
	node      *ExplainedNode // nil outside of cohorts
}

func newTracer(p *pass) *tracer {
	t := &tracer{
		pass:  p,
		flags: map[*flag]*Explanation{}, cohorts: map[int32]*ExplainedCohort{},
		flagProblems: map[string][]Problem{}, cohortProblems: map[string][]Problem{},
	}
	for _, problem := range p.program.problems {
		switch {
		case problem.Flag != "":
			t.flagProblems[problem.Flag] = append(t.flagProblems[problem.Flag], problem)
		case problem.Cohort != "":
			t.cohortProblems[problem.Cohort] = append(t.cohortProblems[problem.Cohort], problem)
		}
	}
	return t
}

// traceFlag decides about a flag.
func (t *tracer) traceFlag(f *flag) decision {
	above := *t
	explanation := &Explanation{Problems: t.flagProblems[f.key]}
	t.flags[f] = explanation
	t.flag, t.condition, t.node = explanation, nil, nil
	mark := len(t.pass.missing)
	d := t.pass.weigh(f)
	t.pass.fill(&explanation.Result, f, d, mark)
	*t = above
	return d
}

// traceCondition evaluates a condition.
func (t *tracer) traceCondition(f *flag, c *condition, person identity) standing {
	who := t.pass.identify(c.aggregation, person)
	explained := ExplainedCondition{GroupType: t.pass.program.groupName(c.aggregation), Identifier: abbreviate(who.id)}
	t.condition = &explained
	s := t.pass.stand(f, c, who)
	explained.Reason, explained.Why = reasons[s.rank], s.why
	explained.Unasked = len(c.filters) - len(explained.Filters)
	if r := explained.Rollout; r != nil || s.rank == conditionMatch || s.rank == outOfRollout {
		if r == nil {
			r = &ExplainedShare{}
		}
		at := &f.definition.Conditions[len(t.flag.Conditions)]
		r.Identifier, r.Percentage, r.Within = explained.Identifier, at.RolloutPercentage, s.rank == conditionMatch
		r.Hashed = r.Hashed && who.id != ""
		explained.Rollout = r
	}
	t.flag.Conditions = append(t.flag.Conditions, explained)
	return s
}

// rollout notes where the identifier of the current condition is.
func (t *tracer) rollout(place float64) {
	t.condition.Rollout = &ExplainedShare{Hashed: true, Place: place}
}

// holdout notes whether an identifier is held out.
func (t *tracer) holdout(who identity, place float64, h *Holdout, within bool) {
	t.flag.Holdout = &ExplainedShare{
		Identifier: abbreviate(who.id), Hashed: true, Place: place, Percentage: h.ExclusionPercentage, Within: within,
	}
}

// variant notes how a variant was chosen.
func (t *tracer) variant(f *flag, override bool, place float64, chosen *answer) {
	explained := &ExplainedVariant{Override: override, Place: place, Chosen: chosen.variant}
	for i := range f.variants.answers {
		explained.Bounds = append(explained.Bounds, VariantBound{f.variants.answers[i].variant, f.variants.table.Bound(i)})
	}
	t.flag.Variant = explained
}

// traceEnrollment notes the property that opts in to the feature.
func (t *tracer) traceEnrollment(f *flag, c *cell, in bool) {
	explained := &ExplainedFilter{Operator: "exact", Operand: "true"}
	t.pass.describe(explained, f.enrollment, c)
	switch {
	case c.state != present && !t.pass.subject.Complete && !t.pass.program.unenrolled:
		explained.Why = MissingEnrollment
	case in:
		explained.Match = Matched
	default:
		explained.Match = Missed
	}
	t.flag.Enrollment = explained
}

// traceFilter evaluates a filter of the current condition, or a leaf of the current cohort.
func (t *tracer) traceFilter(f *filter) verdict {
	above := *t
	explained := &ExplainedFilter{
		Filter: f.source, Operator: abbreviate(f.source.Operator), Operand: abbreviate(string(f.source.Value)),
	}
	if explained.Operator == "" {
		explained.Operator = "exact"
	}
	v := t.pass.evaluate(f)
	*t = above
	explained.Match, explained.Why = matchOf(v.outcome), v.why
	switch f.kind {
	case propertyFilter:
		t.pass.describe(explained, f.target, t.pass.property(f.target))
	case cohortFilter:
		explained.Cohort = t.cohorts[f.target]
	case flagFilter:
		explained.Dependency = t.flags[&t.pass.program.flags[f.target]]
	}
	if above.node != nil {
		above.node.Leaf = explained
	} else {
		above.condition.Filters = append(above.condition.Filters, *explained)
	}
	return v
}

// describe adds a property and what the subject has for it.
func (p *pass) describe(explained *ExplainedFilter, index int32, c *cell) {
	wanted := &p.program.properties[index]
	explained.Property = Property{p.program.groupName(wanted.scope), wanted.key}
	if c.state == present {
		explained.Given = true
		explained.Value = "(cannot be read)"
		if c.value.Usable() {
			explained.Value = abbreviate(c.value.Text())
		}
	}
}

// traceCohort asks whether the person is in a cohort.
func (t *tracer) traceCohort(index int32, root *node) verdict {
	above := *t
	id := t.pass.program.cohorts[index].id
	explained := &ExplainedCohort{ID: id, Problems: t.cohortProblems[id]}
	t.cohorts[index] = explained
	t.node = nil
	v := t.traceNode(root)
	explained.Root = *t.node
	*t = above
	return v
}

// traceNode asks whether the person belongs to a node, and adds it to the node above it.
func (t *tracer) traceNode(n *node) verdict {
	above := t.node
	explained := &ExplainedNode{}
	switch n.kind {
	case anyNode:
		explained.Type = "OR"
	case allNode:
		explained.Type = "AND"
	}
	t.node = explained
	v := t.pass.member(n)
	explained.Match, explained.Why = matchOf(v.outcome), v.why
	explained.Unasked = len(n.children) - len(explained.Children)
	if above != nil {
		above.Children = append(above.Children, *explained)
		t.node = above
	}
	return v
}

// matchOf is an outcome for people outside of this package.
func matchOf(outcome match.Outcome) Match {
	switch outcome {
	case match.No:
		return Missed
	case match.Yes:
		return Matched
	default:
		return Open
	}
}

// groupName is the name of a scope that is a group type's, empty for others.
func (p *Program) groupName(scope int32) string {
	if scope < 0 {
		return ""
	}
	return p.groupTypes[scope]
}

// abbreviate cuts a text that nobody reads to its end.
func abbreviate(text string) string {
	const enough = 200
	if len(text) <= enough {
		return bucket.Identifier(text)
	}
	end := enough
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return bucket.Identifier(text[:end]) + "..."
}
