package posthogtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestTheAnalyticsRouteReadsItsHeadersInOrder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 195)
	for name, c := range map[string]struct {
		edits  []string
		status int
		word   string
		text   string // in the description
	}{
		"all as it should be":                  {nil, 200, "", ""},
		"no key":                               {[]string{"Authorization", ""}, 401, "missing_authorization", "Authorization header is missing"},
		"no key and nothing else":              {[]string{"Authorization", "", "PostHog-Attempt", "", "Content-Type", "text/plain"}, 401, "missing_authorization", ""},
		"a scheme in small letters":            {[]string{"Authorization", "bearer phc_test"}, 200, "", ""},
		"a scheme in capitals":                 {[]string{"Authorization", "BEARER phc_test"}, 200, "", ""},
		"another scheme":                       {[]string{"Authorization", "Basic cGhjOg=="}, 400, "invalid_header_value", `scheme "Basic", want Bearer`},
		"a key without a scheme":               {[]string{"Authorization", "phc_test"}, 400, "invalid_header_value", "want Bearer"},
		"a scheme without a key":               {[]string{"Authorization", "Bearer"}, 401, "invalid_api_token", "empty"},
		"a personal key":                       {[]string{"Authorization", "Bearer phx_secret"}, 401, "invalid_api_token", "phx_"},
		"a key of 65 characters":               {[]string{"Authorization", "Bearer " + strings.Repeat("k", 65)}, 401, "invalid_api_token", "longer than 64"},
		"a bad key beside a missing header":    {[]string{"Authorization", "Bearer phx_secret", "PostHog-Attempt", ""}, 401, "invalid_api_token", ""},
		"a key of any project":                 {[]string{"Authorization", "Bearer whoever"}, 200, "", ""},
		"no SDK":                               {[]string{"PostHog-Sdk-Info", ""}, 400, "missing_required_headers", "missing: PostHog-Sdk-Info"},
		"no attempt":                           {[]string{"PostHog-Attempt", ""}, 400, "missing_required_headers", "missing: PostHog-Attempt"},
		"no request id":                        {[]string{"PostHog-Request-Id", ""}, 400, "missing_required_headers", "missing: PostHog-Request-Id"},
		"no request timestamp":                 {[]string{"PostHog-Request-Timestamp", ""}, 400, "missing_required_headers", "missing: PostHog-Request-Timestamp"},
		"no content type":                      {[]string{"Content-Type", ""}, 400, "missing_required_headers", "missing: Content-Type"},
		"no user agent":                        {[]string{"User-Agent", ""}, 400, "missing_required_headers", "missing: User-Agent"},
		"several at once":                      {[]string{"User-Agent", "", "PostHog-Attempt", "", "PostHog-Sdk-Info", ""}, 400, "missing_required_headers", "missing: User-Agent, PostHog-Sdk-Info, PostHog-Attempt"},
		"one missing and one wrong":            {[]string{"User-Agent", "", "Content-Type", "text/plain"}, 400, "missing_required_headers", "missing: User-Agent"},
		"an SDK without a version":             {[]string{"PostHog-Sdk-Info", "hedgerow"}, 400, "invalid_header_value", `PostHog-Sdk-Info is "hedgerow"`},
		"an SDK with an empty version":         {[]string{"PostHog-Sdk-Info", "hedgerow/"}, 400, "invalid_header_value", "PostHog-Sdk-Info"},
		"an SDK without a name":                {[]string{"PostHog-Sdk-Info", "/1.2.3"}, 400, "invalid_header_value", "PostHog-Sdk-Info"},
		"an SDK of 200 bytes":                  {[]string{"PostHog-Sdk-Info", long + "/12.3"}, 200, "", ""},
		"an SDK of 201 bytes":                  {[]string{"PostHog-Sdk-Info", long + "/12.34"}, 400, "invalid_header_value", "200 bytes at most"},
		"attempt 0":                            {[]string{"PostHog-Attempt", "0"}, 400, "invalid_header_value", `PostHog-Attempt is "0"`},
		"an attempt below 0":                   {[]string{"PostHog-Attempt", "-1"}, 400, "invalid_header_value", "PostHog-Attempt"},
		"an attempt in words":                  {[]string{"PostHog-Attempt", "first"}, 400, "invalid_header_value", "PostHog-Attempt"},
		"attempt 12":                           {[]string{"PostHog-Attempt", "12"}, 200, "", ""},
		"a request id that is no UUID":         {[]string{"PostHog-Request-Id", "req-1"}, 400, "invalid_header_value", "PostHog-Request-Id"},
		"a request timestamp without a zone":   {[]string{"PostHog-Request-Timestamp", "1999-11-20T10:00:00"}, 400, "invalid_header_value", "an RFC 3339 time"},
		"a request timestamp in another zone":  {[]string{"PostHog-Request-Timestamp", "1999-11-20T15:30:05+05:30"}, 200, "", ""},
		"a content type with parameters":       {[]string{"Content-Type", "application/json; charset=utf-8"}, 200, "", ""},
		"a content type in capitals":           {[]string{"Content-Type", "Application/JSON"}, 200, "", ""},
		"another content type":                 {[]string{"Content-Type", "text/plain"}, 415, "unsupported_content_type", `Content-Type is "text/plain"`},
		"a content type that is none":          {[]string{"Content-Type", ";"}, 415, "unsupported_content_type", ""},
		"an unknown encoding":                  {[]string{"Content-Encoding", "lz64"}, 415, "unsupported_encoding", `Content-Encoding is "lz64"`},
		"two encodings":                        {[]string{"Content-Encoding", "gzip, br"}, 415, "unsupported_encoding", ""},
		"brotli where there is no decoder":     {[]string{"Content-Encoding", "br"}, 415, "unsupported_encoding", "Config.Brotli"},
		"a wrong value beside a wrong content": {[]string{"Content-Type", "text/plain", "PostHog-Attempt", "0"}, 400, "invalid_header_value", "PostHog-Attempt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{})
			got := report(t, s, sheet(event("a", "u", 1)), c.edits...)
			if got.status != c.status {
				t.Fatalf("%q: got %d %s, want %d", c.edits, got.status, got.body, c.status)
			}
			if stored := len(s.Events()); (got.status == 200) != (stored == 1) {
				t.Errorf("%q: got %d events stored after status %d", c.edits, stored, got.status)
			}
			if c.status == 200 {
				return
			}
			if word, text := mistake(t, got); word != c.word || !strings.Contains(text, c.text) {
				t.Errorf("%q: got %s: %s, want %s with %q", c.edits, word, text, c.word, c.text)
			}
			if got := kinds(s); len(got) != 1 || got[0] != posthogtest.RequestRejected {
				t.Errorf("%q: got warnings %v, want a rejected request", c.edits, got)
			}
		})
	}
}

