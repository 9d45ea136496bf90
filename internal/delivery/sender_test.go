package delivery_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// A transport that panics or ends its goroutine has failed, and nothing else:
// the events may have arrived, and are sent again by a sender that is there.
func TestATransportThatBreaks(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){
		"it panics":             func() { panic("boom") },
		"it ends its goroutine": runtime.Goexit,
	} {
		for _, recovers := range []bool{true, false} {
			title, retries, want := name+" once", 5, queue.Delivered
			if !recovers {
				title, retries, want = name+" always", 1, queue.Unconfirmed
			}
			t.Run(title, func(t *testing.T) {
				t.Parallel()
				adjust := func(c *delivery.Config) {
					counted(retries)(c)
					c.Workers = 1
				}
				inWorld(t, adjust, func(w *world) {
					broken := func(context.Context, []string) transport.Response {
						end()
						return transport.Response{}
					}
					if w.becomes(broken); recovers {
						w.becomes(inTurn(broken, status(503)))
					}
					verdict := w.submit("a")
					if left, err := w.flush(time.Minute); left != 0 || err != nil {
						w.Errorf("Flush: %d left, %v", left, err)
					}
					v := <-verdict
					if v.Outcome != want {
						w.Errorf("the verdict is %+v, want %v", v, want)
					}
					if !recovers && !strings.Contains(v.Reason(), "the HTTP transport") {
						w.Errorf("the reason is %q, want it to name the transport", v.Reason())
					}
					if got := w.lane.InFlight(); got != 0 {
						w.Errorf("%d requests are in flight, want none", got)
					}
					w.becomes(status(200))
					w.put("b")
					if left := w.close(time.Minute); left != 0 {
						w.Errorf("Close left %d events", left)
					}
				})
			})
		}
	}
}
