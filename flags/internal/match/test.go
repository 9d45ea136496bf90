package match

import (
	"bytes"
	"encoding/json"
	"time"
)

// Test is a compiled filter: an operator and its operand. It is immutable and safe for concurrent use.
type Test interface {
	// Match asks for a property that is present; its value may be null or unusable. The cause is NoCause with
	// a definite outcome. now serves relative dates; zero means that it is not known.
	Match(property Value, now time.Time) (Outcome, Cause)
}

// Options are what decides beside the filter itself.
type Options struct {
	// Version is the property matching version of the definitions: 2 is explicit equality, anything else the
	// older rule.
	Version int
	// Zone is where times without an offset are. It must not be nil.
	Zone *time.Location
	// Regexp runs the patterns that Go's regexp package cannot. Nil: they are inconclusive. An engine that
	// panics counts as one that gives up.
	Regexp Engine
}

// Engine compiles the regular expressions that Go's regexp package does not support.
type Engine interface {
	// Compile returns an error for a pattern that it cannot run either.
	Compile(pattern string) (Pattern, error)
}

// Pattern searches a text for a match anywhere in it. It is safe for concurrent use.
type Pattern interface {
	// MatchString returns an error when it gave up before it knew.
	MatchString(text string) (bool, error)
}

// Compile makes a Test of an operator and its operand. operator "" means exact; operand is nil where the filter
// has none, and null counts as none. A filter that cannot be asked becomes a Test that is always inconclusive,
// for the cause returned. operand is not retained.
func Compile(operator string, operand json.RawMessage, options Options) (Test, Cause) {
	if operator == "" {
		operator = "exact"
	}
	entry, known := operators[operator]
	if !known {
		return undecided(UnknownOperator)
	}
	if entry.compile == nil {
		return always(entry.present), NoCause
	}
	operand = bytes.TrimSpace(operand)
	if len(operand) == 0 || string(operand) == "null" {
		return undecided(MissingOperand)
	}
	value, ok := ParseValue(operand)
	if !ok {
		return undecided(BadOperand)
	}
	test, cause := entry.compile(operator, value, options)
	if cause != NoCause {
		return undecided(cause)
	}
	return test, NoCause
}

// Absent is the outcome for a property that is known to be absent, as opposed to one that was not given:
// negative operators and is_not_set match, the others do not. It is Inconclusive for an operator that Compile
// calls unknown.
func Absent(operator string) Outcome {
	if operator == "" {
		return No
	}
	return operators[operator].absent
}

// always is a test whose outcome does not depend on the property.
type always Outcome

func (a always) Match(Value, time.Time) (Outcome, Cause) { return Outcome(a), NoCause }

// open is a test that cannot be asked.
type open Cause

func (o open) Match(Value, time.Time) (Outcome, Cause) { return Inconclusive, Cause(o) }

func undecided(cause Cause) (Test, Cause) { return open(cause), cause }

// compared is the outcome of a comparison that could be made, for an operator and for its negative form.
func compared(matched, negative bool) Outcome { return Of(matched != negative) }
