package posthog_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// CaptureModeAuto uses the endpoint that answers for each event, and the older
// one where a server lacks it. An event that is refused harms no other, and says
// why.
func ExampleConfig_captureMode() {
	client, server, end := sandbox(posthog.Config{Logger: quiet, CaptureMode: posthog.CaptureModeAuto})
	defer end()
	server.InjectEvents(posthogtest.EventFault{Event: "broken", Result: "drop", Details: "malformed_event_properties"})

	var deliveries []*posthog.Delivery
	for _, name := range []string{"order paid", "broken"} {
		delivery, err := client.Submit(context.Background(), posthog.Capture{DistinctId: "u_42", Event: name})
		check(err)
		deliveries = append(deliveries, delivery)
	}
	check(client.Flush(context.Background()))

	for _, delivery := range deliveries {
		<-delivery.Done()
		fmt.Printf("%s: %q\n", delivery.Result, delivery.Details)
	}
	fmt.Println(len(server.Requests()), "request")
	// Output:
	// ok: ""
	// drop: "malformed_event_properties"
	// 1 request
}

// Send returns the server's word about each event.
func ExampleEventResult() {
	client, server, end := sandbox(posthog.Config{Logger: quiet, CaptureMode: posthog.CaptureModeAnalyticsV1})
	defer end()
	server.InjectEvents(posthogtest.EventFault{Position: 2, Result: "limited"})

	result, err := client.Send(context.Background(),
		posthog.Capture{DistinctId: "u_1", Event: "imported"},
		posthog.Capture{DistinctId: "u_2", Event: "imported"},
	)
	for _, e := range result.Events {
		fmt.Println(e.Verdict, e.Result)
	}
	fmt.Println("over the limit:", errors.Is(err, posthog.ErrBillingLimit))
	// Output:
	// persisted ok
	// rejected limited
	// over the limit: true
}

// A DeliveryError holds what is known, and what programs written for posthog-go
// look for.
func ExampleCaptureEventError() {
	report := func(err error) {
		var dropped *posthog.CaptureEventError
		var failed *posthog.CaptureRequestError
		switch {
		case errors.As(err, &dropped):
			fmt.Println("an event:", dropped.Result, dropped.Details)
		case errors.As(err, &failed):
			fmt.Println("a request:", failed.StatusCode, failed.Code)
		}
	}
	client, server, end := sandbox(posthog.Config{Logger: quiet, CaptureMode: posthog.CaptureModeAnalyticsV1, OnError: report})
	defer end()

	server.InjectEvents(posthogtest.EventFault{Result: "drop", Details: "invalid_options"})
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "first"}))
	check(client.Flush(context.Background()))
	server.Inject(posthogtest.Fault{Status: 401})
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "second"}))
	check(client.Flush(context.Background()))
	// Output:
	// an event: drop invalid_options
	// a request: 401 missing_authorization
}

// zstd makes smaller requests than gzip. Endpoints that do not understand it get
// gzip.
func ExampleConfig_zstd() {
	client, server, end := sandbox(posthog.Config{
		CaptureMode: posthog.CaptureModeAuto,
		Compression: posthog.CompressionZstd,
	})
	defer end()

	check(client.Enqueue(posthog.Capture{
		DistinctId: "u_42",
		Event:      "order paid",
		Properties: posthog.Properties{"items": []string{"a green hedge", "a greener hedge", "the greenest hedge"}},
	}))
	check(client.Flush(context.Background()))
	fmt.Println(server.Requests()[0].Encoding)
	// Output: zstd
}