func TestAnAnalyticsRequestIsShownAsItCame(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	body := zipped(sheet(event("a", "u", 1)))
	report(t, s, body, "Content-Encoding", "GZIP", "PostHog-Attempt", "3", "PostHog-Request-Timestamp", "1999-11-20T15:30:05.5+05:30")
	post(t, s, batch(event("b", "u", 2)), 200)
	requests := s.Requests()
	got := requests[0]
	if got.Route != posthogtest.RouteAnalytics || got.Path != "/i/v1/analytics/events" || got.Encoding != "gzip" || got.Attempt != 3 ||
		got.RequestID != requestID || got.SDK != "hedgerow/1.2.3" || !got.RequestTimestamp.Equal(arrival.Add(500e6)) ||
		string(got.Body) != sheet(event("a", "u", 1)) || string(got.RawBody) != body || got.Stored != 1 || len(got.Events) != 1 {
		t.Errorf("got request %+v, want what was sent", got)
	}
	if got := requests[1]; got.Route != posthogtest.RouteBatch || got.Attempt != 0 || got.RequestID != "" || got.SDK != "" || !got.RequestTimestamp.IsZero() {
		t.Errorf("got request %+v, want none of the newer headers on the older route", got)
	}
}

func TestTheAnalyticsRouteAnswersToPostAlone(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	for _, method := range []string{http.MethodGet, http.MethodOptions, http.MethodPut} {
		got := call(t, s, method, posthogtest.RouteAnalytics, flawless(), "")
		if got.status != 405 || got.header.Get("Allow") != "POST" {
			t.Errorf("%s: got %d and Allow %q, want 405 and POST", method, got.status, got.header.Get("Allow"))
		}
	}
	if got := call(t, s, http.MethodPost, posthogtest.RouteAnalytics+"/", flawless(), sheet(event("a", "u", 1))); got.status != 200 {
		t.Errorf("with a final slash: got %d %s, want 200", got.status, got.body)
	}
}
