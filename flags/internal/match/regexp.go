package match

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"time"
)

// patternSteps bounds a search: the bytes of a text times the instructions of a pattern. It is about a second.
const patternSteps = 50_000_000

// compilePattern makes the test of regex and not_regex. A pattern that is valid nowhere never matches, either
// way; one that the server may read in another way than Go goes to the engine, if there is one.
func compilePattern(operator string, operand Value, options Options) (Test, Cause) {
	source, ok := operand.Contents()
	if !ok {
		return nil, BadOperand
	}
	found := survey(source)
	p := &pattern{asciiOnly: found.classes, noVerticalTab: found.space, negative: operator == "not_regex", longest: patternSteps}
	if !found.disputed {
		switch native, err := regexp.Compile(source); {
		case err == nil:
			p.adopt(native, found.word)
		case invalidEverywhere(source, err):
			return invalidPattern{}, NoCause
		}
	}
	if p.native == nil || p.asciiOnly {
		p.foreign = engineCompile(options.Regexp, source)
	}
	if p.native == nil && p.foreign == nil {
		return nil, UnsupportedPattern
	}
	return p, NoCause
}

// invalidPattern is the test of a pattern that is valid nowhere: it never matches, negated or not.
type invalidPattern struct{}

func (invalidPattern) Match(Value, time.Time) (Outcome, Cause) { return No, NoCause }

// ValidNowhere reports whether test is that of a regular expression that is valid neither in Go nor on the server.
func ValidNowhere(test Test) bool {
	_, invalid := test.(invalidPattern)
	return invalid
}

// pattern matches a text that a regular expression is found in.
type pattern struct {
	// native is nil for a pattern that Go cannot run as the server does.
	native *regexp.Regexp
	// foreign is of the caller's engine, nil without one or without need.
	foreign Pattern
	// asciiOnly is set if native is right for ASCII only: \d, \w, \s and \b are for all of Unicode on the server.
	asciiOnly bool
	// noVerticalTab is set for \s, which has that character on the server.
	noVerticalTab bool
	negative      bool
	// longest is the longest text that is searched.
	longest int
	// buffers are for the texts of numbers.
	buffers sync.Pool
}

// adopt uses native if the server accepts its pattern for sure.
func (p *pattern) adopt(native *regexp.Regexp, words bool) {
	tree, err := syntax.Parse(native.String(), syntax.Perl)
	if err != nil {
		return
	}
	if program, err := syntax.Compile(tree.Simplify()); err == nil && portable(tree, program, words) {
		p.native, p.longest = native, patternSteps/len(program.Inst)
	}
}

// invalidEverywhere reports whether the server has no use for the pattern either. The names of classes are the
// exception: it may know one that Go does not.
func invalidEverywhere(source string, err error) bool {
	problem, ok := errors.AsType[*syntax.Error](err)
	if !ok || strings.Contains(source, "[:") ||
		strings.Contains(source, `\p`) || strings.Contains(source, `\P`) {
		return false
	}
	switch problem.Code {
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen, syntax.ErrMissingBracket, syntax.ErrInvalidCharRange,
		syntax.ErrTrailingBackslash, syntax.ErrInvalidUTF8:
		return true
	case syntax.ErrMissingRepeatArgument:
		return !strings.HasPrefix(problem.Expr, "{") // which may be text
	default:
		return false
	}
}

func (p *pattern) Match(property Value, _ time.Time) (Outcome, Cause) {
	if text, ok := property.held(); ok {
		return p.search(text)
	}
	if !property.Usable() {
		return No, NoCause
	}
	if p.native == nil {
		return p.search(property.Text())
	}
	buffer, ok := p.buffers.Get().(*[]byte)
	if !ok {
		buffer = new([]byte)
	}
	*buffer = property.appendScalar((*buffer)[:0])
	matched := p.native.Match(*buffer)
	p.buffers.Put(buffer)
	return compared(matched, p.negative), NoCause
}

func (p *pattern) search(text string) (Outcome, Cause) {
	if len(text) > p.longest {
		return Inconclusive, PatternLimit
	}
	if p.native != nil && (!p.asciiOnly || p.agrees(text)) {
		return compared(p.native.MatchString(text), p.negative), NoCause
	}
	if p.foreign == nil {
		return Inconclusive, UnsupportedPattern
	}
	matched, err := engineMatch(p.foreign, text)
	if err != nil {
		return Inconclusive, PatternLimit
	}
	return compared(matched, p.negative), NoCause
}

// agrees reports whether the classes mean the same for text in Go and on the server.
func (p *pattern) agrees(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= 0x80 || c == '\v' && p.noVerticalTab {
			return false
		}
	}
	return true
}

// engineCompile returns nil if there is no engine or it does not take the pattern.
func engineCompile(engine Engine, source string) (compiled Pattern) {
	if engine == nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			compiled = nil
		}
	}()
	compiled, err := engine.Compile(source)
	if err != nil {
		return nil
	}
	return compiled
}

var errGaveUp = errors.New("match: the engine gave up")

func engineMatch(compiled Pattern, text string) (matched bool, err error) {
	defer func() {
		if recover() != nil {
			matched, err = false, errGaveUp
		}
	}()
	return compiled.MatchString(text)
}
