package match

import (
	"regexp/syntax"
	"unicode/utf8"
)

// maxNesting is how deep a pattern may be: the server stops at 250, but counts in another way.
const maxNesting = 100

// What the parts of a pattern take on the server, in bytes, at the most. It accepts no pattern of more than 10 MB.
const (
	maxSize       = 7_000_000
	ofLargeClass  = 45_000
	ofAnyRune     = 1_000
	ofRange       = 250 // of a class
	ofByte        = 64
	ofInstruction = 64
)

// largeClass is the number of ranges that make a class large.
const largeClass = 50

// portable reports whether the server accepts a pattern that Go accepts, for sure. words says whether the pattern has
// \w, which is a large class on the server.
func portable(tree *syntax.Regexp, program *syntax.Prog, words bool) bool {
	names := map[string]bool{}
	for _, name := range tree.CapNames() {
		if names[name] && name != "" {
			return false // only Go lets two groups share a name
		}
		names[name] = true
	}
	return wellFormed(tree, 0) && size(program, words) <= maxSize
}

// wellFormed reports whether tree is not too deep, and repeats no place.
func wellFormed(tree *syntax.Regexp, depth int) bool {
	if depth > maxNesting {
		return false
	}
	switch tree.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		if empty(tree.Sub[0]) {
			return false
		}
	}
	for _, sub := range tree.Sub {
		if !wellFormed(sub, depth+1) {
			return false
		}
	}
	return true
}

// empty reports whether tree matches a place rather than characters. The server refuses to repeat such.
func empty(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpEmptyMatch:
		return true
	default:
		return false
	}
}

// size is how many bytes a pattern may take on the server. A program has what is repeated as often as it is.
func size(program *syntax.Prog, words bool) int {
	total := 0
	for i := range program.Inst {
		total += ofInstruction
		switch inst := &program.Inst[i]; inst.Op {
		case syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			total += ofAnyRune
		case syntax.InstRune, syntax.InstRune1:
			total += sizeOfClass(inst.Rune, words)
		}
	}
	return total
}

// sizeOfClass is that of a character, or of a class given by its ranges.
func sizeOfClass(ranges []rune, words bool) int {
	switch {
	case len(ranges) == 1: // it may come in either case
		return 2 * ofByte * utf8.RuneLen(ranges[0])
	case len(ranges)/2 > largeClass, words && maybeWords(ranges):
		return ofLargeClass
	default:
		return ofRange * len(ranges) / 2
	}
}

// maybeWords reports whether a class, given by its ranges, can come from \w or \W: it has all of ASCII's word
// characters or none.
func maybeWords(ranges []rune) bool {
	var has [4]bool
	for i, c := range "0A_a" {
		for j := 0; j < len(ranges); j += 2 {
			has[i] = has[i] || ranges[j] <= c && c <= ranges[j+1]
		}
	}
	return has[0] == has[1] && has[1] == has[2] && has[2] == has[3]
}
