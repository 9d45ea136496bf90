package flags

import "encoding/json"

// Definitions is a parsed definitions document: what PostHog's definitions endpoint answers, or what a test or a
// generator wrote. It is for reading: a [Program] made from it does not see later changes. Members that this
// package does not know stay in the document, see [Definitions.JSON].
type Definitions struct {
	// Flags are in the document's order, those included that could not be read.
	Flags []Flag
	// Cohorts are the dynamic cohorts by id.
	Cohorts map[string]Cohort
	// GroupTypes names the group types by index.
	GroupTypes map[int]string
	// MinimalFlagCalledEvents is the gate for smaller $feature_flag_called events: true only for a literal true.
	MinimalFlagCalledEvents bool
	// PropertyMatchingVersion is 2 for explicit equality and 1 for anything else.
	PropertyMatchingVersion int

	// document is the text that was parsed, without a byte order mark. Every Raw is a part of it.
	document []byte
	// positions are the last positions in Flags by key.
	positions map[string]int
	// problems are what Parse found, in the document's order. Compile copies them before it adds its own.
	problems []Problem
}

// Flag is the definition of a feature flag.
type Flag struct {
	// ID is the number that PostHog knows the flag by, 0 if the document does not say.
	ID int64
	// Key is what the flag is asked for by. It is empty if it cannot be read, and then Err is not nil.
	Key string
	// Name describes the flag to people. It may be empty.
	Name string
	// Version counts the changes to the flag, 0 if the document does not say.
	Version int64
	// Active is whether the flag is switched on. A flag that is off is false for everybody.
	Active bool
	// Deleted makes a flag false for everybody too. Documents from PostHog have no deleted flags.
	Deleted bool
	// EnsureExperienceContinuity makes a person keep the value from before identification. Only the server
	// can honour it.
	EnsureExperienceContinuity bool
	// HasExperiment is nil when the document does not say.
	HasExperiment *bool
	// HasEncryptedPayloads says that the payloads are of no use without a key that this package does not have.
	HasEncryptedPayloads bool
	// BucketingIdentifier is "distinct_id" or "device_id", or what else the document has.
	BucketingIdentifier string
	// EvaluationRuntime is "all", "server", "client" or empty.
	EvaluationRuntime string
	// EvaluationContexts are the parts of a product that the flag is for, nil or empty for all of them.
	EvaluationContexts []string

	// GroupTypeIndex is the group type that the flag is about, nil for persons.
	GroupTypeIndex *int
	// Conditions are in the order in which they are tried. The first that matches decides.
	Conditions []Condition
	// Variants are in the order in which they share the flag among those who match, nil or empty for a flag that
	// is only on or off.
	Variants []Variant
	// Payloads are by variant, or "true", each as the document has it: usually a string that holds JSON.
	Payloads map[string]json.RawMessage
	// EarlyExit ends the evaluation at the first condition whose filters match and whose rollout excludes.
	EarlyExit bool
	// FeatureEnrollment lets persons opt in and out by the property $feature_enrollment/<key>.
	FeatureEnrollment bool
	// Holdout is nil without one.
	Holdout *Holdout
	// RulesVersion is filters.version, 0 when absent. Flags of version 2 are not evaluated by this package.
	RulesVersion int

	// Raw is the flag as in the document.
	Raw json.RawMessage
	// Err says why the flag cannot be evaluated, nil if it can. What could be read is in the other fields. A flag
	// of a RulesVersion that this package does not know has no error, and no conditions either.
	Err error

	// activeUnknown is set if the document does not say, legibly, whether the flag is active.
	activeUnknown bool
}

// off reports whether the flag is false for everybody, whatever else is wrong with it.
func (f *Flag) off() bool { return !f.activeUnknown && (!f.Active || f.Deleted) }

// Condition is one of a flag's condition sets: filters that must all match, and the share of those matched.
type Condition struct {
	// Filters must all match. Nil or empty: everybody does.
	Filters []Filter
	// RolloutPercentage is 100 when absent. It may be fractional.
	RolloutPercentage float64
	// Variant overrides the variant of whoever matches, if the flag has it.
	Variant string
	// Aggregation says whose condition it is.
	Aggregation Aggregation
}

// Aggregation says whether a condition is about persons or about a group.
type Aggregation struct {
	// Own is false when the condition has the aggregation of its flag.
	Own bool
	// GroupTypeIndex is the index of the group type, nil for persons. It is set only if Own is.
	GroupTypeIndex *int
}

// Filter is a condition on one property, cohort or other flag.
type Filter struct {
	// Key is the property, or the flag that is depended upon.
	Key string
	// Type is "person", "group", "cohort", "flag", another one, or empty.
	Type string
	// Operator is empty when absent, which means exact.
	Operator string
	// Value is the operand as in the document, nil when absent.
	Value json.RawMessage
	// Negation inverts a leaf of a cohort.
	Negation bool
	// GroupTypeIndex is for filters on group properties.
	GroupTypeIndex *int
	// DependencyChain are the flags to evaluate first, the one that is depended upon last.
	DependencyChain []string
	// Err says why the filter cannot be evaluated, nil if it can.
	Err error
}

// Variant is one of the values of a multivariate flag.
type Variant struct {
	// Key is the value that the flag has.
	Key string
	// Name describes the variant to people. It may be empty.
	Name string
	// RolloutPercentage is the variant's share, which may be fractional. The shares should add up to 100.
	RolloutPercentage float64
}

// Holdout keeps a share of everybody out of an experiment.
type Holdout struct {
	// ID is the number in the document, as text.
	ID string
	// ExclusionPercentage is the share that is held out, 0 to 100.
	ExclusionPercentage float64
	// Err says why the holdout cannot be evaluated, nil if it can.
	Err error
}

// Cohort is the definition of a dynamic cohort.
type Cohort struct {
	// ID is the number that filters refer to, as text.
	ID string
	// Root is the group that the others are in. A person who matches it is a member.
	Root CohortNode
	// Raw is the definition as in the document.
	Raw json.RawMessage
}

// CohortNode is a node of a cohort's tree: a group of nodes, or a leaf.
type CohortNode struct {
	// Type is "OR", "AND" or "property" for a group, as in the document.
	Type string
	// Children are the members of a group.
	Children []CohortNode
	// Filter is the leaf, nil for a group.
	Filter *Filter
	// Err says why the node cannot be evaluated, nil if it can.
	Err error
}
