package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Submit is for the one event whose fate matters to the caller.
func ExampleServerClient_Submit() {
	client, server, end := sandbox(posthog.Config{FlushAt: 1}) // sent at once
	defer end()

	delivery, err := client.Submit(context.Background(), posthog.Capture{DistinctId: "u_42", Event: "contract signed"})
	check(err)

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println("delivered:", delivery.Wait(ctx) == nil)
	fmt.Println("the same uuid:", delivery.UUID == server.Events()[0].UUID)
	// Output:
	// delivered: true
	// the same uuid: true
}

// Send is for importers: it returns when PostHog has answered, with a verdict
// for each event, so that a checkpoint can move on.
func ExampleServerClient_Send() {
	client, _, end := sandbox(posthog.Config{HistoricalMigration: true})
	defer end()

	day := time.Date(1999, 11, 20, 12, 0, 0, 0, time.UTC)
	batch := []posthog.Message{
		posthog.Capture{DistinctId: "u_1", Event: "order paid", Timestamp: day},
		posthog.Capture{DistinctId: "u_2", Event: "order paid", Timestamp: day.Add(time.Hour)},
	}
	result, err := client.Send(context.Background(), batch...)
	check(err)
	for i, e := range result.Events {
		switch e.Verdict {
		case posthog.VerdictRetryable, posthog.VerdictUnknown:
			fmt.Println("send again:", i)
		default:
			fmt.Println(i, e.Verdict)
		}
	}
	// Output:
	// 0 persisted
	// 1 persisted
}

// A function that is frozen between calls flushes before it returns: a batch
// that waits for company would be frozen, too. The client is made once and
// never closed.
func ExampleServerClient_Flush() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	handle := func(ctx context.Context, user string) error {
		check(client.Enqueue(posthog.Capture{DistinctId: user, Event: "function called"}))
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		var left *posthog.UndeliveredError
		if err := client.Flush(ctx); errors.As(err, &left) {
			fmt.Println(left.Events, "events wait for the next call")
		}
		return nil
	}

	for _, user := range []string{"u_1", "u_2"} {
		check(handle(context.Background(), user))
		fmt.Println(len(server.Events()), "arrived")
	}
	// Output:
	// 1 arrived
	// 2 arrived
}

// Close ends the client, and says how many events it could not deliver.
func ExampleServerClient_CloseWithContext() {
	client, server, end := sandbox(posthog.Config{Logger: quiet})
	defer end()
	server.Inject(posthogtest.Fault{Status: http.StatusServiceUnavailable, Times: -1})
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	var left *posthog.UndeliveredError
	if err := client.CloseWithContext(ctx); errors.As(err, &left) {
		fmt.Println(left.Events, "event was lost")
	}
	// Output:
	// 1 event was lost
}

// printer is a Callback that prints.
type printer struct{}

func (printer) Success(e posthog.APIMessage)            { fmt.Println("delivered", e.Event) }
func (printer) Failure(e posthog.APIMessage, err error) { fmt.Println("lost", e.Event) }

// A Callback is told of the outcome of every event.
func ExampleCallback() {
	client, server, end := sandbox(posthog.Config{Callback: printer{}, Logger: quiet})
	defer end()

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
	check(client.Flush(context.Background()))

	server.Inject(posthogtest.Fault{Status: http.StatusUnauthorized})
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order shipped"}))
	check(client.Flush(context.Background()))
	// Output:
	// delivered order paid
	// lost order shipped
}

// OnError is told only of losses, once for all events of a request.
func ExampleConfig_onError() {
	client, server, end := sandbox(posthog.Config{
		Logger: quiet,
		OnError: func(err error) {
			var lost *posthog.DeliveryError
			if errors.As(err, &lost) {
				fmt.Println(lost.Events, "events", lost.Outcome, lost.Status)
			}
		},
	})
	defer end()

	server.Inject(posthogtest.Fault{Status: http.StatusUnauthorized})
	check(client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "order paid"}))
	check(client.Enqueue(posthog.Capture{DistinctId: "u_2", Event: "order paid"}))
	check(client.Flush(context.Background()))
	// Output:
	// 2 events rejected 401
}

// Stats is the ledger: what was accepted is delivered, lost for a named
// reason, or pending.
func ExampleServerClient_Stats() {
	client, _, end := sandbox(posthog.Config{Logger: quiet})
	defer end()

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
	_ = client.Enqueue(posthog.Capture{}) // refused; counted below
	client.OptOut()
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order shipped"}))
	client.OptIn()
	check(client.Flush(context.Background()))

	s := client.Stats()
	fmt.Println("accepted", s.Accepted, "delivered", s.Delivered, "pending", s.Pending)
	fmt.Println("dropped", s.Dropped, s.DroppedBy)
	fmt.Println("refused", s.Refused, s.RefusedBy)
	// Output:
	// accepted 2 delivered 1 pending 0
	// dropped 1 map[opted_out:1]
	// refused 1 map[invalid:1]
}
