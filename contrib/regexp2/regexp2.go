// Package regexp2 runs the patterns of feature flags that Go's regexp package cannot: look-around,
// back-references and atomic groups, and \w, \d, \s and \b on text that is not ASCII.
//
// A client takes it in its Config, and so does [flags.Compile]:
//
//	client, err := posthog.NewWithConfig("phc_…", posthog.Config{SecretKey: "phs_…", FlagRegexp: regexp2.Engine{}})
//
//	program := flags.Compile(definitions, flags.Options{Regexp: regexp2.Engine{}})
//
// It is a module of its own so that programs without it do not link the engine, which is
// github.com/dlclark/regexp2. That engine is .NET's, PostHog's is Rust's fancy-regex. Where the two may answer
// differently, this package refuses the pattern or the text, and the flag stays inconclusive, as it is without
// an engine.
//
// # Limits
//
// Of patterns, it refuses sets within sets and set operations, classes by name (\p{Greek}, [:alpha:]), characters by
// number (\x41), every flag but (?i) and (?s), conditionals, comments, groups in another form than (?<name>...),
// named groups together with references by number, two groups of one name, references and letters outside of ASCII
// regardless of case, a repetition of what is only a place, as in (?=a)*, and look-behind that may be of more
// than one length. [Engine.Compile] lists in its error what it met.
//
// Of texts, it refuses one that ends with a line feed if the pattern has a $, letters outside of ASCII if it has (?i),
// and, if it has \w or \b, the few characters that only one of the engines takes for a part of a word.
//
// A search is given up after [Engine.Timeout] or with [MaxBacktracking]. PostHog gives up too, by counting steps, so
// that for a pattern which backtracks that much the answers may differ in who gives up.
//
// Nothing but a search that takes long needs a goroutine: the underlying engine has one that tells the time,
// shared by the whole process, and ends it about a second after the last search.
package regexp2

import (
	"errors"
	"fmt"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/hedgerow/posthog/flags"
)

// DefaultTimeout is how long one search may take unless [Engine.Timeout] says otherwise.
const DefaultTimeout = 100 * time.Millisecond

// MaxBacktracking bounds the memory of one search, in numbers that it must remember, which are 4 or 8 bytes each. One
// that needs more is given up, and its flag is inconclusive.
const MaxBacktracking = 100_000

// Engine compiles patterns for [flags.Options]. Its zero value is ready to use, and it keeps no state: any number of
// goroutines may use one, and a change to it counts for what is compiled later.
type Engine struct {
	// Timeout is how long one search may take before it is given up and its flag is inconclusive. The time is
	// checked about ten times a second, so that a search may take some 100 ms longer. Zero or less is [DefaultTimeout].
	Timeout time.Duration
}

var _ flags.RegexpEngine = Engine{}

// ErrDifferent is the error for a pattern, or for a text, that PostHog's engine may understand differently.
var ErrDifferent = errors.New("regexp2: PostHog's engine may answer differently")

// Compile returns a pattern that is safe for concurrent use, or an error: [ErrDifferent] for one that cannot be run as
// PostHog runs it, another for one that is no regular expression.
func (e Engine) Compile(pattern string) (flags.RegexpPattern, error) {
	traits, err := examine(pattern)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrDifferent, pattern, err)
	}
	compiled, err := regexp2.Compile(pattern, regexp2.OptionMaxBacktrackingStackSize(MaxBacktracking))
	if err != nil {
		return nil, err
	}
	compiled.MatchTimeout = e.Timeout
	if compiled.MatchTimeout <= 0 {
		compiled.MatchTimeout = DefaultTimeout
	}
	return &search{compiled, traits}, nil
}

// search is a compiled pattern.
type search struct {
	pattern *regexp2.Regexp
	traits  traits
}

// MatchString looks for a match anywhere in text. An error means that it was given up.
func (s *search) MatchString(text string) (bool, error) {
	if err := s.traits.differ(text); err != nil {
		return false, fmt.Errorf("%w: %w", ErrDifferent, err)
	}
	return s.pattern.MatchString(text)
}
