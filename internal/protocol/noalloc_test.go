//go:build !race

package protocol_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/transport"
)

// Reading that every event was stored costs the text of the request id, however
// many events there are.
func TestReadNoAlloc(t *testing.T) {
	var said []string
	for i := range 200 {
		said = append(said, fmt.Sprint(i, " ok"))
	}
	body := []byte(results(said...))
	a := attempt(records(200))
	scratch := make([]delivery.Result, 0, 200)
	got := testing.AllocsPerRun(100, func() {
		answer := delivery.Answer{Response: transport.Response{Status: 200, Outcome: transport.Delivered, Body: body}, Results: scratch}
		analytics.Read(a, &answer)
		if answer.Reading != delivery.Alike {
			t.Fatalf("got reading %d, want that all are alike", answer.Reading)
		}
	})
	if got > 1 {
		t.Errorf("Read of 200 results allocates %v times, want at most 1", got)
	}
}
