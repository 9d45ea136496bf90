package posthog_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// The keys that flags are loaded with in tests.
const secretKey = "phs_test"

// inFlagWorld is inWorld for flags: the server has those that define gives it
// before the client is made, and the client has loaded them if it loads any.
func inFlagWorld(t *testing.T, config posthog.Config, define func(*posthogtest.Server), test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		define(server)
		w := &world{T: t, server: server, client: connect(t, server, config)}
		defer func() {
			closeNow(t, w.client)
			requireLedger(t, w.client)
		}()
		if config.SecretKey != "" {
			_ = w.client.WaitForFlagDefinitions(t.Context()) // which some tests want to fail
		}
		test(w)
	})
}

// assorted gives a server a flag of each kind.
func assorted(s *posthogtest.Server) {
	s.SetFlags(
		posthogtest.Flag{Key: "on", Payload: map[string]any{"limit": 5}},
		posthogtest.Flag{Key: "off", Value: false},
		posthogtest.Flag{Key: "colour", Value: "blue", Payload: []int{1, 2}},
		posthogtest.Flag{Key: "pro", Where: map[string]any{"plan": "pro"}},
	)
}

// about asks about a flag of user u_1.
func about(key string) posthog.FeatureFlagPayload {
	return posthog.FeatureFlagPayload{Key: key, DistinctId: "u_1"}
}

// everything asks about all flags of user u_1.
func everything() posthog.EvaluateFlagsPayload {
	return posthog.EvaluateFlagsPayload{DistinctId: "u_1"}
}

// evaluated returns the snapshot of everything.
func (w *world) evaluated() *posthog.FeatureFlagEvaluations {
	w.Helper()
	snapshot, err := w.client.EvaluateFlags(everything())
	if err != nil {
		w.Fatalf("EvaluateFlags: %v", err)
	}
	return snapshot
}

// down makes every request for flags fail with a status.
func (w *world) down(status int) {
	w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Status: status, Times: -1})
}

// asked fails the test unless the server was asked for flags so often.
func (w *world) asked(want int) {
	w.Helper()
	if got := len(w.server.FlagRequests()); got != want {
		w.Errorf("the server was asked for flags %d times, want %d", got, want)
	}
}

// called flushes and returns the $feature_flag_called events that arrived, in
// order.
func (w *world) called() []wireEvent {
	w.Helper()
	w.flush()
	var called []wireEvent
	for _, e := range arrived(w.T, w.server) {
		if e.Event == "$feature_flag_called" {
			called = append(called, e)
		}
	}
	return called
}

// exposures fails the test unless so many $feature_flag_called events arrived,
// and returns them.
func (w *world) exposures(want int) []wireEvent {
	w.Helper()
	called := w.called()
	if len(called) != want {
		w.Fatalf("%d $feature_flag_called events arrived, want %d: %v", len(called), want, called)
	}
	return called
}

// noNetwork is a transport that fails the test if it is used.
func noNetwork(t *testing.T) http.RoundTripper {
	t.Helper()
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Errorf("a request was made: %s %s", r.Method, r.URL.Path)
		return nil, http.ErrHandlerTimeout
	})
}

// definitions is a document with one simple flag of every kind that tests
// evaluate without a server.
const definitions = `{"flags":[
	{"id":1,"key":"on","active":true,"version":3,"has_experiment":false,"filters":{"groups":[{"rollout_percentage":100}],"payloads":{"true":"{\"limit\":5}"}}},
	{"id":2,"key":"off","active":false,"version":4,"filters":{"groups":[]}},
	{"id":3,"key":"colour","active":true,"version":5,"has_experiment":true,"filters":{"groups":[{"rollout_percentage":100,"variant":"blue"}],
		"multivariate":{"variants":[{"key":"blue","rollout_percentage":50},{"key":"red","rollout_percentage":50}]},"payloads":{"blue":"[1,2]"}}},
	{"id":4,"key":"pro","active":true,"filters":{"groups":[{"rollout_percentage":100,"properties":[{"key":"plan","value":"pro","operator":"exact","type":"person"}]}]}}
],"group_type_mapping":{"0":"company"},"cohorts":{}}`
