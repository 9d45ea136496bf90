package remote_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// deaf is a round tripper that does not obey contexts: it answers when it is told to, and at once from then on.
type deaf struct {
	told chan struct{} // closed by the test
	body io.Reader     // instead of an answer that hangs
}

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.body == nil {
		<-d.told
		return nil, errors.New("connection reset")
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(d.body), Request: r}, nil
}

// stuck is a body that does not come.
type stuck struct{ told chan struct{} }

func (s stuck) Read([]byte) (int, error) {
	<-s.told
	return 0, io.EOF
}

// calls are the calls of a Client.
var calls = map[string]func(context.Context, *remote.Client) error{
	"flags": func(ctx context.Context, c *remote.Client) error {
		_, err := c.Flags(ctx, person)
		return err
	},
	"remote config": func(ctx context.Context, c *remote.Client) error {
		_, err := c.RemoteConfig(ctx, "settings")
		return err
	},
}

// Proves promise 4: a call ends with its context, and with the timeout, whatever the round tripper does; and Close waits
// for that one.
func TestARoundTripperThatDoesNotObey(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				told := make(chan struct{})
				var clients []*remote.Client
				for what, way := range map[string]deaf{"no answer": {told: told}, "no body": {told: told, body: stuck{told}}} {
					c := asking(way, func(c *remote.Config) { c.Retries = 0 })
					for limit, deadline := range map[time.Duration]time.Duration{100 * time.Millisecond: 100 * time.Millisecond, time.Hour: remote.DefaultTimeout} {
						ctx, cancel := context.WithTimeout(t.Context(), limit)
						begin := time.Now()
						err := call(ctx, c)
						if late := time.Since(begin) - deadline; late < 0 || late > 20*time.Millisecond {
							t.Errorf("with %s and %v, the call took %v more than %v", what, limit, late, deadline)
						}
						if failed := failure(t, err); failed.Kind != remote.Timeout {
							t.Errorf("with %s and %v, the error is %v, want a timeout", what, limit, err)
						}
						cancel()
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					if err := c.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("with %s, Close is %v, want context.DeadlineExceeded", what, err)
					}
					cancel()
					clients = append(clients, c)
				}
				close(told)
				for _, c := range clients {
					if err := c.Close(t.Context()); err != nil {
						t.Errorf("Close is %v in the end", err)
					}
				}
			})
		})
	}
}

// Close ends calls, be it that they wait for an answer or for another attempt.
func TestCloseEndsCalls(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		for what, first := range map[string]answer{"an answer": hangs(""), "another attempt": says(502, "")} {
			t.Run(name+" that waits for "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, way := serve(t, first)
					c := asking(way, nil)
					ended := make(chan error, 1)
					go func() { ended <- call(t.Context(), c) }()
					synctest.Wait()
					begin := time.Now()
					if err := c.Close(t.Context()); err != nil {
						t.Errorf("Close is %v", err)
					}
					if err := <-ended; !errors.Is(err, remote.ErrClosed) || time.Since(begin) != 0 {
						t.Errorf("the call ends after %v with %v, want ErrClosed at once", time.Since(begin), err)
					}
					if err := call(t.Context(), c); !errors.Is(err, remote.ErrClosed) {
						t.Errorf("a call after Close is %v, want ErrClosed", err)
					}
					if err := c.Close(t.Context()); err != nil {
						t.Errorf("Close is %v the second time", err)
					}
					if n := len(s.seen()); n != 1 {
						t.Errorf("%d requests, want 1", n)
					}
				})
			})
		}
	}
}

// wild is a round tripper that does not return.
type wild func()

func (w wild) RoundTrip(*http.Request) (*http.Response, error) {
	w()
	return nil, nil
}

// Proves promise 5: what the round tripper does stays within the call.
func TestARoundTripperThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, w := range map[string]wild{"it panics": func() { panic("a bug") }, "it ends its goroutine": runtime.Goexit} {
			for what, call := range calls {
				c := asking(w, nil)
				if failed := failure(t, call(t.Context(), c)); failed.Kind != remote.Unknown || failed.Attempts != 1 || failed.Err == nil {
					t.Errorf("when %s, %s: the error is %+v, want an unknown one after one attempt", name, what, failed)
				}
				if err := c.Close(t.Context()); err != nil {
					t.Errorf("when %s, Close is %v", name, err)
				}
			}
		}
	})
}
