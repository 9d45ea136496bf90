package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// scalars returns n properties of the kinds that events mostly have.
func scalars(n int) posthog.Properties {
	p := make(posthog.Properties, n)
	for i := range n {
		name := fmt.Sprintf("property_%02d", i)
		switch i % 5 {
		case 0:
			p[name] = "a short text"
		case 1:
			p[name] = i * 1000
		case 2:
			p[name] = 12.5 + float64(i)
		case 3:
			p[name] = i%2 == 0
		default:
			p[name] = time.Unix(1_700_000_000, 0)
		}
	}
	return p
}

// emptied is how many events a benchmark enqueues before it empties the queue,
// with the clock stopped, so that only Enqueue is measured.
const emptied = 20_000

// swallowing returns a client whose requests succeed without a network.
func swallowing(b *testing.B, config posthog.Config) *posthog.ServerClient {
	b.Helper()
	config.FlushAt, config.BatchSize, config.Interval = 2*emptied, 2*emptied, time.Hour
	config.MaxQueueSize, config.MaxQueueBytes = 2*emptied, 1<<30
	config.Compression = posthog.CompressionNone
	config.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
	client, err := posthog.NewWithConfig(testKey, config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	return client
}

// benchmark measures one call of enqueue.
func benchmark(b *testing.B, client *posthog.ServerClient, enqueue func() error) {
	b.Helper()
	b.ReportAllocs()
	for i := 1; b.Loop(); i++ {
		if err := enqueue(); err != nil {
			b.Fatal(err)
		}
		if i%emptied == 0 {
			b.StopTimer()
			if err := client.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
}

func benchmarkEnqueue(b *testing.B, config posthog.Config, msg posthog.Message) {
	b.Helper()
	client := swallowing(b, config)
	benchmark(b, client, func() error { return client.Enqueue(msg) })
}

func BenchmarkEnqueue5Properties(b *testing.B) {
	benchmarkEnqueue(b, posthog.Config{}, &posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5)})
}

func BenchmarkEnqueue20Properties(b *testing.B) {
	benchmarkEnqueue(b, posthog.Config{}, &posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(20)})
}

func BenchmarkEnqueueValue(b *testing.B) {
	client := swallowing(b, posthog.Config{})
	msg := posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5)}
	benchmark(b, client, func() error { return client.Enqueue(msg) })
}

func BenchmarkEnqueueWithDefaults(b *testing.B) {
	benchmarkEnqueue(b, posthog.Config{DefaultEventProperties: posthog.Properties{"service": "shop", "version": 7}},
		&posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5)})
}

func BenchmarkEnqueueWithHook(b *testing.B) {
	benchmarkEnqueue(b, posthog.Config{Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event { return e }}},
		&posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5)})
}

func BenchmarkEnqueueWithRequestContext(b *testing.B) {
	client := swallowing(b, posthog.Config{})
	ctx := posthog.WithRequestContext(b.Context(), posthog.RequestContext{
		DistinctId: "u_1", SessionId: "s_1", Properties: posthog.Properties{"$current_url": "https://example.com/", "$request_method": "GET"},
	})
	msg := &posthog.Capture{Event: "order paid", Properties: scalars(5)}
	benchmark(b, client, func() error { return client.EnqueueWithContext(ctx, msg) })
}

func BenchmarkEnqueueIdentify(b *testing.B) {
	benchmarkEnqueue(b, posthog.Config{}, &posthog.Identify{DistinctId: "u_1", Properties: scalars(5)})
}

// BenchmarkEnqueueEvicting measures a full queue that drops its oldest events:
// what an outage costs the caller with that policy.
func BenchmarkEnqueueEvicting(b *testing.B) {
	client, err := posthog.NewWithConfig(testKey, posthog.Config{
		Overflow: posthog.OverflowDropOldest, Workers: 1, BatchSize: 10, MaxQueueSize: 1000, Logger: new(logLines),
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}),
	})
	if err != nil {
		b.Fatal(err)
	}
	msg := &posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5)}
	for client.Stats().DroppedBy[posthog.OutcomeQueueFull] == 0 {
		if err := client.Enqueue(msg); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := client.Enqueue(msg); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	_ = client.CloseWithContext(ctx) // leaves what never got an answer
}

func BenchmarkEnqueueOfAPool(b *testing.B) {
	pool, err := posthog.NewPool(posthog.PoolConfig{Config: posthog.Config{
		Compression: posthog.CompressionNone, MaxQueueBytes: 1 << 30,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		}),
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = pool.Close() })
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprint("phc_tenant_", i)
	}
	msg := &posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		client, err := pool.Client(keys[i%len(keys)])
		if err == nil {
			err = client.Enqueue(msg)
		}
		if err != nil && !errors.Is(err, posthog.ErrQueueFull) {
			b.Fatal(err)
		}
	}
}
