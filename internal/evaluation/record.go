package evaluation

import (
	"time"

	"github.com/hedgerow/posthog/flags"
)

// Source is where the value of a flag came from.
type Source uint8

// The sources of values.
const (
	// None: there is no value.
	None Source = iota
	// Local: the definitions that are loaded.
	Local
	// Remote: a request made for this question.
	Remote
	// Cached: the answer to an earlier request about the same identity, see Config.CacheTTL.
	Cached
	// Stale: the last known answer, because the request failed; see Config.Fallback.
	Stale
	// Override: see Engine.SetOverrides.
	Overridden
)

// String names the source, for people.
func (s Source) String() string {
	if int(s) < len(sourceNames) {
		return sourceNames[s]
	}
	return "unknown"
}

var sourceNames = [...]string{
	None: "none", Local: "local", Remote: "remote", Cached: "cached", Stale: "stale", Overridden: "override",
}

// State is how a question ended.
type State uint8

// The ends of a question.
const (
	// Unresolved: nothing is known about the flag, because a request failed or was not allowed, or because the server
	// failed on this flag.
	Unresolved State = iota
	// Found: the Record has the value.
	Found
	// Missing: there is no such flag for this project, as far as those who were asked can know.
	Missing
)

// String names the state, for people.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

var stateNames = [...]string{Unresolved: "unresolved", Found: "found", Missing: "missing"}

// Tri is a truth that may be unknown.
type Tri uint8

// The values of a Tri.
const (
	Unknown Tri = iota
	No
	Yes
)

// triOf is the Tri of a truth that nil leaves unknown.
func triOf(b *bool) Tri {
	switch {
	case b == nil:
		return Unknown
	case *b:
		return Yes
	default:
		return No
	}
}

// A Record is what is known about one flag and one subject. It shares nothing that changes.
type Record struct {
	// Key is the flag's key.
	Key string
	// State says whether there is a value. If it is not Found, there is none: Enabled is false, Variant and Payload
	// are empty, Source is None.
	State State
	// Enabled is whether the flag is on.
	Enabled bool
	// Variant is the variant of a flag that is on, empty if it has none.
	Variant string
	// Payload is the text of the payload, usually JSON, and empty without one.
	Payload string
	// Reason is a sentence about why, for $feature_flag_reason, and Code a word such as "condition_match". Either
	// may be empty.
	Reason, Code string
	// ConditionIndex is the condition that decided, counted from 0, or -1.
	ConditionIndex int
	// ID and Version are those of the flag's definition. An ID of 0 means that neither is known.
	ID, Version int64
	// HasExperiment is whether the flag is part of an experiment.
	HasExperiment Tri
	// Source is where the value came from.
	Source Source
	// RequestID and EvaluatedAt are the server's name and time of the request that the value, or the lack of one, is
	// from. Empty and zero for local values, and where the server gave none. A Stale value has no RequestID, and its
	// EvaluatedAt is when it was stored.
	RequestID   string
	EvaluatedAt time.Time
	// LoadedAt is when the definitions of a local value were loaded, zero for others.
	LoadedAt time.Time
	// Minimal is whether the source of the value allows smaller $feature_flag_called events.
	Minimal bool
	// Errors are the words for $feature_flag_error, joined by commas; empty without any.
	Errors string
	// Inconclusive says what the definitions lack for an answer, also when another source had one. It is nil if they
	// have one, are not loaded, or have no such flag.
	Inconclusive *flags.Inconclusive
}

// Words for $feature_flag_error that do not come from a failed request.
const (
	wordPartial    = "errors_while_computing_flags"
	wordMissing    = "flag_missing"
	wordEvaluation = "evaluation_failed"
)

// localReason is the Reason of local values.
const localReason = "Evaluated locally"

// fromResult is the Record of a conclusive local answer.
func fromResult(r *flags.Result, v *view) (record Record) {
	record.setResult(r, v)
	return record
}

// setResult makes a zero Record that of a conclusive local answer.
func (r *Record) setResult(result *flags.Result, v *view) {
	r.Key, r.State = result.Key, Found
	r.Enabled, r.Variant, r.Payload = result.Enabled, result.Variant, result.Payload
	r.Reason, r.Code, r.ConditionIndex = localReason, string(result.Reason), result.ConditionIndex
	r.Source, r.LoadedAt, r.Minimal = Local, v.loadedAt, v.minimal
	if f := result.Flag(); f != nil {
		r.ID, r.Version, r.HasExperiment = f.ID, f.Version, triOf(f.HasExperiment)
	}
}

// missing is the Record of a key without a flag.
func missing(key string) Record {
	return Record{Key: key, State: Missing, ConditionIndex: -1, Errors: wordMissing}
}

// unresolved is the Record of a flag of which nothing is known.
func unresolved(key, errors string, why *flags.Inconclusive) Record {
	return Record{Key: key, ConditionIndex: -1, Errors: errors, Inconclusive: why}
}
