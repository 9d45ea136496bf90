// Command callback counts what PostHog has.
package main

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/posthog/posthog-go"
)

// tally implements posthog.Callback.
type tally struct{ sent, lost atomic.Int64 }

func (t *tally) Success(posthog.APIMessage)        { t.sent.Add(1) }
func (t *tally) Failure(posthog.APIMessage, error) { t.lost.Add(1) }

func main() {
	counts := &tally{}
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint: os.Getenv("POSTHOG_HOST"),
		Callback: counts,
	})
	if err != nil {
		panic(err)
	}
	for i := 0; i < 3; i++ {
		client.Enqueue(posthog.Capture{DistinctId: fmt.Sprintf("u_%d", i), Event: "seen", Properties: posthog.Properties{"i": i}})
	}
	client.Close()
	fmt.Println("sent", counts.sent.Load(), "lost", counts.lost.Load())
}
