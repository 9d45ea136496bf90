package remote_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// Proves FR-15.
func TestHowAPayloadIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ key, path string }{
		"a key":                  {"limits", "limits"},
		"a number":               {"51", "51"},
		"a key with odd letters": {"a/b c?d#e%", "a%2Fb%20c%3Fd%23e%25"},
		"another script":         {"größe", "gr%C3%B6%C3%9Fe"},
		"dots":                   {"...", "..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, says(200, `"1"`))
				client := asking(way, func(c *remote.Config) { c.Key = "phc_test&x" })
				if got, err := client.RemoteConfig(t.Context(), tc.key); got != "1" || err != nil {
					t.Fatalf("RemoteConfig(%q) = %q, %v, want 1", tc.key, got, err)
				}
				v := s.seen()[0]
				want := "/api/projects/@current/feature_flags/" + tc.path + "/remote_config?token=phc_test%26x"
				if v.method != "GET" || v.url != want || v.body != "" {
					t.Errorf("request is %s %s %q, want GET %s", v.method, v.url, v.body, want)
				}
				for name, want := range map[string]string{"Authorization": "Bearer phs_secret", "User-Agent": "hedgerow/1.2.3", "Content-Type": ""} {
					if got := v.header.Get(name); got != want {
						t.Errorf("%s is %q, want %q", name, got, want)
					}
				}
			})
		})
	}
}

// Proves FR-15.
func TestWhatAPayloadIs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer answer
		want   string
		word   string
		tries  int
	}{
		"JSON in a string":     {says(200, `"{\"max\":3}"`), `{"max":3}`, "", 1},
		"an object":            {says(200, `{"max": 3}`), `{"max": 3}`, "", 1},
		"a plain string":       {says(200, `"hello"`), `hello`, "", 1},
		"a number in a string": {says(200, `"12"`), `12`, "", 1},
		"an empty body":        {says(200, ""), "", "", 1},
		"204":                  {says(204, ""), "", "", 1},
		"null":                 {says(200, "null"), "", "", 1},
		"a page":               {says(200, "<html>"), "", "unknown_error", 1},
		"401 without a text":   {says(401, ""), "", "api_error_401", 1},
		"403":                  {says(403, "other project"), "", "api_error_403", 1},
		"404":                  {says(404, "no such flag"), "", "api_error_404", 1},
		"429":                  {says(429, "slow down"), "", "api_error_429", 1},
		"502":                  {says(502, ""), "", "api_error_502", 2},
		"closed":               {writes(""), "", "connection_error", 2},
		"silence":              {hangs(""), "", "timeout", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, tc.answer)
				got, err := asking(way, nil).RemoteConfig(t.Context(), "limits")
				word := ""
				if err != nil {
					failed := failure(t, err)
					word = failed.Word()
				}
				if got != tc.want || word != tc.word || len(s.seen()) != tc.tries {
					t.Errorf("RemoteConfig = %q, %v (word %q) after %d requests, want %q, word %q after %d", got, err, word, len(s.seen()), tc.want, tc.word, tc.tries)
				}
			})
		})
	}
}

func TestPayloadsNobodyCanAskFor(t *testing.T) {
	t.Parallel()
	refuse := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		t.Errorf("request to %s, want none", r.URL)
		return nil, errors.New("no way")
	})
	if _, err := asking(refuse, func(c *remote.Config) { c.Secret = "" }).RemoteConfig(t.Context(), "limits"); !errors.Is(err, remote.ErrNoSecret) {
		t.Errorf("without a secret: error %v, want ErrNoSecret", err)
	}
	for _, key := range []string{"", ".", ".."} {
		if _, err := asking(refuse, nil).RemoteConfig(t.Context(), key); err == nil {
			t.Errorf("key %q: no error, want one", key)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := asking(refuse, nil).RemoteConfig(ctx, "limits"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: error %v, want context.Canceled", err)
	}
}

// The secret goes along to the same host, and nowhere else.
func TestRedirectsOfPayloads(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status  int
		to      string
		follows bool
	}{
		"on the host":             {301, "/there/?token=phc_test", true},
		"on the host, see other":  {303, "/there/", true},
		"to another host":         {301, "http://other.example.com/there/", false},
		"to another host for now": {307, "http://other.example.com/there/", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, redirects(tc.status, tc.to), says(200, `"1"`))
				got, err := asking(way, nil).RemoteConfig(t.Context(), "limits")
				seen := s.seen()
				switch {
				case !tc.follows:
					if err == nil || len(seen) != 1 {
						t.Errorf("RemoteConfig = %q, %v after %d requests, want an error after 1", got, err, len(seen))
					}
				case got != "1" || len(seen) != 2 || seen[1].header.Get("Authorization") != "Bearer phs_secret":
					t.Errorf("RemoteConfig = %q, %v after %d requests, want 1 after 2 with the secret", got, err, len(seen))
				}
			})
		})
	}
}

func TestWhatARefusalSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, way := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "17")
			says(429, "{\"code\":\x1b\"rate_limit_exceeded\"}\n")(w, r)
		})
		_, err := asking(way, nil).Flags(t.Context(), person)
		failed := failure(t, err)
		if failed.Kind != remote.API || failed.RetryAfter != 17*time.Second || failed.Body != `{"code": "rate_limit_exceeded"}` {
			t.Errorf("error is %+v, want the server's text and 17 s", failed)
		}
		if want := `server answered 429: {"code": "rate_limit_exceeded"}`; err.Error() != want {
			t.Errorf("error reads %q, want %q", err, want)
		}
	})
}
