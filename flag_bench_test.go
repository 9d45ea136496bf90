package posthog_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
)

// manyFlags is a document of n flags: rolled out, with variants, and about a property.
func manyFlags(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"flags":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		filters := `"groups":[{"rollout_percentage":50}]`
		switch i % 3 {
		case 1:
			filters = `"groups":[{"rollout_percentage":100}],"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]},"payloads":{"a":"1","b":"2"}`
		case 2:
			filters = `"groups":[{"rollout_percentage":100,"properties":[{"key":"plan","value":["pro"],"operator":"exact","type":"person"}]}]`
		}
		fmt.Fprintf(&b, `{"id":%d,"key":"flag-%03d","active":true,"version":1,"has_experiment":false,"filters":{%s}}`, i+1, i, filters)
	}
	b.WriteString(`],"group_type_mapping":{},"cohorts":{}}`)
	return []byte(b.String())
}

// offline returns a client with definitions and without a network.
func offline(tb testing.TB, document []byte) *posthog.ServerClient {
	tb.Helper()
	client, err := posthog.NewWithConfig(testKey, posthog.Config{
		FlagSource: posthog.FlagBytes(document), StrictLocalEvaluation: true, Logger: silent{},
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		}),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// questions are what local evaluation answers without memory.
var questions = map[string]posthog.FeatureFlagPayload{
	"a rollout":          {Key: "flag-000", DistinctId: "u_1"},
	"a variant":          {Key: "flag-001", DistinctId: "u_1"},
	"a property":         {Key: "flag-002", DistinctId: "u_1", PersonProperties: posthog.Properties{"plan": "pro"}},
	"within groups":      {Key: "flag-000", DistinctId: "u_1", Groups: posthog.Groups{"company": "acme", "team": 7}},
	"without the event":  {Key: "flag-000", DistinctId: "u_1", SendFeatureFlagEvents: posthog.Ptr(false)},
	"on a device":        {Key: "flag-000", DistinctId: "u_1", DeviceId: posthog.Ptr("d_1")},
	"of a group's props": {Key: "flag-000", DistinctId: "u_1", Groups: posthog.Groups{"company": "acme"}, GroupProperties: map[string]posthog.Properties{"company": {"seats": 4}}},
}

func BenchmarkFlagEnabled(b *testing.B) {
	client := offline(b, manyFlags(500))
	for name, question := range questions {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := b.Context()
			for b.Loop() {
				client.FlagEnabled(ctx, question, false)
			}
		})
	}
	b.Run("in parallel", func(b *testing.B) {
		b.ReportAllocs()
		ctx := b.Context()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				client.FlagEnabled(ctx, questions["a rollout"], false)
			}
		})
	})
}

func BenchmarkFlagVariant(b *testing.B) {
	client := offline(b, manyFlags(500))
	b.ReportAllocs()
	for b.Loop() {
		client.FlagVariant(b.Context(), questions["a variant"], "")
	}
}

func BenchmarkEvaluateFlags500(b *testing.B) {
	client := offline(b, manyFlags(500))
	payload := posthog.EvaluateFlagsPayload{DistinctId: "u_1", PersonProperties: posthog.Properties{"plan": "pro"}}
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.EvaluateFlags(payload); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("in parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := client.EvaluateFlags(payload); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func BenchmarkSnapshotIsEnabled(b *testing.B) {
	client := offline(b, manyFlags(500))
	snapshot, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_1", PersonProperties: posthog.Properties{"plan": "pro"}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		snapshot.IsEnabled("flag-000")
	}
}

func BenchmarkEnqueueWithFlags(b *testing.B) {
	client := swallowing(b, posthog.Config{FlagSource: posthog.FlagBytes(manyFlags(20))})
	snapshot, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_1", PersonProperties: posthog.Properties{"plan": "pro"}})
	if err != nil {
		b.Fatal(err)
	}
	msg := &posthog.Capture{DistinctId: "u_1", Event: "order paid", Properties: scalars(5), Flags: snapshot}
	benchmark(b, client, func() error { return client.Enqueue(msg) })
}

func BenchmarkEnqueueWithFlagsAndRequestContext(b *testing.B) {
	client := swallowing(b, posthog.Config{FlagSource: posthog.FlagBytes(manyFlags(20))})
	ctx := posthog.WithRequestContext(b.Context(), posthog.RequestContext{
		DistinctId: "u_1", Properties: posthog.Properties{"$current_url": "https://example.com/"},
	})
	snapshot, err := client.EvaluateFlagsWithContext(ctx, posthog.EvaluateFlagsPayload{PersonProperties: posthog.Properties{"plan": "pro"}})
	if err != nil {
		b.Fatal(err)
	}
	msg := &posthog.Capture{Event: "order paid", Properties: scalars(5), Flags: snapshot}
	benchmark(b, client, func() error { return client.EnqueueWithContext(ctx, msg) })
}
