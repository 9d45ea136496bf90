package posthogtest_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/posthogtest"
)

// Each kind of answer of the newer routes as it is on the wire, but for the
// order of the headers. Content-Length is what the server really sends.
func TestAnswersOfTheNewerRoutes(t *testing.T) {
	t.Parallel()
	good := sheet(event("a", "u", 1))
	for file, c := range map[string]struct {
		body   string
		edits  []string
		events []posthogtest.EventFault
		faults []posthogtest.Fault
	}{
		"ok":      {body: sheet(event("a", "u", 1), event("b", "u", 2))},
		"partial": {body: sheet(event("a", "u", 1), event("b", "", 2), event("c", "system", 3), event("d", "u", 4)), events: []posthogtest.EventFault{{Event: "d", Result: posthogtest.ResultRetry, Details: "not_persisted"}}},
		"warning": {body: good, events: []posthogtest.EventFault{{Result: posthogtest.ResultWarning, Details: "rate_limited"}}},
		"unknown": {body: good, events: []posthogtest.EventFault{{Result: "limited"}}},
		"omitted": {body: good, events: []posthogtest.EventFault{{Omit: true}}},

		"missing_authorization":    {body: good, edits: []string{"Authorization", ""}},
		"invalid_api_token":        {body: good, edits: []string{"Authorization", "Bearer phx_test"}},
		"missing_required_headers": {body: good, edits: []string{"PostHog-Attempt", "", "PostHog-Request-Id", ""}},
		"invalid_header_value":     {body: good, edits: []string{"PostHog-Attempt", "0"}},
		"unsupported_content_type": {body: good, edits: []string{"Content-Type", "text/plain"}},
		"unsupported_encoding":     {body: good, edits: []string{"Content-Encoding", "lz64"}},
		"request_decoding_error":   {body: "\x78", edits: []string{"Content-Encoding", "deflate"}},
		"empty_body":               {},
		"request_parsing_error":    {body: `{"batch":[]}`},
		"invalid_batch":            {body: `{"created_at":"today","batch":[]}`},
		"empty_batch":              {body: sheet()},
		"missing_event_uuid":       {body: sheet(odd("uuid", ""))},
		"invalid_event_uuid":       {body: sheet(odd("uuid", `"x"`))},
		"duplicate_event_uuid":     {body: sheet(odd(), odd())},
		"payload_too_large":        {body: sheet(event("a", "u", 1), event("b", "u", 2), event("c", "u", 3), event("d", "u", 4), event("e", "u", 5), event("f", "u", 6))},
		"billing_limit_exceeded":   {body: good, faults: []posthogtest.Fault{{Status: 402}}},
		"service_unavailable":      {body: good, faults: []posthogtest.Fault{{Status: 503}}},
		"not_found":                {body: good, faults: []posthogtest.Fault{{Status: 404}}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{Limits: posthogtest.Limits{AnalyticsBody: 800}})
			s.InjectEvents(c.events...)
			s.Inject(c.faults...)
			golden.Compare(t, filepath.Join("testdata", "analytics", file+".txt"), whole(report(t, s, c.body, c.edits...)))
		})
	}
	for file, body := range map[string]string{
		"ok":              batch(event("$ai_trace", "u", 1)),
		"not_ai":          batch(event("$ai_trace", "u", 1), event("a", "u", 2)),
		"event_too_large": batch(`{"event":"$ai_trace","distinct_id":"u","properties":{"long":"indeed"}}`),
	} {
		t.Run("ai/"+file, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{Limits: posthogtest.Limits{AIEvent: 60}})
			if file != "event_too_large" {
				s = still(t, posthogtest.Config{})
			}
			got := call(t, s, http.MethodPost, "/i/v0/ai/batch/", nil, body)
			got.header.Del("Date") // the network's clock
			golden.Compare(t, filepath.Join("testdata", "ai", file+".txt"), whole(got))
		})
	}
}
