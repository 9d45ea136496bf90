package shop

import (
	"context"

	"github.com/hedgerow/posthog"
)

// Discount returns the share of the price that whoever ctx belongs to saves,
// which the experiment "discount" is about. While nobody knows, there is none.
func Discount(ctx context.Context, client *posthog.ServerClient) float64 {
	switch client.FlagVariant(ctx, posthog.FeatureFlagPayload{Key: "discount"}, "none") {
	case "small":
		return 0.05
	case "large":
		return 0.1
	default:
		return 0
	}
}
