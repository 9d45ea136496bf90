// Package shop is code that captures events and branches on flags, and its
// tests are an example of how to test that: against a PostHog within the
// process, in virtual time, without a port and without waiting.
package shop

import (
	"context"
	"errors"

	"github.com/hedgerow/posthog"
)

// ErrNothingToPay is the error for an empty basket.
var ErrNothingToPay = errors.New("there is nothing to pay")

// Pay lets whoever ctx belongs to pay for a basket. It takes the least that a
// client can do, so that a test may pass something else.
func Pay(ctx context.Context, client posthog.EnqueueClient, prices ...float64) error {
	total := 0.0
	for _, price := range prices {
		total += price
	}
	if total == 0 {
		return ErrNothingToPay
	}
	return posthog.EnqueueWithContext(ctx, client, posthog.Capture{
		Event:      "order paid",
		Properties: posthog.Properties{"total": total, "items": len(prices)},
	})
}
