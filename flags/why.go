package flags

import (
	"strconv"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Why says what an inconclusive answer lacks. The constants are in the order in which they are reported: of several causes
// among the conditions of a flag, the first one here counts, so that a result does not depend on the order of filters. The
// zero Why is no cause. Later versions may have more causes, and other numbers for these: what is stored should be the name.
type Why uint8

const (
	// UnknownFlag means that the definitions have no flag of this key.
	UnknownFlag Why = iota + 1
	// Undecodable means that the flag's definition is malformed.
	Undecodable
	// UnsupportedRules means that the flag's rules are of a version that this package does not evaluate.
	UnsupportedRules
	// UnsupportedBucketing means that the flag is bucketed by an identifier that this package does not know.
	UnsupportedBucketing
	// ExperienceContinuity means that only the server knows which identifier decides; see Subject.HashIDs.
	ExperienceContinuity
	// MalformedHoldout means that the flag has a holdout that cannot be read.
	MalformedHoldout
	// MalformedFilter means that a filter, or a node of a cohort, cannot be read.
	MalformedFilter
	// UnknownOperator means that a filter has an operator that is unknown, or out of place.
	UnknownOperator
	// UnsupportedFilter means that a filter is of a type that only the server can evaluate.
	UnsupportedFilter
	// UnsupportedPattern means that a regular expression needs an engine other than Go's; see Options.Regexp.
	UnsupportedPattern
	// PatternLimit means that the search for a regular expression was given up.
	PatternLimit
	// UnknownGroupType means that the definitions do not name the group type.
	UnknownGroupType
	// UnknownCohort means that the cohort is static, or not in the definitions; see Subject.Cohorts.
	UnknownCohort
	// CohortCycle means that a cohort refers to itself, or that cohorts are nested more than 32 deep.
	CohortCycle
	// MissingDependency means that the flag depends, maybe through others, on one that is not in the definitions.
	MissingDependency
	// DependencyCycle means that the flag depends on itself or on one that does, or that dependencies are more than
	// 64 deep.
	DependencyCycle
	// Dependency means that the flag depends on one whose own answer is inconclusive.
	Dependency
	// NoClock means that a filter has a relative date; see Subject.Now.
	NoClock
	// NonexistentTime means that a date falls into an hour that its time zone skipped, or is a leap second.
	NonexistentTime
	// MissingDistinctID means that Subject.DistinctID is empty.
	MissingDistinctID
	// MissingDevice means that Subject.DeviceID is empty.
	MissingDevice
	// MissingGroup means that Subject.Groups has no usable group of the type.
	MissingGroup
	// MissingEnrollment means that the person's property that opts in to the feature is not known.
	MissingEnrollment
	// MissingProperty means that properties are not known. Inconclusive.MissingProperties names them.
	MissingProperty
)

var whys = [...]string{
	0:                    "",
	UnknownFlag:          "UnknownFlag",
	Undecodable:          "Undecodable",
	UnsupportedRules:     "UnsupportedRules",
	UnsupportedBucketing: "UnsupportedBucketing",
	ExperienceContinuity: "ExperienceContinuity",
	MalformedHoldout:     "MalformedHoldout",
	MalformedFilter:      "MalformedFilter",
	UnknownOperator:      "UnknownOperator",
	UnsupportedFilter:    "UnsupportedFilter",
	UnsupportedPattern:   "UnsupportedPattern",
	PatternLimit:         "PatternLimit",
	UnknownGroupType:     "UnknownGroupType",
	UnknownCohort:        "UnknownCohort",
	CohortCycle:          "CohortCycle",
	MissingDependency:    "MissingDependency",
	DependencyCycle:      "DependencyCycle",
	Dependency:           "Dependency",
	NoClock:              "NoClock",
	NonexistentTime:      "NonexistentTime",
	MissingDistinctID:    "MissingDistinctID",
	MissingDevice:        "MissingDevice",
	MissingGroup:         "MissingGroup",
	MissingEnrollment:    "MissingEnrollment",
	MissingProperty:      "MissingProperty",
}

// String returns the name of the constant, which is empty for the zero Why.
func (w Why) String() string {
	if int(w) < len(whys) {
		return whys[w]
	}
	return "Why(" + strconv.Itoa(int(w)) + ")"
}

// or is the cause to report of two: the first in order that is one.
func (w Why) or(other Why) Why {
	if w == 0 || (other != 0 && other < w) {
		return other
	}
	return w
}

// whyOf translates what the operators report. A cause that is none, or unknown here, is a malformed filter: an
// outcome that is open always has a cause.
func whyOf(cause match.Cause) Why {
	switch cause {
	case match.UnknownOperator:
		return UnknownOperator
	case match.UnsupportedPattern:
		return UnsupportedPattern
	case match.PatternLimit:
		return PatternLimit
	case match.NoClock:
		return NoClock
	case match.NonexistentTime:
		return NonexistentTime
	default:
		return MalformedFilter
	}
}
