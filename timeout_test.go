package posthog_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// stalling is a body that stops after its first byte, until the request ends.
type stalling struct {
	request *http.Request
	began   bool
}

func (s *stalling) Read(p []byte) (int, error) {
	if !s.began {
		s.began = true
		p[0] = '{'
		return 1, nil
	}
	<-s.request.Context().Done()
	return 0, io.ErrUnexpectedEOF
}

func (s *stalling) Close() error { return nil }

// Proves PY-14: an attempt ends after BatchUploadTimeout, whether there is no
// answer or one that never ends, and is repeated.
func TestBatchUploadTimeoutBoundsAnAttempt(t *testing.T) {
	t.Parallel()
	for name, stall := range map[string]bool{"no answer comes": false, "the answer never ends": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var next http.RoundTripper
			var began []time.Time
			config := posthog.Config{
				BatchUploadTimeout: 3 * time.Second, RetryAfter: func(int) time.Duration { return time.Second }, FlushTimeout: time.Minute,
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					began = append(began, time.Now())
					if stall && len(began) == 1 {
						_ = r.Body.Close()
						return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: &stalling{request: r}, Request: r}, nil
					}
					return next.RoundTrip(r)
				}),
			}
			inWorld(t, config, func(w *world) {
				next = w.server.Transport()
				if !stall {
					w.server.Inject(posthogtest.Fault{Hang: true})
				}
				w.enqueue(0, 1)
				w.flush()
				if len(began) != 2 || began[1].Sub(began[0]) != 4*time.Second {
					w.Errorf("the attempts began at %v, want two of them 4s apart: BatchUploadTimeout and the wait", began)
				}
				w.wantRows(1)
			})
		})
	}
}
