package posthogtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hedgerow/posthog/posthogtest"
)

// FuzzIngest sends any bytes under any hints and checks what may never happen:
// an answer out of the table, an event the project could not hold, a refusal
// that stored something it should not.
func FuzzIngest(f *testing.F) {
	one := `{"event":"a","distinct_id":"u","token":"phc_test","timestamp":"2026-11-20T10:00:00+03"}`
	for _, seed := range []struct {
		path, query, contentType, encoding, body string
	}{
		{"/batch/", "", "application/json", "", batch(event("a", "u", 1))},
		{"/batch", "compression=gzip", "", "gzip", zipped(batch(event("a", "u", 1), one))},
		{"/e/", "beacon=1", "application/x-www-form-urlencoded", "", "data=" + url.QueryEscape(base64Of(one))},
		{"/track", "data=" + url.QueryEscape(base64Of(one)) + "&_=1795172400000", "", "", ""},
		{"/engage", "", "text/plain", "base64", base64Of(`{"$token":"t","$distinct_id":7,"$set":{"a":1e9}}`)},
		{"/i/v0/e", "", "", "", `{"event":"$identify","distinct_id":"\ud800","token":"t","offset":-1,"properties":{"$groups":{"a":1}}}`},
	} {
		f.Add(seed.path, seed.query, seed.contentType, seed.encoding, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, path, query, contentType, encoding string, body []byte) {
		s := posthogtest.NewServer(t, nil)
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
		request.URL = &url.URL{Path: path, RawQuery: query}
		request.Header = http.Header{"Content-Type": {contentType}, "Content-Encoding": {encoding}}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, request)

		switch w.Code {
		case 200, 204:
		case 400, 401, 404, 405, 413:
			if n := len(s.Events()); n != 0 && w.Code != 413 {
				t.Fatalf("got %d events stored by a request answered %d", n, w.Code)
			}
			if w.Body.Len() == 0 {
				t.Fatalf("got status %d without a word", w.Code)
			}
		default:
			t.Fatalf("got status %d: %s", w.Code, w.Body)
		}
		for _, e := range s.Events() {
			checkStorable(t, e)
		}
	})
}

func checkStorable(t *testing.T, e posthogtest.Event) {
	t.Helper()
	switch {
	case e.Name == "" || strings.TrimSpace(e.DistinctID) == "" || e.Token == "":
		t.Errorf("got event %+v without name, distinct id or token", e)
	case !utf8.ValidString(e.DistinctID) || utf8.RuneCountInString(e.DistinctID) > 200 || strings.ContainsRune(e.DistinctID, 0):
		t.Errorf("got distinct id %q", e.DistinctID)
	case len(e.UUID) != 36 || e.UUID != strings.ToLower(e.UUID):
		t.Errorf("got uuid %q", e.UUID)
	case e.Timestamp.Year() < 0 || e.Timestamp.After(e.Received.Add(23*time.Hour)):
		t.Errorf("got timestamp %s, received %s", e.Timestamp, e.Received)
	case e.Properties == nil || !json.Valid(e.Raw):
		t.Errorf("got properties %v and raw %q", e.Properties, e.Raw)
	}
}
