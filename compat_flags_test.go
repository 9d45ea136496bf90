package posthog_test

import (
	"context"
	"encoding/json"

	"github.com/hedgerow/posthog"
)

// Feature flags have the signatures and the fields that posthog-go has.

var (
	_ func(context.Context, posthog.Client, posthog.EvaluateFlagsPayload) (*posthog.FeatureFlagEvaluations, error) = posthog.EvaluateFlagsWithContext

	_ func(bool) posthog.SendFeatureFlagsValue                             = posthog.SendFeatureFlags
	_ func(*posthog.SendFeatureFlagsOptions) posthog.SendFeatureFlagsValue = posthog.SendFeatureFlagsWithOptions

	_ func(any) error                                = (*posthog.FeatureFlagResult)(nil).GetPayloadAs
	_ func(string) bool                              = (*posthog.FeatureFlagEvaluations)(nil).IsEnabled
	_ func(string) any                               = (*posthog.FeatureFlagEvaluations)(nil).GetFlag
	_ func(string) string                            = (*posthog.FeatureFlagEvaluations)(nil).GetFlagPayload
	_ func() []string                                = (*posthog.FeatureFlagEvaluations)(nil).Keys
	_ func([]string) *posthog.FeatureFlagEvaluations = (*posthog.FeatureFlagEvaluations)(nil).Only
	_ func() *posthog.FeatureFlagEvaluations         = (*posthog.FeatureFlagEvaluations)(nil).OnlyAccessed
)

var (
	_ = posthog.FeatureFlagPayload{
		Key: "", DistinctId: "", DeviceId: (*string)(nil), Groups: posthog.Groups(nil), PersonProperties: posthog.Properties(nil),
		GroupProperties: map[string]posthog.Properties(nil), OnlyEvaluateLocally: false, SendFeatureFlagEvents: (*bool)(nil),
	}
	_ = posthog.FeatureFlagPayloadNoKey{
		DistinctId: "", DeviceId: (*string)(nil), Groups: posthog.Groups(nil), PersonProperties: posthog.Properties(nil),
		GroupProperties: map[string]posthog.Properties(nil), OnlyEvaluateLocally: false, SendFeatureFlagEvents: (*bool)(nil),
	}
	_ = posthog.EvaluateFlagsPayload{
		DistinctId: "", DeviceId: (*string)(nil), Groups: posthog.Groups(nil), PersonProperties: posthog.Properties(nil),
		GroupProperties: map[string]posthog.Properties(nil), OnlyEvaluateLocally: false, DisableGeoIP: (*bool)(nil), FlagKeys: []string(nil),
	}
	_ = posthog.FeatureFlagResult{Key: "", Enabled: false, RawPayload: (*string)(nil), Variant: (*string)(nil)}
	_ = posthog.SendFeatureFlagsOptions{
		OnlyEvaluateLocally: false, DeviceId: (*string)(nil), PersonProperties: posthog.Properties(nil),
		GroupProperties: map[string]posthog.Properties(nil),
	}
)

// cacheOfPosthogGo is what a program's cache of definitions has.
type cacheOfPosthogGo interface {
	GetFlagDefinitions(ctx context.Context) (json.RawMessage, error)
	ShouldFetchFlagDefinitions(ctx context.Context) (bool, error)
	OnFlagDefinitionsReceived(ctx context.Context, data json.RawMessage) error
	Shutdown(ctx context.Context) error
}

// switchOfPosthogGo is what a program's own SendFeatureFlagsValue has.
type switchOfPosthogGo interface {
	ShouldSend() bool
	GetOptions() *posthog.SendFeatureFlagsOptions
}

var (
	_ posthog.FlagDefinitionCacheProvider = cacheOfPosthogGo(nil)
	_ cacheOfPosthogGo                    = posthog.FlagDefinitionCacheProvider(nil)
	_ posthog.SendFeatureFlagsValue       = switchOfPosthogGo(nil)
	_ switchOfPosthogGo                   = posthog.SendFeatureFlagsValue(nil)
)
