package flags

import "github.com/hedgerow/posthog/flags/internal/bucket"

// decision is what was found out about a flag.
type decision struct {
	answer *answer // nil if the flag is off, or its answer open
	index  int32   // of the condition, or none
	rank   rank
	why    Why // not zero: the answer is open
}

// open is the decision that there is none.
func open(why Why) decision { return decision{index: none, why: why} }

// flag decides about the flag at an index, once a call if others depend on it.
func (p *pass) flag(at int32) decision {
	f := &p.program.flags[at]
	if f.memo == none {
		return p.decide(f)
	}
	m := &p.flags[f.memo]
	if m.done {
		p.recall(m)
		return m.decision
	}
	mark := len(p.missing)
	m.decision = p.decide(f)
	p.keep(m, mark)
	return m.decision
}

// decide decides about a flag, and tells the witness of it. After an open decision the missing properties have become
// more, after any other not.
func (p *pass) decide(f *flag) decision {
	if p.trace != nil {
		return p.trace.traceFlag(f)
	}
	return p.weigh(f)
}

// weigh goes through what can decide about a flag, in the server's order.
func (p *pass) weigh(f *flag) decision {
	switch {
	case f.off:
		return decision{index: none, rank: disabled}
	case f.why != 0:
		return open(f.why)
	case f.broken != 0 && p.subject.Complete:
		return decision{index: none, rank: missingDependency}
	case f.broken != 0:
		// The server looks at this first: unless it knows more flags than there are here, no condition turns the flag on.
		return open(f.broken)
	}
	person := p.person(f)
	if person.why == ExperienceContinuity && f.aggregation == personScope {
		return open(ExperienceContinuity)
	}
	if f.enrollment != none {
		if d, decided := p.enrolled(f); decided {
			return d
		}
	}
	if f.holdout != nil {
		if d, decided := p.heldOut(f, person); decided {
			return d
		}
	}
	return p.conditions(f, person)
}

// enrolled asks whether the person opted in to the feature, or out of it.
func (p *pass) enrolled(f *flag) (d decision, decided bool) {
	c := p.property(f.enrollment)
	in, _ := c.value.Bool()
	if contents, ok := c.value.Contents(); ok {
		in = contents == "true"
	}
	if p.trace != nil {
		p.trace.traceEnrollment(f, c, in)
	}
	switch {
	case c.state == present && in:
		return decision{answer: &f.plain, rank: superCondition}, true
	case c.state == present:
		return decision{rank: superCondition}, true
	case p.subject.Complete, p.program.unenrolled:
		return decision{}, false
	}
	p.missing = append(p.missing, f.enrollment)
	return open(MissingEnrollment), true
}

// heldOut asks whether the flag's holdout has the person or the group.
func (p *pass) heldOut(f *flag, person identity) (d decision, decided bool) {
	if f.holdout.why != 0 {
		return open(f.holdout.why), true
	}
	who := p.identify(f.aggregation, person)
	if who.why != 0 {
		// Whoever has no identifier is in no holdout, but only if it is known that there is none.
		return open(who.why), !p.subject.Complete || who.why == UnknownGroupType
	}
	place := bucket.Hash(bucket.HoldoutPrefix, who.id, bucket.RolloutSalt)
	within := f.holdout.share.All() || f.holdout.share.Includes(place)
	if p.trace != nil {
		p.trace.holdout(who, place, f.definition.Holdout, within)
	}
	if !within {
		return decision{}, false
	}
	return decision{answer: &f.holdout.answer, index: none, rank: heldOut}, true
}

// conditions asks one condition after the other for one that matches.
func (p *pass) conditions(f *flag, person identity) decision {
	best := decision{index: none, rank: noConditionMatch}
	if len(f.conditions) > 0 {
		best.rank = undecided
	}
	mark := len(p.missing)
	var why Why
	for i := range f.conditions {
		c := &f.conditions[i]
		v := p.condition(f, c, person)
		index := int32(i) //nolint:gosec // bounded by the document
		switch {
		case v.why != 0:
			why = why.or(v.why)
			p.tidy(mark)
			continue
		case v.rank == conditionMatch:
			p.missing = p.missing[:mark]
			return decision{answer: p.value(f, c, v.id), index: index, rank: conditionMatch}
		case v.rank >= best.rank:
			best.rank, best.index = v.rank, index
		}
		if v.rank == outOfRollout && f.earlyExit {
			break
		}
	}
	if why != 0 {
		return open(why)
	}
	return best
}

// value is what the flag is for an identifier that a condition matched.
func (p *pass) value(f *flag, c *condition, id string) *answer {
	chosen, place := c.override, 0.0
	if chosen == nil && f.variants != nil {
		place = f.place(id, bucket.VariantSalt)
		if at := f.variants.table.Pick(place); at >= 0 {
			chosen = &f.variants.answers[at]
		}
	}
	if chosen == nil || chosen.variant == "" {
		chosen = &f.plain
	}
	if p.trace != nil && f.variants != nil {
		p.trace.variant(f, c.override != nil, place, chosen)
	}
	return chosen
}

// place is where an identifier is among everybody. Nobody, whom only a complete subject can be, is at 0.
func (f *flag) place(id, salt string) float64 {
	if id == "" {
		return 0
	}
	return bucket.Hash(f.prefix, id, salt)
}
