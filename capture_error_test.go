package posthog_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Programs written for posthog-go find the errors that it has for single events
// and for requests, with what they hold there.
func TestErrorsOfPosthogGo(t *testing.T) {
	t.Parallel()
	lost := errors.New("the network is gone")
	for name, c := range map[string]struct {
		fault   posthogtest.Fault
		event   posthogtest.EventFault
		legacy  bool
		single  *posthog.CaptureEventError
		request *posthog.CaptureRequestError
		text    string
	}{
		"an event that is dropped": {
			event:  posthogtest.EventFault{Result: "drop", Details: "invalid_options"},
			single: &posthog.CaptureEventError{Result: "drop", Details: "invalid_options"},
			text:   "drop (invalid_options)",
		},
		"an event that is never stored": {
			event:  posthogtest.EventFault{Result: "retry", Details: "not_persisted", Times: -1},
			single: &posthog.CaptureEventError{Result: "retry", Details: "not_persisted", Exhausted: true},
			text:   "retry (not_persisted), and no attempt is left",
		},
		"a request that is refused": {
			fault: posthogtest.Fault{Status: 400, Body: `{"error":"invalid_batch","error_description":"what\nis this"}`},
			request: &posthog.CaptureRequestError{
				StatusCode: 400, Code: "invalid_batch", Description: "what is this", Endpoint: "/i/v1/analytics/events",
			},
			text: "status 400: invalid_batch: what is this",
		},
		"a request that a proxy refuses": {
			fault:   posthogtest.Fault{Status: 403, Body: "<p>Forbidden"},
			request: &posthog.CaptureRequestError{StatusCode: 403, Description: "<p>Forbidden", Endpoint: "/i/v1/analytics/events"},
			text:    "status 403: <p>Forbidden",
		},
		"a batch that is refused": {
			fault:   posthogtest.Fault{Status: 400, Body: "bad"},
			legacy:  true,
			request: &posthog.CaptureRequestError{StatusCode: 400, Description: "bad", Endpoint: "/batch/"},
			text:    "capture request to /batch/ failed: status 400: bad",
		},
		"no answer": {
			fault:   posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse, Times: -1},
			request: &posthog.CaptureRequestError{Endpoint: "/i/v1/analytics/events", Err: lost},
			text:    lost.Error(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := analytics()
			config.MaxRetries = posthog.Ptr(0)
			if c.legacy {
				config.CaptureMode = posthog.CaptureModeLegacy
			}
			server := posthogtest.NewServer(t, nil)
			next := server.Transport()
			config.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if err != nil {
					return nil, lost
				}
				return resp, nil
			})
			client := dial(t, server, config)
			server.Inject(c.fault)
			if c.event.Result != "" {
				server.InjectEvents(c.event)
			}
			d, err := client.Submit(t.Context(), capture("e"))
			if err != nil {
				t.Fatal(err)
			}
			flush(t, client)
			err = d.Wait(t.Context())
			var single *posthog.CaptureEventError
			var request *posthog.CaptureRequestError
			foundSingle, foundRequest := errors.As(err, &single), errors.As(err, &request)
			if foundSingle != (c.single != nil) || foundRequest != (c.request != nil) {
				t.Fatalf("in %v, errors.As finds a *CaptureEventError: %v, a *CaptureRequestError: %v", err, foundSingle, foundRequest)
			}
			var found error = single
			if foundRequest {
				found = request
				if c.request.Err != nil && !errors.Is(request, c.request.Err) {
					t.Errorf("got the error %v, want %v", request.Err, c.request.Err)
				}
				if request.Err = c.request.Err; *request != *c.request {
					t.Errorf("got %+v, want %+v", request, c.request)
				}
			} else {
				if c.single.EventUUID = d.UUID; *single != *c.single {
					t.Errorf("got %+v, want %+v", single, c.single)
				}
			}
			if !strings.Contains(found.Error(), c.text) {
				t.Errorf("got the text %q, want it to contain %q", found, c.text)
			}
			var failure *posthog.DeliveryError
			if errors.As(err, &failure); !c.legacy && failure.RequestID != server.Requests()[0].RequestID {
				t.Errorf("got the request id %q, want %q", failure.RequestID, server.Requests()[0].RequestID)
			}
		})
	}
}
