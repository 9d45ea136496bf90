package match

import (
	"regexp/syntax"
	"slices"
)

const (
	// maxNesting is how deep a pattern may be: the server stops at 250, but counts in another way.
	maxNesting = 100
	// maxClasses is how many large classes a pattern may have. Each takes 45 KB on the server, out of 10 MB.
	maxClasses = 150
	// largeClass is the number of ranges that make a class large.
	largeClass = 50
	// tooMuch is the weight of what the server may not accept for another reason.
	tooMuch = maxClasses + 1
)

// portable reports whether the server accepts a pattern that Go accepts, for sure. words says whether the pattern
// has \w, which is a large class on the server.
func portable(tree *syntax.Regexp, words bool) bool {
	names := tree.CapNames()
	for i, name := range names {
		if name != "" && slices.Contains(names[:i], name) {
			return false // only Go lets two groups share a name
		}
	}
	return weight(tree, words, 0) <= maxClasses
}

// weight counts the large classes of a pattern, as often as they are repeated.
func weight(tree *syntax.Regexp, words bool, depth int) int {
	if depth > maxNesting {
		return tooMuch
	}
	times := 1
	switch tree.Op {
	case syntax.OpCharClass:
		if len(tree.Rune)/2 > largeClass || words && maybeWords(tree.Rune) {
			return 1
		}
		return 0
	case syntax.OpRepeat:
		times = max(tree.Min, tree.Max, 1)
		if empty(tree.Sub[0]) {
			return tooMuch
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		if empty(tree.Sub[0]) {
			return tooMuch
		}
	}
	total := 0
	for _, sub := range tree.Sub {
		total += weight(sub, words, depth+1)
	}
	return total * times
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
