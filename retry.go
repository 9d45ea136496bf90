package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/notice"
)

// retry returns the policy of the lanes for the configuration.
func (c *ServerClient) retry() delivery.Retry {
	policy := delivery.Retry{Max: -1, Budget: DefaultRetryBudget}
	if c.config.MaxRetries != nil {
		policy.Max = *c.config.MaxRetries
	}
	if wait := c.config.RetryAfter; wait != nil {
		policy.Delay = func(n int) (d time.Duration) {
			defer func() {
				if value := recover(); value != nil {
					c.notices.Report(notice.Error, "RetryAfter panicked", "posthog: Config.RetryAfter panicked: %v", value)
					d = delivery.Backoff(n)
				}
			}()
			return wait(n)
		}
	}
	return policy
}
