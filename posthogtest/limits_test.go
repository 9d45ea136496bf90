package posthogtest_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// boundless is what a program sets that wants no limits.
var boundless = posthogtest.Config{Limits: posthogtest.Limits{
	BatchBody: math.MaxInt64, EventBody: math.MaxInt64, Decompressed: math.MaxInt64, Event: math.MaxInt64,
	AnalyticsBody: math.MaxInt64, AnalyticsDecompressed: math.MaxInt64, AIEvent: math.MaxInt64,
}}

func TestTheLargestLimitsAcceptARequest(t *testing.T) {
	t.Parallel()
	one := `{"event":"a","distinct_id":"u","token":"phc_test"}`
	for name, c := range map[string]struct{ path, body string }{
		"a batch":          {"/batch/", batch(event("a", "u", 1))},
		"a batch in gzip":  {"/batch/", zipped(batch(event("a", "u", 1)))},
		"an event":         {"/e/", one},
		"an event in gzip": {"/e/", zipped(one)},
		"a sheet in gzip":  {posthogtest.RouteAnalytics, zipped(sheet(event("a", "u", 1)))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, &boundless)
			h := flawless()
			if strings.HasSuffix(name, "gzip") {
				h.Set("Content-Encoding", "gzip")
			}
			if got := call(t, s, http.MethodPost, c.path, h, c.body); got.status != 200 {
				t.Errorf("POST %s: got %d %q, want 200", c.path, got.status, got.body)
			}
			s.Recorder(t).Event("a")
		})
	}
}

func TestAnAnnouncedLengthReservesNoMoreThanAUsualBody(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, &boundless)
	body := batch(event("a", "u", 1))
	for _, announced := range []int64{-1, int64(len(body)), math.MaxInt32, math.MaxInt64} {
		s.Reset()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/batch/", strings.NewReader(body))
		request.ContentLength = announced
		w := httptest.NewRecorder()
		s.ServeHTTP(w, request)
		if w.Code != 200 {
			t.Errorf("with a length of %d announced: got %d %q, want 200", announced, w.Code, w.Body)
		}
		if got, most := cap(s.Requests()[0].RawBody), 2<<20; got > most {
			t.Errorf("with a length of %d announced: got %d bytes reserved, want at most %d", announced, got, most)
		}
	}
}
