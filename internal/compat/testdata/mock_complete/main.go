// Command mock_complete tests itself with a client that has every method.
package main

import (
	"context"
	"fmt"

	"github.com/posthog/posthog-go"
)

// fake is a client that knows one flag.
type fake struct{ closed bool }

var _ posthog.Client = (*fake)(nil)

func (f *fake) Enqueue(posthog.Message) error                                    { return nil }
func (f *fake) Flush() error                                                     { return nil }
func (f *fake) FlushWithContext(context.Context) error                           { return nil }
func (f *fake) Close() error                                                     { f.closed = true; return nil }
func (f *fake) CloseWithContext(context.Context) error                           { return f.Close() }
func (f *fake) IsFeatureEnabled(posthog.FeatureFlagPayload) (interface{}, error) { return true, nil }
func (f *fake) GetFeatureFlag(posthog.FeatureFlagPayload) (interface{}, error)   { return "blue", nil }
func (f *fake) GetFeatureFlagResult(p posthog.FeatureFlagPayload) (*posthog.FeatureFlagResult, error) {
	return &posthog.FeatureFlagResult{Key: p.Key, Enabled: true, Variant: posthog.Ptr("blue"), RawPayload: posthog.Ptr(`{"limit":5}`)}, nil
}
func (f *fake) GetFeatureFlagPayload(posthog.FeatureFlagPayload) (string, error) { return "{}", nil }
func (f *fake) GetRemoteConfigPayload(string) (string, error)                    { return "{}", nil }
func (f *fake) GetAllFlags(posthog.FeatureFlagPayloadNoKey) (map[string]interface{}, error) {
	return map[string]interface{}{"colour": "blue"}, nil
}
func (f *fake) EvaluateFlags(posthog.EvaluateFlagsPayload) (*posthog.FeatureFlagEvaluations, error) {
	return nil, posthog.ErrNoDistinctID
}
func (f *fake) ReloadFeatureFlags() error { return nil }

func main() {
	var client posthog.Client = &fake{}
	result, err := client.GetFeatureFlagResult(posthog.FeatureFlagPayload{Key: "colour", DistinctId: "u_1"})
	var payload struct{ Limit int }
	fmt.Println(*result.Variant, err, result.GetPayloadAs(&payload), payload.Limit)
	_, err = posthog.EvaluateFlagsWithContext(context.Background(), client, posthog.EvaluateFlagsPayload{})
	fmt.Println(err == posthog.ErrNoDistinctID, client.Close())
}
