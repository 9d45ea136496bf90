package match

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// findings are what a look at the source of a regular expression shows.
type findings struct {
	// disputed is set if Go and the server read the pattern in different ways, or may do so.
	disputed bool
	// classes is set if it has \d, \w, \s, \b or their opposites.
	classes bool
	// space is set if it has \s or \S.
	space bool
	// word is set if it has \w or \W.
	word bool
}

// survey looks for what compiles in Go but means something else on the server. It need not be exact: a pattern
// that is disputed without need is merely not decided here.
func survey(source string) findings {
	s := surveyor{rest: source}
	for s.rest != "" && !s.disputed {
		c := s.rest[0]
		s.rest = s.rest[1:]
		switch c {
		case '\\':
			s.escape()
		case '[':
			s.class()
		case '{':
			s.repetition()
		case '(':
			s.group()
		}
	}
	return s.findings
}

// mostNamed is how many classes and characters a pattern may name. Hundreds of thousands within one set would take Go
// half a minute to compile.
const mostNamed = 1000

type surveyor struct {
	findings
	rest  string
	named int
}

func (s *surveyor) dispute(when bool) { s.disputed = s.disputed || when }

// escape passes over what follows a backslash and reports whether it is a class of characters.
func (s *surveyor) escape() (class bool) {
	if s.rest == "" {
		return false
	}
	c := s.rest[0]
	s.rest = s.rest[1:]
	switch c {
	case 'b', 'B':
		s.classes = true
		return false
	case 'd', 'D':
		s.classes = true
		return true
	case 'w', 'W':
		s.classes, s.word = true, true
		return true
	case 's', 'S':
		s.classes, s.space = true, true
		return true
	case 'p', 'P', 'x':
		s.named++
		s.dispute(s.named > mostNamed)
		s.braces()
		return c != 'x'
	case 'Q', 'E', '<', '>': // quoting, which only Go has, and the ends of words, which only the server has
		s.disputed = true
	default: // octal numbers and references, and escapes of what needs none
		s.dispute('0' <= c && c <= '9' || c < ' ' || c > '~')
	}
	return false
}

// braces passes over a name or a number in braces. The server has no negated names, and no halves of surrogate pairs.
func (s *surveyor) braces() {
	if !strings.HasPrefix(s.rest, "{") {
		return
	}
	end := strings.IndexByte(s.rest, '}')
	if end < 0 {
		s.disputed = true
		return
	}
	inside := s.rest[1:end]
	number, err := strconv.ParseInt(inside, 16, 32)
	s.dispute(strings.HasPrefix(inside, "^") || err == nil && utf16.IsSurrogate(rune(number)))
	s.rest = s.rest[end+1:]
}

// class passes over what follows an opening bracket. The server has sets within sets and operations on them.
func (s *surveyor) class() {
	s.rest = strings.TrimPrefix(s.rest, "^")
	s.dispute(strings.HasPrefix(s.rest, "]"))
	afterClass := false
	for s.rest != "" && !s.disputed {
		c := s.rest[0]
		s.dispute((c == '&' || c == '-' || c == '~') && strings.IndexByte(s.rest[1:], c) == 0)
		s.rest = s.rest[1:]
		switch c {
		case ']':
			return
		case '\\':
			afterClass = s.escape()
			continue
		case '[':
			s.namedClass()
			afterClass = true
			continue
		case '-': // what begins or ends with a class is no range
			s.dispute(afterClass && !strings.HasPrefix(s.rest, "]") || strings.HasPrefix(s.rest, "["))
		}
		afterClass = false
	}
}

// namedClass passes over what follows the opening bracket of a class like [:alpha:] within a class.
func (s *surveyor) namedClass() {
	end := strings.Index(s.rest, ":]")
	if !strings.HasPrefix(s.rest, ":") || end < 1 {
		s.disputed = true
		return
	}
	s.rest = s.rest[end+2:]
}

// repetition passes over what follows an opening brace, which only a proper repetition does in the same way
// everywhere.
func (s *surveyor) repetition() {
	bounds, rest, closed := strings.Cut(s.rest, "}")
	least, most, open := strings.Cut(bounds, ",")
	if !closed || least == "" || digits(least) != len(least) || open && digits(most) != len(most) {
		s.disputed = true
		return
	}
	s.rest = rest
}

// group looks at what follows an opening parenthesis.
func (s *surveyor) group() {
	rest, special := strings.CutPrefix(s.rest, "?")
	if !special {
		return
	}
	if name, named := strings.CutPrefix(strings.TrimPrefix(rest, "P"), "<"); named {
		s.dispute(digits(name) > 0) // no name of a group elsewhere
		return
	}
	count := 0
	for count < len(rest) && (rest[count] == '-' || 'a' <= rest[count]|0x20 && rest[count]|0x20 <= 'z') {
		s.dispute(strings.IndexByte(rest[:count], rest[count]) >= 0) // the server may refuse a flag that is there twice
		count++
	}
	s.dispute(count == 0 && !strings.HasPrefix(rest, ":") || strings.Contains(rest[:count], "U"))
}
