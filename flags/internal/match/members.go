package match

import "time"

// memberOf matches each of many texts without regard to case.
type memberOf struct {
	// short are the texts that a lower-case property on the stack can be looked up in.
	short map[string]struct{}
	// longest is the length of the longest of them.
	longest int
	// long are the others.
	long     []string
	negative bool
}

// shortMember is the length up to which a property is made lower-case on the stack.
const shortMember = 256

func newMemberOf(lowered []string, negative bool) *memberOf {
	m := &memberOf{short: make(map[string]struct{}, len(lowered)), negative: negative}
	for _, text := range lowered {
		if len(text) > shortMember {
			m.long = append(m.long, text)
			continue
		}
		m.short[text] = struct{}{}
		m.longest = max(m.longest, len(text))
	}
	return m
}

func (m *memberOf) Match(property Value, _ time.Time) (Outcome, Cause) {
	if text, ok := property.held(); ok {
		return compared(m.has(text), m.negative), NoCause
	}
	if !property.Usable() {
		return No, NoCause
	}
	var buffer [scalarText]byte
	return compared(m.has(string(property.appendScalar(buffer[:0]))), m.negative), NoCause
}

func (m *memberOf) has(text string) bool {
	var buffer [shortMember + 8]byte // a rune may overshoot the limit
	lowered := appendLower(buffer[:0], text, m.longest)
	if _, ok := m.short[string(lowered)]; ok {
		return true
	}
	for _, member := range m.long {
		if equalLower(member, text) {
			return true
		}
	}
	return false
}
