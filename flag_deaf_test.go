package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
)

// flagTransport is a transport that does what it likes with questions about flags and payloads, and takes events.
func flagTransport(about func() (*http.Response, error)) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.Path, "flag") {
			return about()
		}
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	}
}

// questionsOf are the questions that PostHog is asked.
var questionsOf = map[string]func(context.Context, *posthog.ServerClient) error{
	"FlagResult": func(ctx context.Context, c *posthog.ServerClient) error {
		_, err := c.FlagResult(ctx, about("on"))
		return err
	},
	"EvaluateFlags": func(ctx context.Context, c *posthog.ServerClient) error {
		_, err := c.EvaluateFlagsWithContext(ctx, everything())
		return err
	},
	"RemoteConfigPayload": func(ctx context.Context, c *posthog.ServerClient) error {
		_, err := c.RemoteConfigPayload(ctx, "settings")
		return err
	},
}

// Proves promise 4: a question ends with its context, and Close with its own, although the transport obeys none; and
// what Close cuts off says so.
func TestQuestionsWithATransportThatDoesNotObey(t *testing.T) {
	for name, ask := range questionsOf {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := make(chan struct{})
				off := false
				client, err := posthog.NewWithConfig(testKey, posthog.Config{
					SecretKey: secretKey, EnableLocalEvaluation: &off, Logger: silent{},
					Transport: flagTransport(func() (*http.Response, error) {
						<-told
						return nil, errors.New("connection reset")
					}),
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				begin := time.Now()
				err = ask(ctx, client)
				if took := time.Since(begin); took > 120*time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("within 100ms, the question took %v and ended with %v, want DeadlineExceeded", took, err)
				}
				cancel()

				ended := make(chan error, 1)
				go func() { ended <- ask(t.Context(), client) }()
				synctest.Wait()
				begin = time.Now()
				ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
				_ = client.CloseWithContext(ctx)
				if took := time.Since(begin); took > 120*time.Millisecond {
					t.Errorf("within 100ms, Close took %v", took)
				}
				if err := <-ended; !errors.Is(err, posthog.ErrClosed) {
					t.Errorf("the question that Close cut off ended with %v, want ErrClosed", err)
				}
				cancel()
				close(told)
			})
		})
	}
}

// Proves promise 5: a panic of the transport is a failed question.
func TestQuestionsWithATransportThatPanics(t *testing.T) {
	t.Parallel()
	off := false
	client, err := posthog.NewWithConfig(testKey, posthog.Config{
		SecretKey: secretKey, EnableLocalEvaluation: &off, Logger: silent{},
		Transport: flagTransport(func() (*http.Response, error) { panic("a bug") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer closeNow(t, client)
	for name, ask := range questionsOf {
		if err := ask(t.Context(), client); err == nil || !strings.Contains(err.Error(), "panic: a bug") {
			t.Errorf("%s ends with %v, want the panic", name, err)
		}
	}
}
