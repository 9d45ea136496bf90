//go:build !race

package posthog_test

// The race detector makes sync.Pool forget at random, so that the pools of the
// hot path allocate; this gate runs without it.

import (
	"fmt"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// roomy returns a client that sends nothing before it is closed, and has room
// for more events than a test makes, whatever it does about a full queue.
func roomy(tb testing.TB, overflow posthog.Overflow) *posthog.ServerClient {
	tb.Helper()
	server := posthogtest.NewServer(tb, &posthogtest.Config{Keep: 1})
	client, err := posthog.NewWithConfig(testKey, connected(server, posthog.Config{
		FlushAt: 1 << 20, Interval: time.Hour, MaxQueueSize: 1 << 20, MaxQueueBytes: 1 << 30,
		Overflow: overflow,
	}))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// The gate of the hot path: accepting an event of scalar properties costs no
// allocation. A segment of the queue is made once in some hundreds of events,
// which the average rounds away, as testing.AllocsPerRun means it to.
func TestEnqueueNoAlloc(t *testing.T) {
	for _, n := range []int{5, 20} {
		msg := posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(n)}
		for name, call := range map[string]func(*posthog.ServerClient) error{
			"as a pointer": func(c *posthog.ServerClient) error { return c.Enqueue(&msg) },
			"as a value":   func(c *posthog.ServerClient) error { return c.Enqueue(msg) },
		} {
			for policy, overflow := range map[string]posthog.Overflow{
				"rejecting": posthog.OverflowReject, "evicting": posthog.OverflowDropOldest, "waiting": posthog.OverflowWait,
			} {
				t.Run(fmt.Sprintf("%d properties %s, %s when full", n, name, policy), func(t *testing.T) {
					client := roomy(t, overflow)
					got := testing.AllocsPerRun(1000, func() {
						if err := call(client); err != nil {
							t.Fatal(err)
						}
					})
					if got != 0 {
						t.Errorf("Enqueue of %d properties %s, %s when full, allocates %v times, want 0", n, name, policy, got)
					}
				})
			}
		}
	}
}

// A client of a pool counts its calls, and allocates no more for it.
func TestPoolEnqueueNoAlloc(t *testing.T) {
	server := posthogtest.NewServer(t, &posthogtest.Config{Keep: 1})
	pool, err := posthog.NewPool(posthog.PoolConfig{Config: connected(server, posthog.Config{
		FlushAt: 1 << 20, Interval: time.Hour, MaxQueueSize: 1 << 20, MaxQueueBytes: 1 << 30,
	})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	msg := posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5)}
	got := testing.AllocsPerRun(1000, func() {
		client, err := pool.Client(testKey)
		if err == nil {
			err = client.Enqueue(&msg)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("Client and Enqueue allocate %v times, want 0", got)
	}
}
