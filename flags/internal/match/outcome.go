// Package match compares a property with the operand of a filter, the way PostHog's server does.
//
// It owns the operators: what they compare, what they make of values that they cannot read, and which
// questions they leave open. A filter is compiled once into a [Test] and asked from any number of goroutines.
// It reads no clock, starts no goroutine, and never panics, whatever the property is.
package match

// Outcome is a three-valued answer. Its zero value is Inconclusive, so that an answer that was forgotten is
// never a confident one.
type Outcome uint8

const (
	// Inconclusive means that what is known here does not decide the question.
	Inconclusive Outcome = iota
	// No means a definite miss.
	No
	// Yes means a definite match.
	Yes
)

// Not inverts a definite outcome and leaves Inconclusive as it is.
func (o Outcome) Not() Outcome {
	switch o {
	case No:
		return Yes
	case Yes:
		return No
	default:
		return Inconclusive
	}
}

// Of is the definite outcome of a comparison.
func Of(matched bool) Outcome {
	if matched {
		return Yes
	}
	return No
}

// String returns "inconclusive", "no" or "yes".
func (o Outcome) String() string {
	switch o {
	case No:
		return "no"
	case Yes:
		return "yes"
	default:
		return "inconclusive"
	}
}

// Cause says why an operator gave no answer. Its zero value goes with every definite outcome.
type Cause uint8

const (
	// NoCause goes with a definite outcome.
	NoCause Cause = iota
	// UnknownOperator is an operator that this package does not know, or one that belongs to another type of filter.
	UnknownOperator
	// MissingOperand is a filter without the value that its operator needs.
	MissingOperand
	// BadOperand is a filter whose value its operator cannot read.
	BadOperand
	// UnsupportedPattern is a regular expression that the engine at hand cannot run as the server does.
	UnsupportedPattern
	// PatternLimit is a regular expression whose search was given up.
	PatternLimit
	// NoClock is a date relative to a time that was not given.
	NoClock
	// NonexistentTime is a wall-clock time that its zone skipped, or a leap second.
	NonexistentTime
)
