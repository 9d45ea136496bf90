package flags

// Reason says what decided about a flag, in the words that the server uses. The empty Reason goes with an answer that is
// inconclusive. More reasons may come with later versions of the server.
type Reason string

const (
	// ReasonSuperCondition means that the person opted in to or out of an early-access feature.
	ReasonSuperCondition Reason = "super_condition_value"
	// ReasonHoldout means that the flag's holdout has the person or the group.
	ReasonHoldout Reason = "holdout_condition_value"
	// ReasonConditionMatch means that a condition matched; the ConditionIndex says which.
	ReasonConditionMatch Reason = "condition_match"
	// ReasonOutOfRollout means that the filters of a condition matched, and its rollout excluded.
	ReasonOutOfRollout Reason = "out_of_rollout_bound"
	// ReasonNoConditionMatch means that no condition matched.
	ReasonNoConditionMatch Reason = "no_condition_match"
	// ReasonNoGroupType means that the conditions are about a group that the subject has none of.
	ReasonNoGroupType Reason = "no_group_type"
	// ReasonDisabled means that the flag is switched off or deleted.
	ReasonDisabled Reason = "flag_disabled"
	// ReasonMissingDependency means that the flag depends, maybe through others, on one that does not exist, or that depends
	// on itself. It is the answer for a Subject that is Complete; for others the flag is inconclusive.
	ReasonMissingDependency Reason = "missing_dependency"
)

// rank orders reasons: of several conditions that do not match, the highest rank is the flag's reason.
type rank uint8

const (
	undecided rank = iota
	missingDependency
	disabled
	noGroupType
	noConditionMatch
	outOfRollout
	conditionMatch
	heldOut
	superCondition
)

// reasons are the words for ranks.
var reasons = [...]Reason{
	undecided:         "",
	missingDependency: ReasonMissingDependency,
	disabled:          ReasonDisabled,
	noGroupType:       ReasonNoGroupType,
	noConditionMatch:  ReasonNoConditionMatch,
	outOfRollout:      ReasonOutOfRollout,
	conditionMatch:    ReasonConditionMatch,
	heldOut:           ReasonHoldout,
	superCondition:    ReasonSuperCondition,
}
