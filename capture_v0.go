package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/uuid7"
	"github.com/hedgerow/posthog/internal/wire"
)

// batchBody returns the encoder of request bodies for the /batch/ endpoint.
func batchBody(apiKey string, historical bool) func([]byte, []queue.Record, time.Time) []byte {
	batch := wire.Batch{APIKey: apiKey, Historical: historical}
	return func(dst []byte, records []queue.Record, sentAt time.Time) []byte {
		dst = batch.AppendOpen(dst, sentAt)
		for i := range records {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, records[i].Payload...)
		}
		return batch.AppendClose(dst)
	}
}

// retry returns the lane's policy for the configuration.
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

// textOf returns the canonical form of a uuid.
func textOf(uuid [16]byte) string { return uuid7.UUID(uuid).String() }
