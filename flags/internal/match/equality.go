package match

import (
	"slices"
	"time"
)

// compileEquality makes the test of exact and is_not. An operand that says true or false asks whether the
// property says the same, where version 2 compares texts; a list asks for any of its members.
func compileEquality(operator string, operand Value, options Options) (Test, Cause) {
	negative := operator == "is_not"
	empty := operand.kind == arrayKind && len(operand.members) == 0
	switch {
	case empty, options.Version != 2 && operand.saysTrueOrFalse():
		return &sameTruth{truth: operand.saysTrue(), negative: negative}, NoCause
	case operand.kind != arrayKind:
		return &sameText{lowered: lower(operand.Text()), negative: negative}, NoCause
	}
	members := make([]string, len(operand.members))
	for i, member := range operand.members {
		members[i] = lower(member.Text())
	}
	slices.Sort(members)
	members = slices.Compact(members)
	switch {
	case len(members) == 1:
		return &sameText{lowered: members[0], negative: negative}, NoCause
	case len(members) <= fewMembers:
		return &anyText{lowered: members, negative: negative}, NoCause
	default:
		return newMemberOf(members, negative), NoCause
	}
}

// saysTrueOrFalse reports whether v is a boolean, the text of one, or an array of nothing else.
func (v Value) saysTrueOrFalse() bool {
	switch v.kind {
	case boolKind:
		return true
	case textKind:
		return equalLower("true", v.text) || equalLower("false", v.text)
	case arrayKind:
		return !slices.ContainsFunc(v.members, func(member Value) bool { return !member.saysTrueOrFalse() })
	default:
		return false
	}
}

// saysTrue reports whether v is true, its text, or an array of nothing else. An empty array does.
func (v Value) saysTrue() bool {
	switch v.kind {
	case boolKind:
		return v.bits == 1
	case textKind:
		return equalLower("true", v.text)
	case arrayKind:
		return !slices.ContainsFunc(v.members, func(member Value) bool { return !member.saysTrue() })
	default:
		return false
	}
}

// sameTruth matches a property that says true, or one that does not.
type sameTruth struct{ truth, negative bool }

func (t *sameTruth) Match(property Value, _ time.Time) (Outcome, Cause) {
	if !property.Usable() {
		return No, NoCause
	}
	return compared(property.saysTrue() == t.truth, t.negative), NoCause
}

// sameText matches one text without regard to case.
type sameText struct {
	lowered  string
	negative bool
}

func (t *sameText) Match(property Value, _ time.Time) (Outcome, Cause) {
	if text, ok := property.held(); ok {
		return compared(equalLower(t.lowered, text), t.negative), NoCause
	}
	if !property.Usable() {
		return No, NoCause
	}
	var buffer [scalarText]byte
	return compared(equalLower(t.lowered, string(property.appendScalar(buffer[:0]))), t.negative), NoCause
}

// fewMembers is how many texts are compared one after the other rather than looked up.
const fewMembers = 8

// anyText matches each of a few texts without regard to case.
type anyText struct {
	lowered  []string
	negative bool
}

func (t *anyText) Match(property Value, _ time.Time) (Outcome, Cause) {
	if text, ok := property.held(); ok {
		return compared(t.has(text), t.negative), NoCause
	}
	if !property.Usable() {
		return No, NoCause
	}
	var buffer [scalarText]byte
	return compared(t.has(string(property.appendScalar(buffer[:0]))), t.negative), NoCause
}

func (t *anyText) has(text string) bool {
	for _, lowered := range t.lowered {
		if equalLower(lowered, text) {
			return true
		}
	}
	return false
}
