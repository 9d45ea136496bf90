package flagsync_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// deaf is a round tripper that does not obey contexts until it is told to.
type deaf struct {
	http.RoundTripper

	told  chan struct{} // closed by the test
	calls atomic.Int32
}

func (d *deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	d.calls.Add(1)
	<-d.told
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return d.RoundTripper.RoundTrip(r)
}

// Proves promises 3 and 4: a round tripper that hangs whatever its context says takes one goroutine, costs a load, and
// nothing when it comes to its senses.
func TestARoundTripperThatDoesNotObey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, wire := serve(t, ok(document("a"), ""))
		way := &deaf{RoundTripper: wire, told: make(chan struct{})}
		l, err := flagsync.New(flagsync.Config{
			Endpoint: "http://example.com", Key: "phc_test", Secret: "phs_test", RoundTripper: way, Timeout: time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := l.Reload(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Reload is %v, want DeadlineExceeded", err)
		}
		if took := time.Since(begin); took < time.Second || took > 1200*time.Millisecond {
			t.Errorf("Reload took %v, want about the timeout of 1s", took)
		}
		pass(time.Hour)
		if n := way.calls.Load(); n != 1 {
			t.Errorf("%d requests are on their way, want 1", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Reload(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Reload is %v, want to hear of the request that goes on", err)
		}
		close(way.told)
		pass(time.Minute)
		if got := loaded(l.State()); len(got) != 1 {
			t.Errorf("loaded are %q, want one flag", got)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}
