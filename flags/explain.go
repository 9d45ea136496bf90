package flags

// Explain answers as [Program.Evaluate] does and tells how it came about; it is never nil. It runs the same code,
// takes its time, and is meant for people: tools, logs of a developer, a test that failed. Texts in it are cut after
// 200 bytes.
func (p *Program) Explain(key string, s *Subject) *Explanation {
	f := p.lookup(key)
	if f == nil {
		return &Explanation{Result: unknown(key)}
	}
	if s == nil {
		s = &Subject{}
	}
	shared := p.borrow(s)
	defer shared.release()
	t := newTracer(shared)
	shared.trace = t
	shared.flag(p.index[key])
	return t.flags[f]
}

// Explanation is how the answer for a flag came about, made by [Program.Explain]: what was looked at, in the order in
// which it was. What was not, because something before it decided, is not in it. It is a tree except that a cohort or
// a flag that several filters ask for is the same one in each place. Print it, or read it from any number of goroutines.
type Explanation struct {
	// Result is the answer.
	Result Result
	// Enrollment is the filter on the property that opts in to the feature, nil without one.
	Enrollment *ExplainedFilter
	// Holdout is the share that is held out, nil if none was looked at.
	Holdout *ExplainedShare
	// Conditions are those that were looked at, in order.
	Conditions []ExplainedCondition
	// Variant is how the variant was chosen, nil for a flag without variants, or if none was chosen.
	Variant *ExplainedVariant
	// Problems are those of [Program.Problems] that concern the flag, whether they mattered or not.
	Problems []Problem
}

// ExplainedCondition is how a condition ended.
type ExplainedCondition struct {
	// GroupType is the type of the group that the condition is about, empty for persons and for a type without a name.
	GroupType string
	// Identifier is what decides about rollout and variant, the distinct id for one, empty if it is missing.
	Identifier string
	// Filters are those that were asked, in order.
	Filters []ExplainedFilter
	// Unasked is how many filters were not, because one before them missed or the identifier is missing.
	Unasked int
	// Rollout is nil if the condition was decided before it.
	Rollout *ExplainedShare
	// Reason says how the condition ended, empty if it is open.
	Reason Reason
	// Why says what left the condition open, zero if nothing did.
	Why Why
}

// ExplainedShare is how a percentage was applied to an identifier.
type ExplainedShare struct {
	// Identifier is what is hashed.
	Identifier string
	// Hashed is false if the percentage is 100 or more, or nobody's place was asked for, so that nothing was hashed.
	Hashed bool
	// Place is the hash, 0 to 1.
	Place float64
	// Percentage is the share. An identifier belongs to it whose place is at most a hundredth of it.
	Percentage float64
	// Within is whether it does.
	Within bool
}

// ExplainedVariant is how a variant was chosen.
type ExplainedVariant struct {
	// Override is whether the condition named the variant.
	Override bool
	// Place is the hash, 0 to 1, that decided if not.
	Place float64
	// Bounds are the places right below which the variants end, in the definition's order.
	Bounds []VariantBound
	// Chosen is the variant, empty if the place is beyond all of them.
	Chosen string
}

// VariantBound is where a variant ends. It begins where the one before it ends, the first at 0.
type VariantBound struct {
	// Variant is the variant's key.
	Variant string
	// Below is what the place of an identifier must be below.
	Below float64
}

// Match is what became of a filter, a cohort or a node of one.
type Match uint8

const (
	// Open means that there was no telling. It is the zero Match.
	Open Match = iota
	// Missed means a definite miss.
	Missed
	// Matched means a definite match.
	Matched
)

// String returns "open", "missed" or "matched".
func (m Match) String() string {
	switch m {
	case Missed:
		return "missed"
	case Matched:
		return "matched"
	default:
		return "open"
	}
}

// ExplainedFilter is what became of a filter.
type ExplainedFilter struct {
	// Filter is the filter's definition, nil for the one that opts in to a feature.
	Filter *Filter
	// Property is the property that was asked for; its Key is empty for other filters.
	Property Property
	// Operator is the operator, "exact" if the definition has none.
	Operator string
	// Operand is the value to compare with, as in the definition.
	Operand string
	// Given is whether the subject has the property.
	Given bool
	// Value is the text of the property that is given.
	Value string
	// Match is the outcome, with the filter's negation.
	Match Match
	// Why is the cause of an outcome that is open.
	Why Why
	// Cohort is the cohort that was asked for, nil for other filters and for one that is not in the definitions.
	Cohort *ExplainedCohort
	// Dependency is the flag that was asked for, nil for other filters.
	Dependency *Explanation
}

// ExplainedCohort is what became of a cohort.
type ExplainedCohort struct {
	// ID is the cohort's id.
	ID string
	// Root is the root of its tree.
	Root ExplainedNode
	// Problems are those of [Program.Problems] that concern the cohort, whether they mattered or not.
	Problems []Problem
}

// ExplainedNode is what became of a node of a cohort's tree.
type ExplainedNode struct {
	// Type is "OR" or "AND", empty for a leaf and for a node that cannot be read.
	Type string
	// Leaf is the filter of a leaf, nil for others.
	Leaf *ExplainedFilter
	// Children are those that were asked, in order.
	Children []ExplainedNode
	// Unasked is how many children were not, because one before them decided.
	Unasked int
	// Match is the outcome.
	Match Match
	// Why is the cause of an outcome that is open.
	Why Why
}
