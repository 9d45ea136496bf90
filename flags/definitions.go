package flags

import "encoding/json"

// Definitions is a parsed definitions document: what PostHog's definitions endpoint answers, or what a test or a
// generator wrote. It is for reading: a [Program] made from it does not see later changes. Members that this
// package does not know stay in the document, see [Definitions.JSON]. Any number of goroutines may read it.
type Definitions struct {
	// Flags are in the document's order, those included that could not be read.
	Flags []Flag
	// Cohorts are the dynamic cohorts by id. PostHog leaves static ones out, and all of them unless it is asked for
	// them with send_cohorts.
	Cohorts map[string]Cohort
	// GroupTypes names the group types by index.
	GroupTypes map[int]string
	// MinimalFlagCalledEvents is the gate for smaller $feature_flag_called events: true only for a literal true.
	MinimalFlagCalledEvents bool
	// PropertyMatchingVersion is how exact and is_not compare: 2 by text alone, 1 by truth where the filter says true or
	// false. It is 1 unless the document says 2.
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
	// BucketingIdentifier is "distinct_id" or "device_id", or what else the document has. Empty means "distinct_id".
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
	// Payloads are by variant, or by "true" for a flag that is on without one, each as the document has it. That usually
	// is a JSON string whose contents are JSON too, so that it takes decoding twice; [Result.Payload] is decoded once.
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
	// Err says what is malformed outside of the filters and the holdout, which have an Err of their own; nil if nothing
	// is. What could be read is in the other fields. A flag without an Err may still be one that this package
	// cannot evaluate, as [Program.Problems] then says. A flag of a RulesVersion that it does not know has no
	// error, and no conditions either.
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
	// RolloutPercentage is 0 to 100, which is also what more or less than that counts as, and may be fractional. It
	// is 100 when absent.
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
	// Key is the property, or the flag that is depended upon, or "id" for a cohort.
	Key string
	// Type is "person", "group", "person_metadata", "cohort", "flag", another one that only the server can evaluate, or
	// empty for a property of whom the condition is about.
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
	// Err says what is malformed, nil if nothing is. A filter without an Err may still be one that this package cannot
	// evaluate, as [Program.Problems] then says.
	Err error
}

// Variant is one of the values of a multivariate flag.
type Variant struct {
	// Key is the value that the flag has.
	Key string
	// Name describes the variant to people. It may be empty.
	Name string
	// RolloutPercentage is the variant's share, 0 to 100, which may be fractional. Where the shares add up to less than
	// 100, the rest has the flag without a variant; what is beyond 100 is never reached.
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

// Cohort is the definition of a dynamic cohort, whose members are those who match its filters.
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
	// Type is "OR", "AND" or "property" for a group, as in the document, where "property" counts as "AND".
	Type string
	// Children are the members of a group.
	Children []CohortNode
	// Filter is the leaf, nil for a group.
	Filter *Filter
	// Err says what is malformed in the node itself, nil if nothing is. Its children have their own.
	Err error
}
