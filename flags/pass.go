package flags

import (
	"slices"

	"github.com/hedgerow/posthog/flags/internal/bucket"
	"github.com/hedgerow/posthog/flags/internal/match"
)

// pass is what one call remembers: each property is looked up and converted once, each cohort and each flag that
// others depend on is evaluated once, however many ask. It is used by one goroutine at a time.
type pass struct {
	program *Program
	subject Subject // a copy, so that the Subject of a call may stay on its caller's stack
	trace   witness // nil unless the call explains itself

	distinct knownID
	device   knownID
	groups   []groupContext // by number
	cells    []cell         // by property
	flags    []memo         // by flag.memo
	cohorts  []memo         // by cohort
	touched  []int32        // the cells that are not empty
	decided  []*memo        // the memos that are not empty

	// missing are the properties that were not known, of what is being evaluated right now; kept are those of what
	// was, by the memos' ranges.
	missing []int32
	kept    []int32
	named   []int32 // the missing properties that were named last
	names   []Property
}

// knownID is an identifier as the server hashes it.
type knownID struct {
	text  string
	known bool
}

// groupContext is the subject's group of one type.
type groupContext struct {
	state      presence
	key        string
	properties map[string]any
}

// cell is a property of the subject.
type cell struct {
	state presence
	value match.Value
}

// presence is what is known of a property or a group.
type presence uint8

const (
	unread presence = iota
	present
	absent
	groupless // it is a property of a group that the subject has none of
	unheard   // it is among what the caller knows nothing of
)

// memo is what a flag or a cohort turned out to be.
type memo struct {
	done     bool
	verdict  verdict  // of a cohort
	decision decision // of a flag
	from, to int32    // the missing properties, in pass.kept
}

// borrow returns a pass for one call about s, which release ends.
func (p *Program) borrow(s *Subject) *pass {
	borrowed, ok := p.passes.Get().(*pass)
	if !ok {
		borrowed = &pass{
			program: p,
			groups:  make([]groupContext, len(p.groupTypes)),
			cells:   make([]cell, len(p.properties)),
			flags:   make([]memo, p.shared),
			cohorts: make([]memo, len(p.cohorts)),
		}
	}
	borrowed.subject = *s
	return borrowed
}

// release forgets everything about the subject and makes the pass available to other calls.
func (p *pass) release() {
	for _, i := range p.touched {
		p.cells[i] = cell{}
	}
	for _, m := range p.decided {
		*m = memo{}
	}
	clear(p.groups)
	p.touched, p.decided = p.touched[:0], p.decided[:0]
	p.missing, p.kept = p.missing[:0], p.kept[:0]
	p.named, p.names = p.named[:0], nil
	p.distinct, p.device = knownID{}, knownID{}
	p.subject, p.trace = Subject{}, nil
	p.program.passes.Put(p)
}

// keep stores the properties that have been missing since mark in a memo. They stay missing.
func (p *pass) keep(m *memo, mark int) {
	p.unite(mark)
	m.from = int32(len(p.kept)) //nolint:gosec // bounded by the document, as every index is
	p.kept = append(p.kept, p.missing[mark:]...)
	m.to = int32(len(p.kept)) //nolint:gosec // as above
	m.done = true
	p.decided = append(p.decided, m)
}

// unite leaves each of the properties that have been missing since mark there once.
func (p *pass) unite(mark int) {
	if unique := p.missing[mark:]; len(unique) > 1 {
		slices.Sort(unique)
		p.missing = p.missing[:mark+len(slices.Compact(unique))]
	}
}

// missed names the properties that have been missing since mark. Flags that ask for the same cohort often miss the same.
func (p *pass) missed(mark int) []Property {
	p.unite(mark)
	if missing := p.missing[mark:]; !slices.Equal(missing, p.named) {
		p.named = append(p.named[:0], missing...)
		p.names = p.program.names(missing)
	}
	return p.names
}

// tidy unites if it is worth the while: a cohort that thousands of filters ask for counts its properties each time.
func (p *pass) tidy(mark int) {
	if len(p.missing)-mark > 2*len(p.cells) {
		p.unite(mark)
	}
}

// recall counts the properties that a memo has as missing again.
func (p *pass) recall(m *memo) {
	p.missing = append(p.missing, p.kept[m.from:m.to]...)
}

// distinctID is the subject's distinct id as the server hashes it.
func (p *pass) distinctID() string {
	if !p.distinct.known {
		p.distinct = knownID{bucket.DistinctID(p.subject.DistinctID), true}
	}
	return p.distinct.text
}

// deviceID is the subject's device id as the server hashes it.
func (p *pass) deviceID() string {
	if !p.device.known {
		p.device = knownID{bucket.Identifier(p.subject.DeviceID), true}
	}
	return p.device.text
}

// group is the subject's group of the type with the number.
func (p *pass) group(number int32) *groupContext {
	g := &p.groups[number]
	if g.state != unread {
		return g
	}
	g.state = groupless
	for i := range p.subject.Groups {
		given := &p.subject.Groups[i]
		if given.Type != p.program.groupTypes[number] {
			continue
		}
		if key, usable := match.ValueOf(given.Key).KeyText(); usable {
			*g = groupContext{present, key, given.Properties}
		}
		break
	}
	return g
}

// property is the subject's property with the index.
func (p *pass) property(index int32) *cell {
	c := &p.cells[index]
	if c.state == unread {
		p.touched = append(p.touched, index)
		p.read(c, &p.program.properties[index])
	}
	return c
}

// read looks a property up.
func (p *pass) read(c *cell, wanted *property) {
	var properties map[string]any
	var virtual, identity string
	switch wanted.scope {
	case personScope:
		properties, virtual, identity = p.subject.PersonProperties, "distinct_id", p.subject.DistinctID
	case metadataScope:
		properties = p.subject.PersonMetadata
		if properties == nil {
			c.state = unheard
			return
		}
	default:
		g := p.group(wanted.scope)
		if g.state == groupless {
			c.state = groupless
			return
		}
		properties, virtual, identity = g.properties, "$group_key", g.key
	}
	value, given := properties[wanted.key]
	switch {
	case given:
		*c = cell{present, match.ValueOf(value)}
	case wanted.key == virtual && identity != "":
		*c = cell{present, match.ValueOf(identity)}
	default:
		c.state = absent
	}
}
