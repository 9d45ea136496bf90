package flags

import "github.com/hedgerow/posthog/flags/internal/match"

// askCohort asks whether the person is in a cohort. Cohorts are about persons, in conditions on groups as well.
func (p *pass) askCohort(f *filter) verdict {
	if f.target == none {
		member, known := p.subject.Cohorts[f.operand.cohort]
		if !known {
			return because(UnknownCohort)
		}
		return verdict{outcome: match.Of(member)}
	}
	m := &p.cohorts[f.target]
	if m.done {
		p.recall(m)
		return m.verdict
	}
	mark := len(p.missing)
	root := &p.program.cohorts[f.target].root
	if p.trace != nil {
		m.verdict = p.trace.traceCohort(f.target, root)
	} else {
		m.verdict = p.member(root)
	}
	p.keep(m, mark)
	return m.verdict
}

// member asks whether the person belongs to a node of a cohort's tree.
func (p *pass) member(n *node) verdict {
	var decisive match.Outcome
	switch n.kind {
	case leafNode:
		return p.ask(&n.leaf)
	case anyNode:
		decisive = match.Yes
	case allNode:
		decisive = match.No
	default:
		return because(n.why)
	}
	mark := len(p.missing)
	result := verdict{outcome: decisive.Not()}
	for i := range n.children {
		var v verdict
		if p.trace != nil {
			v = p.trace.traceNode(&n.children[i])
		} else {
			v = p.member(&n.children[i])
		}
		switch v.outcome {
		case decisive:
			p.missing = p.missing[:mark]
			return v
		case match.Inconclusive:
			result = because(v.why.or(result.why))
			p.tidy(mark)
		}
	}
	return result
}
