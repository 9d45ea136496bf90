package posthog

import (
	"encoding/json"
	"fmt"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// FlagOrigin says where the value of a flag came from.
type FlagOrigin string

// The origins of values.
const (
	// FlagFromLocal: it was evaluated from the definitions, without a request.
	FlagFromLocal FlagOrigin = "local"
	// FlagFromRemote: PostHog evaluated it.
	FlagFromRemote FlagOrigin = "remote"
	// FlagFromCache: PostHog evaluated it for an earlier question; see
	// [Config.FeatureFlagCacheTTL].
	FlagFromCache FlagOrigin = "cached"
	// FlagFromFallback: it is the last known value, because PostHog did not
	// answer; see [Config.FlagFallbackCache].
	FlagFromFallback FlagOrigin = "stale"
	// FlagFromOverride: it was set with [ServerClient.OverrideFlags].
	FlagFromOverride FlagOrigin = "override"
)

// FeatureFlagResult is the value of one flag for one person, with its payload.
// It belongs to the caller.
type FeatureFlagResult struct {
	// Key is the key of the flag.
	Key string
	// Enabled is whether the flag is on.
	Enabled bool
	// RawPayload is the payload of this value, usually JSON. Nil means that there
	// is none. [FeatureFlagResult.GetPayloadAs] and [PayloadAs] decode it.
	RawPayload *string
	// Variant is the variant of a flag that is on and has variants, else nil.
	Variant *string
	// Reason is a sentence about what decided the value. It may be empty.
	Reason string
	// Origin is where the value came from.
	Origin FlagOrigin
}

// newFlagResult returns what r holds, which is Found.
func newFlagResult(r *evaluation.Record) *FeatureFlagResult {
	result := &FeatureFlagResult{Key: r.Key, Enabled: r.Enabled, Reason: r.Reason, Origin: origin(r.Source)}
	if r.Payload != "" {
		result.RawPayload = Ptr(r.Payload)
	}
	if r.Variant != "" {
		result.Variant = Ptr(r.Variant)
	}
	return result
}

// origin is the public name of a source.
func origin(s evaluation.Source) FlagOrigin {
	if s == evaluation.None {
		return ""
	}
	return FlagOrigin(s.String())
}

// flagValue is the value of a record that is Found: a variant, true or false.
func flagValue(r *evaluation.Record) any {
	if r.Variant != "" {
		return r.Variant
	}
	return r.Enabled
}

// GetPayloadAs decodes the payload into what v points to. Without a payload it
// returns [ErrNoPayload].
func (r *FeatureFlagResult) GetPayloadAs(v interface{}) error {
	if r == nil || r.RawPayload == nil {
		return ErrNoPayload
	}
	return decodePayload(r.Key, *r.RawPayload, v)
}

func (r *FeatureFlagResult) payloadOf(key string) (string, error) {
	switch {
	case r == nil || key != "" && key != r.Key:
		return "", fmt.Errorf("%w: %q", ErrFlagNotFound, key)
	case r.RawPayload == nil:
		return "", fmt.Errorf("%w: %q", ErrNoPayload, r.Key)
	}
	return *r.RawPayload, nil
}

// PayloadSource has payloads of flags: a [*FeatureFlagEvaluations] or a
// [*FeatureFlagResult].
type PayloadSource interface {
	payloadOf(key string) (string, error)
}

// PayloadAs returns the payload of the flag with that key, decoded. For a
// [*FeatureFlagResult] the key may be empty. JSON in a JSON string is decoded
// as well if T asks for it, and a payload that is no JSON is a string. Without a
// payload it returns [ErrNoPayload], without the flag [ErrFlagNotFound]. Reading
// a payload captures nothing.
func PayloadAs[T any](source PayloadSource, key string) (T, error) {
	var value, none T
	if source == nil {
		return none, fmt.Errorf("%w: %q", ErrFlagNotFound, key)
	}
	text, err := source.payloadOf(key)
	if err != nil {
		return none, err
	}
	if err := decodePayload(key, text, &value); err != nil {
		return none, err
	}
	return value, nil
}

// decodePayload decodes a payload: JSON, JSON in a JSON string, or a plain text.
func decodePayload(key, text string, v any) error {
	err := json.Unmarshal([]byte(text), v)
	if err == nil {
		return nil
	}
	var inner string
	switch {
	case !json.Valid([]byte(text)):
		if s, ok := v.(*string); ok {
			*s = text
			return nil
		}
	case json.Unmarshal([]byte(text), &inner) == nil && json.Unmarshal([]byte(inner), v) == nil:
		return nil
	}
	return fmt.Errorf("posthog: decode the payload of feature flag %q: %w", key, err)
}
