package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrNoFlags says that an answer came whole and holds no flags, not even none: it is no answer of the flags endpoint.
var ErrNoFlags = errors.New("answer holds no flags")

// FlagsResponse is what the server says about feature flags.
type FlagsResponse struct {
	// Flags are by key. It is nil if there are none.
	Flags map[string]Flag
	// Partial is set if the server could not evaluate every flag. What is there can be used; a flag that is missing
	// may exist.
	Partial bool
	// EnabledOnly is set for two old forms of the answer, which leave out what is disabled: there, too, a flag that is
	// missing may exist.
	EnabledOnly bool
	// QuotaLimited is set if the project has used up its flag requests. There are no flags then.
	QuotaLimited bool
	// MinimalFlagCalledEvents lets $feature_flag_called events be smaller for the flags of this answer that are
	// in no experiment.
	MinimalFlagCalledEvents bool
	// RequestID is the server's name for the request, empty if it gave none.
	RequestID string
	// EvaluatedAt is the server's time, zero if it gave none.
	EvaluatedAt time.Time
}

// Flag is the server's answer about one flag. Its texts are the server's, of any length and content.
type Flag struct {
	// Failed is set if the server failed to evaluate the flag, or if what it says cannot be read. Nothing is known
	// about the value then: Enabled, Variant and Payload are zero and say nothing.
	Failed bool
	// Enabled is whether the flag is on.
	Enabled bool
	// Variant is the variant of a flag that is on, empty if it has none.
	Variant string
	// Payload is the text of the payload, usually JSON, and empty without one.
	Payload string
	// ReasonCode is a word such as "condition_match", ReasonText a sentence for people. Either may be empty.
	ReasonCode, ReasonText string
	// ConditionIndex is the condition that decided, counted from 0, or -1.
	ConditionIndex int
	// ID and Version are those of the flag's definition. An ID of 0 means that neither is known.
	ID, Version int64
	// HasExperiment is nil when the answer does not say.
	HasExperiment *bool
}

// maxFlags bounds the flags of an answer: in memory, one may take thirty times its text.
const maxFlags = 20_000

// DecodeFlags reads the body of a 200 of the flags endpoint. It reads the form that is asked for, which has an object
// of records named flags; records of the coming form, whose outcome is a value; and the forms of old servers, named
// featureFlags: an object of values with or without featureFlagPayloads beside it, and a list of keys.
//
// Members it does not know are passed over, and so are known members of another type, except that a flag whose value
// cannot be read is there as [Flag.Failed], and the others are not harmed. Names are compared as they are, case
// included; of a name that stands twice the last one counts. Of more than 20,000 flags, the further ones are passed over,
// and the answer is [FlagsResponse.Partial]. The result shares no memory with body.
//
// The error wraps [ErrTruncated] or [ErrNoFlags].
func DecodeFlags(body []byte) (FlagsResponse, error) {
	if !json.Valid(body) {
		if err := whyUnreadable(body); errors.Is(err, ErrTruncated) {
			return FlagsResponse{}, fmt.Errorf("decode flags: %w", ErrTruncated)
		}
		return FlagsResponse{}, fmt.Errorf("decode flags: %w", ErrNoFlags)
	}
	var parts struct{ flags, legacy, payloads, quota []byte }
	var response FlagsResponse
	eachMember(body, func(key, value []byte) {
		switch string(key) {
		case "flags":
			parts.flags = value
		case "featureFlags":
			parts.legacy = value
		case "featureFlagPayloads":
			parts.payloads = value
		case "quotaLimited":
			parts.quota = value
		case "errorsWhileComputingFlags":
			response.Partial = string(value) != "false" && string(value) != "null"
		case "minimalFlagCalledEvents":
			response.MinimalFlagCalledEvents = string(value) == "true"
		case "requestId":
			response.RequestID, _ = textOf(value)
		case "evaluatedAt":
			response.EvaluatedAt = time.Time{}
			if ms, ok := wholeOf(value); ok {
				response.EvaluatedAt = time.UnixMilli(ms).UTC()
			}
		}
	})
	switch {
	case quotaReached(parts.quota):
		response.QuotaLimited = true
	case isObject(parts.flags):
		response.decodeRecords(parts.flags)
	case isObject(parts.legacy):
		response.decodeValues(parts.legacy, parts.payloads)
		response.EnabledOnly = !isObject(parts.payloads)
	case len(parts.legacy) > 0 && parts.legacy[0] == '[':
		response.decodeKeys(parts.legacy)
		response.EnabledOnly = true
	default:
		return FlagsResponse{}, fmt.Errorf("decode flags: %w", ErrNoFlags)
	}
	return response, nil
}

// put makes flag the flag of key, unless there are too many.
func (r *FlagsResponse) put(key string, flag Flag) {
	if r.Flags == nil {
		r.Flags = make(map[string]Flag)
	}
	if _, known := r.Flags[key]; !known && len(r.Flags) >= maxFlags {
		r.Partial = true
		return
	}
	r.Flags[key] = flag
}

// quotaReached reads the member quotaLimited: a list of what is limited, or true.
func quotaReached(value []byte) bool {
	reached := string(value) == "true"
	eachElement(value, func(element []byte) {
		if resource, _ := textOf(element); resource == "feature_flags" {
			reached = true
		}
	})
	return reached
}
