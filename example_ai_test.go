package posthog_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// What a language model was asked and what it answered may be megabytes. Such
// events have a way of their own, so that no other event waits behind them.
func ExampleServerClient_EnqueueAI() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.EnqueueAI(posthog.Capture{
		DistinctId: "u_42",
		Event:      "$ai_generation",
		Properties: posthog.Properties{
			"$ai_model": "a-model",
			"$ai_input": strings.Repeat("a long prompt ", 200_000),
		},
	}))
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "button clicked"}))
	check(client.Flush(context.Background()))

	for _, e := range server.Rows() {
		if e.Route == posthogtest.RouteAIBatch {
			fmt.Println(e.Name, "by the AI endpoint")
		}
	}
	fmt.Println(client.LaneStats(posthog.LaneAI).Delivered, "of", client.Stats().Delivered, "events")
	// Output:
	// $ai_generation by the AI endpoint
	// 1 of 2 events
}

// The request context says whose call it was.
func ExampleServerClient_EnqueueAIWithContext() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42"})
	check(client.EnqueueAIWithContext(ctx, posthog.Capture{Event: "$ai_span"}))
	check(posthog.EnqueueAIWithContext(ctx, client, posthog.Capture{Event: "$ai_trace"})) // any EnqueueClient
	check(client.Flush(ctx))
	show(server)
	// Output:
	// $ai_span by u_42
	// $ai_trace by u_42
}

// SubmitAI tells the uuid, and what becomes of the event.
func ExampleServerClient_SubmitAI() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	delivery, err := client.SubmitAI(context.Background(), posthog.Capture{DistinctId: "u_42", Event: "$ai_generation"})
	check(err)
	check(client.Flush(context.Background()))
	fmt.Println(delivery.Wait(context.Background()), delivery.UUID == server.Events()[0].UUID)
	// Output: <nil> true
}

// SendAI returns when PostHog has answered.
func ExampleServerClient_SendAI() {
	client, _, end := sandbox(posthog.Config{})
	defer end()

	result, err := client.SendAI(context.Background(),
		posthog.Capture{DistinctId: "u_42", Event: "$ai_generation"},
		posthog.Capture{DistinctId: "u_42", Event: "$ai_span"},
	)
	check(err)
	fmt.Println(result.Persisted(), "events")
	// Output: 2 events
}

// The AI lane has limits of its own, beside those of all other events.
func ExampleConfig_aiLimits() {
	client, _, end := sandbox(posthog.Config{
		Logger:                 quiet,
		CaptureAIMaxQueueSize:  100,
		CaptureAIMaxQueueBytes: 16 << 20,
		CaptureAIMaxEventBytes: 1 << 20,
		CaptureAICompression:   posthog.CompressionNone,
	})
	defer end()

	err := client.EnqueueAI(posthog.Capture{
		DistinctId: "u_42",
		Event:      "$ai_generation",
		Properties: posthog.Properties{"$ai_input": strings.Repeat("x", 1<<20)},
	})
	fmt.Println(err != nil, client.LaneStats(posthog.LaneAI).Refused)
	// Output: true 1
}
