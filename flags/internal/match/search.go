package match

import (
	"strings"
	"time"
)

// compileSearch makes the test of the operators that look for a text within another: icontains, starts_with,
// ends_with and their kin. Only ASCII letters are folded. A list is one text, its JSON, but for the forms that
// end in _multi, which look for any member.
func compileSearch(operator string, operand Value, _ Options) (Test, Cause) {
	name, negative := strings.CutPrefix(operator, "not_")
	s := &search{negative: negative}
	switch name {
	case "starts_with":
		s.where = atStart
	case "ends_with":
		s.where = atEnd
	}
	if name == "icontains_multi" && operand.kind == arrayKind {
		for _, member := range operand.members {
			s.needles = append(s.needles, newNeedle(member.Text()))
		}
		return s, NoCause
	}
	s.needles = []needle{newNeedle(operand.Text())}
	return s, NoCause
}

// search matches a text in which one of the needles is found.
type search struct {
	needles  []needle
	where    place
	negative bool
}

type place uint8

const (
	anywhere place = iota
	atStart
	atEnd
)

func (s *search) Match(property Value, _ time.Time) (Outcome, Cause) {
	if text, ok := property.held(); ok {
		return compared(s.finds(text), s.negative), NoCause
	}
	if !property.Usable() {
		return No, NoCause
	}
	var buffer [scalarText]byte
	return compared(s.finds(string(property.appendScalar(buffer[:0]))), s.negative), NoCause
}

func (s *search) finds(text string) bool {
	for i := range s.needles {
		n := &s.needles[i]
		switch excess := len(text) - len(n.folded); {
		case excess < 0:
		case s.where == atStart && n.equals(text[:len(n.folded)]),
			s.where == atEnd && n.equals(text[excess:]),
			s.where == anywhere && n.within(text):
			return true
		}
	}
	return false
}

// needle is a text to look for. The search takes time in proportion to the text searched, however repetitive
// both are (Knuth, Morris and Pratt).
type needle struct {
	folded string
	// borders has, for each length of a partial match, the length of the longest shorter one that ends at the
	// same place.
	borders []int32
}

func newNeedle(text string) needle {
	n := needle{folded: string(appendFolded(nil, text))}
	n.borders = make([]int32, len(n.folded)+1)
	matched := 0
	for i := 1; i < len(n.folded); i++ {
		for matched > 0 && n.folded[i] != n.folded[matched] {
			matched = int(n.borders[matched])
		}
		if n.folded[i] == n.folded[matched] {
			matched++
		}
		n.borders[i+1] = int32(matched) //nolint:gosec // no document has 2 GB
	}
	return n
}

func appendFolded(dst []byte, text string) []byte {
	for i := range len(text) {
		dst = append(dst, folded[text[i]])
	}
	return dst
}

// equals compares texts of the same length.
func (n *needle) equals(text string) bool {
	for i := range len(text) {
		if folded[text[i]] != n.folded[i] {
			return false
		}
	}
	return true
}

func (n *needle) within(text string) bool {
	matched := 0
	for i := 0; i < len(text) && matched < len(n.folded); i++ {
		c := folded[text[i]]
		for matched > 0 && c != n.folded[matched] {
			matched = int(n.borders[matched])
		}
		if c == n.folded[matched] {
			matched++
		}
	}
	return matched == len(n.folded)
}
