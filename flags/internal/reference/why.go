package reference

// Why is the cause of an inconclusive answer. Of several causes the smallest is reported, so that the order of filters
// does not matter.
type Why uint8

// The causes, the one that is reported first on top.
const (
	UnknownFlag Why = iota + 1
	Undecodable
	UnsupportedRules
	UnsupportedBucketing
	ExperienceContinuity
	MalformedHoldout
	MalformedFilter
	UnknownOperator
	UnsupportedFilter
	UnsupportedPattern
	PatternLimit
	UnknownGroupType
	UnknownCohort
	CohortCycle
	MissingDependency
	DependencyCycle
	Dependency
	NoClock
	NonexistentTime
	MissingDistinctID
	MissingDevice
	MissingGroup
	MissingEnrollment
	MissingProperty
)

var whyNames = [...]string{
	"", "UnknownFlag", "Undecodable", "UnsupportedRules", "UnsupportedBucketing", "ExperienceContinuity",
	"MalformedHoldout", "MalformedFilter", "UnknownOperator", "UnsupportedFilter", "UnsupportedPattern", "PatternLimit",
	"UnknownGroupType", "UnknownCohort", "CohortCycle", "MissingDependency", "DependencyCycle", "Dependency", "NoClock",
	"NonexistentTime", "MissingDistinctID", "MissingDevice", "MissingGroup", "MissingEnrollment", "MissingProperty",
}

// String returns the name of the cause, empty for the zero Why.
func (w Why) String() string {
	if int(w) < len(whyNames) {
		return whyNames[w]
	}
	return "undefined"
}
