package flags

import "slices"

// Evaluate answers for one flag. It allocates nothing as long as the answer is conclusive, the properties asked for
// are strings, booleans or numbers, and the keys of groups are strings. A nil Subject is an empty one.
func (p *Program) Evaluate(key string, s *Subject) (r Result) {
	f := p.lookup(key)
	if f == nil {
		return unknown(key)
	}
	if s == nil {
		s = &Subject{}
	}
	if f.light {
		one := pass{program: p, subject: *s}
		one.fill(&r, f, one.decide(f), 0)
		return r
	}
	shared := p.borrow(s)
	shared.fill(&r, f, shared.decide(f), 0)
	shared.release()
	return r
}

// EvaluateKeys appends an answer for each key to into, in the order of keys, and returns the extended slice. Work that
// the flags have in common is done once.
func (p *Program) EvaluateKeys(keys []string, s *Subject, into []Result) []Result {
	if p == nil {
		for _, key := range keys {
			into = append(into, unknown(key))
		}
		return into
	}
	if s == nil {
		s = &Subject{}
	}
	shared := p.borrow(s)
	defer shared.release()
	into = slices.Grow(into, len(keys))
	for _, key := range keys {
		if at, ok := p.index[key]; ok {
			into = append(into, Result{})
			shared.answer(&into[len(into)-1], at)
		} else {
			into = append(into, unknown(key))
		}
	}
	return into
}

// EvaluateAll appends an answer for each flag to into, in the document's order, and returns the extended slice. Of several
// flags with one key only the last counts, at its place, and flags without a key are left out.
func (p *Program) EvaluateAll(s *Subject, into []Result) []Result {
	if p == nil {
		return into
	}
	if s == nil {
		s = &Subject{}
	}
	shared := p.borrow(s)
	defer shared.release()
	into = slices.Grow(into, len(p.flags))
	for at := range p.flags {
		into = append(into, Result{})
		shared.answer(&into[len(into)-1], int32(at)) //nolint:gosec // Compile numbered them so
	}
	return into
}

// lookup finds the flag with a key, nil if there is none.
func (p *Program) lookup(key string) *flag {
	if p == nil {
		return nil
	}
	at, ok := p.index[key]
	if !ok {
		return nil
	}
	return &p.flags[at]
}

// unknown is the result for a key without a flag.
func unknown(key string) Result {
	return Result{Key: key, ConditionIndex: none, Inconclusive: &Inconclusive{Why: UnknownFlag}}
}

// answer fills in the result for the flag at an index, by itself.
func (p *pass) answer(r *Result, at int32) {
	p.missing = p.missing[:0]
	p.fill(r, &p.program.flags[at], p.flag(at), 0)
}

// fill makes a result of a decision. The properties that have been missing since mark belong to it.
func (p *pass) fill(r *Result, f *flag, d decision, mark int) {
	r.Key, r.flag = f.key, f.definition
	r.Reason, r.ConditionIndex = reasons[d.rank], int(d.index)
	if d.why != 0 {
		r.Inconclusive = &Inconclusive{Why: d.why, MissingProperties: p.missed(mark)}
	} else if d.answer != nil {
		r.Enabled, r.Variant, r.Payload = true, d.answer.variant, d.answer.payload
	}
}
