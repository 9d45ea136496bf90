package flags

import "github.com/hedgerow/posthog/flags/internal/match"

// verdict is the outcome of a filter or of a cohort. One that is open has a cause, and has made the pass's missing
// properties more; a definite one has not.
type verdict struct {
	outcome match.Outcome
	why     Why
}

// because is the verdict that the question is open.
func because(why Why) verdict { return verdict{match.Inconclusive, why} }

// missed reports a definite miss.
func (v verdict) missed() bool { return v.outcome == match.No }

// every is whether all filters match. A definite miss decides even if others are open; their order does not matter.
func (p *pass) every(filters []filter) verdict {
	mark := len(p.missing)
	result := verdict{outcome: match.Yes}
	for i := range filters {
		v := p.ask(&filters[i])
		switch v.outcome {
		case match.Yes:
		case match.No:
			p.missing = p.missing[:mark]
			return v
		default:
			result = because(v.why.or(result.why))
			p.tidy(mark)
		}
	}
	return result
}

// ask evaluates a filter, and tells the witness of it.
func (p *pass) ask(f *filter) verdict {
	if p.trace != nil {
		return p.trace.traceFilter(f)
	}
	return p.evaluate(f)
}

func (p *pass) evaluate(f *filter) verdict {
	var v verdict
	switch f.kind {
	case propertyFilter:
		v = p.askProperty(f)
	case cohortFilter:
		if f.target != none && p.subject.Complete && p.program.cohorts[f.target].cyclic {
			return verdict{outcome: match.No} // an error on the server, where an error is a miss, negated or not
		}
		v = p.askCohort(f)
	case flagFilter:
		v = p.askFlag(f)
	default:
		return because(f.why)
	}
	if f.negated {
		v.outcome = v.outcome.Not()
	}
	return v
}

// askProperty compares a property.
func (p *pass) askProperty(f *filter) verdict {
	c := p.property(f.target)
	if c.state == present {
		outcome, cause := f.test.Match(c.value, p.subject.Now)
		if outcome == match.Inconclusive {
			return because(whyOf(cause))
		}
		return verdict{outcome: outcome}
	}
	if p.subject.Complete {
		return verdict{outcome: f.absent}
	}
	switch c.state {
	case groupless:
		return because(MissingGroup)
	case unheard:
		return because(UnsupportedFilter)
	default:
		p.missing = append(p.missing, f.target)
		return because(MissingProperty)
	}
}

// askFlag compares what another flag is for the same subject.
func (p *pass) askFlag(f *filter) verdict {
	d := p.flag(f.target)
	switch {
	case d.why != 0:
		return because(Dependency)
	case f.operand.named:
		same := d.answer != nil && d.answer.variant != "" && d.answer.variant == f.operand.variant
		return verdict{outcome: match.Of(same)}
	default:
		return verdict{outcome: match.Of(f.operand.on == (d.answer != nil))}
	}
}
