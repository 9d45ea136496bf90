package posthog_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hedgerow/posthog"
)

// Whatever a request holds, its events are accepted, are JSON, and stay small.
func FuzzRequests(f *testing.F) {
	f.Add("X-Posthog-Distinct-Id", "u_42", "shop.example.com", "/users/7", "192.0.2.7:80")
	f.Add("x-POSTHOG-session-ID", " \x00\xff\u0085\u2028", "\"\\", "//../\x1f", "@")
	f.Add("User-Agent", strings.Repeat("\xed\xa0\x80", 700), "[::1]:80", strings.Repeat("/a", 3000), "[fe80::1%eth0]:1")
	f.Fuzz(func(t *testing.T, name, value, host, path, remote string) {
		r := &http.Request{
			Method: http.MethodGet, Host: host, RemoteAddr: remote, URL: &url.URL{Path: path, RawQuery: value},
			Header: http.Header{name: {value, host}, "X-Posthog-Distinct-Id": {value}},
		}
		var seen []byte
		client, err := posthog.NewWithConfig(testKey, posthog.Config{DryRun: true, Logger: silent{}, Hooks: []posthog.Hook{
			func(e *posthog.Event) *posthog.Event {
				seen, _ = json.Marshal(e)
				return e
			},
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		rc := posthog.ExtractRequestContext(r, true)
		if id := rc.DistinctId; !utf8.ValidString(id) || utf8.RuneCountInString(id) > 1000 || strings.TrimSpace(id) != id {
			t.Errorf("of %q: the distinct id is %q", value, id)
		}
		handler := posthog.NewRequestContextMiddleware(capturing(t, client, posthog.Capture{Event: "e"}))
		handler.ServeHTTP(&sink{header: http.Header{}}, r)
		if len(seen) == 0 || len(seen) > 40_000 || !json.Valid(seen) {
			t.Errorf("the event is %d bytes: %.200q", len(seen), seen)
		}
		posthog.Inject(posthog.WithFreshRequestContext(t.Context(), rc), r.Header)
	})
}
