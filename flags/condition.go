package flags

import "github.com/hedgerow/posthog/flags/internal/bucket"

// identity is the identifier that decides about rollout and variant, or why there is none.
type identity struct {
	id  string
	why Why
}

// person is the identifier of the person as far as the flag is about persons: the distinct id, the device id, or the
// one that the person had when first seen.
func (p *pass) person(f *flag) identity {
	if f.device {
		if id := p.deviceID(); id != "" {
			return identity{id: id}
		}
		return identity{why: MissingDevice}
	}
	id := p.distinctID()
	if f.continuity {
		if first, known := p.subject.HashIDs[f.definition.Key]; known {
			id = bucket.DistinctID(first)
		} else if !p.subject.Complete {
			return identity{why: ExperienceContinuity}
		}
	}
	if id == "" && !p.subject.Complete {
		return identity{why: MissingDistinctID}
	}
	return identity{id: id}
}

// identify is the identifier for an aggregation.
func (p *pass) identify(aggregation int32, person identity) identity {
	switch aggregation {
	case personScope:
		return person
	case unnamedScope:
		return identity{why: UnknownGroupType}
	}
	g := p.group(aggregation)
	if g.state == groupless {
		return identity{why: MissingGroup}
	}
	return identity{id: g.key}
}

// standing is how a condition ended: a rank, or why it is open. A condition that matches has the identifier that it
// matched.
type standing struct {
	rank rank
	why  Why
	id   string
}

// condition evaluates a condition set, and tells the witness of it.
func (p *pass) condition(f *flag, c *condition, person identity) standing {
	if p.trace != nil {
		return p.trace.traceCondition(f, c, person)
	}
	return p.stand(f, c, p.identify(c.aggregation, person))
}

// stand asks first for the identifier, then for the filters, then for the rollout.
func (p *pass) stand(f *flag, c *condition, who identity) standing {
	nobody := false
	switch {
	case who.why == 0:
	case who.why == MissingGroup && (c.own || p.subject.Complete):
		return standing{rank: noGroupType}
	case who.why == MissingDevice && p.subject.Complete:
		nobody = true // matches filters, but is in no rollout
	default:
		return standing{why: who.why}
	}
	switch v := p.every(c.filters); {
	case v.why != 0:
		return standing{why: v.why}
	case v.missed():
		return standing{rank: noConditionMatch}
	}
	if nobody || !p.inRollout(f, c, who.id) {
		return standing{rank: outOfRollout}
	}
	return standing{rank: conditionMatch, id: who.id}
}

// inRollout asks whether the condition's rollout includes an identifier.
func (p *pass) inRollout(f *flag, c *condition, id string) bool {
	if c.rollout.All() {
		return true
	}
	place := f.place(id, bucket.RolloutSalt)
	if p.trace != nil {
		p.trace.rollout(place)
	}
	return c.rollout.Includes(place)
}
