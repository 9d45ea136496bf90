package posthog

import (
	"context"
	"errors"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// IsFeatureEnabled is GetFeatureFlag: for a flag with variants it returns the
// variant, and not true. New programs use [ServerClient.FlagEnabled].
func (c *ServerClient) IsFeatureEnabled(payload FeatureFlagPayload) (interface{}, error) {
	return c.GetFeatureFlag(payload)
}

// GetFeatureFlag returns the value of a flag for a person: the variant as a
// string, or true or false. A flag that the project does not have is false. If
// nothing is known of the flag, the value is nil, and the error says why. New
// programs use [ServerClient.FlagEnabled], [ServerClient.FlagVariant] or
// [ServerClient.FlagResult], which tell a missing flag from one that is off.
func (c *ServerClient) GetFeatureFlag(payload FeatureFlagPayload) (interface{}, error) {
	r, err := c.flag(context.Background(), &payload, true)
	switch {
	case errors.Is(err, ErrSDKDisabled):
		return false, err
	case err != nil:
		return nil, err
	case r.State != evaluation.Found:
		return false, nil
	}
	return flagValue(&r), nil
}

// GetFeatureFlagResult is [ServerClient.FlagResult] without a context.
func (c *ServerClient) GetFeatureFlagResult(payload FeatureFlagPayload) (*FeatureFlagResult, error) {
	return c.FlagResult(context.Background(), payload)
}

// GetFeatureFlagPayload returns the payload of a flag's value for a person, and
// "" if it has none or the project has no such flag. It captures nothing. New
// programs use [ServerClient.FlagResult] or [PayloadAs].
func (c *ServerClient) GetFeatureFlagPayload(payload FeatureFlagPayload) (string, error) {
	r, err := c.flag(context.Background(), &payload, false)
	if err != nil {
		return "", err
	}
	return r.Payload, nil
}

// GetAllFlags is [ServerClient.AllFlags] without a context.
func (c *ServerClient) GetAllFlags(payload FeatureFlagPayloadNoKey) (map[string]interface{}, error) {
	return c.AllFlags(context.Background(), payload)
}

// EvaluateFlags is [ServerClient.EvaluateFlagsWithContext] without a context.
func (c *ServerClient) EvaluateFlags(payload EvaluateFlagsPayload) (*FeatureFlagEvaluations, error) {
	return c.EvaluateFlagsWithContext(context.Background(), payload)
}

// GetRemoteConfigPayload is [ServerClient.RemoteConfigPayload] without a
// context.
func (c *ServerClient) GetRemoteConfigPayload(key string) (string, error) {
	return c.RemoteConfigPayload(context.Background(), key)
}

// ReloadFeatureFlags is [ServerClient.ReloadFeatureFlagsWithContext] without a
// context.
func (c *ServerClient) ReloadFeatureFlags() error {
	return c.ReloadFeatureFlagsWithContext(context.Background())
}
