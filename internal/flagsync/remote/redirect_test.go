package remote_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// Properties of persons and secret keys stay on the host they are meant for.
func TestWhichRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	const there = "/elsewhere/flags/?v=2"
	for name, tc := range map[string]struct {
		status int
		to     string
		want   string // in the error; "" if it is followed
	}{
		"307 on the host":                {307, there, ""},
		"308 on the host":                {308, endpoint + there, ""},
		"308 on the host in capitals":    {308, "http://FLAGS.EXAMPLE.COM" + there, ""},
		"301, which would become a GET":  {301, there, "api_error_301"},
		"302":                            {302, there, "api_error_302"},
		"303":                            {303, there, "api_error_303"},
		"307 to another host":            {307, "http://other.example.com" + there, "api_error_307"},
		"308 to another port":            {308, "http://flags.example.com:8080" + there, "api_error_308"},
		"308 to another protocol":        {308, "ftp://flags.example.com" + there, "api_error_308"},
		"308 to nowhere":                 {308, "", "api_error_308"},
		"308 to what nobody can read":    {308, "http://[::1/%zz", "api_error_308"},
		"308 to an address without host": {308, "mailto:eve@example.com", "api_error_308"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, redirects(tc.status, tc.to), says(200, enabled))
				got, err := asking(way, nil).Flags(t.Context(), person)
				seen := s.seen()
				if tc.want == "" {
					if err != nil || !got.Flags["new-nav"].Enabled || len(seen) != 2 {
						t.Fatalf("Flags = %+v, %v after %d requests, want flags after 2", got, err, len(seen))
					}
					if v := seen[1]; v.method != "POST" || v.url != there || v.body != seen[0].body || v.header.Get("Content-Type") != "application/json" {
						t.Errorf("second request is %+v, want the first at %s", v, there)
					}
					return
				}
				failed := failure(t, err)
				if err == nil || failed.Word() != tc.want || !strings.Contains(failed.Body, "redirect") || len(seen) != 1 {
					t.Errorf("error is %v, word %q after %d requests, want %q after 1", err, failed.Word(), len(seen), tc.want)
				}
			})
		})
	}
}

func TestRedirectsWithoutEndEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, way := serve(t, redirects(308, "/flags/?v=2"))
		_, err := asking(way, nil).Flags(t.Context(), person)
		if failed := failure(t, err); failed.Word() != "api_error_308" || len(s.seen()) != 6 {
			t.Errorf("error is %v after %d requests, want a 308 after 6", err, len(s.seen()))
		}
	})
}

// Whether https is left is decided before anything is sent, so a RoundTripper tells it all.
func TestRedirectsNeverLeaveTLS(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		from, to string
		follows  bool
	}{
		"from http to https": {"http://flags.example.com", "https://flags.example.com/flags/?v=2", true},
		"from https to http": {"https://flags.example.com", "http://flags.example.com/flags/?v=2", false},
		"within https":       {"https://flags.example.com", "/a/flags/?v=2", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen []string
				way := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					seen = append(seen, r.URL.String())
					if len(seen) > 1 {
						return &http.Response{StatusCode: 418, Header: http.Header{}, Request: r}, nil
					}
					return &http.Response{StatusCode: 308, Header: http.Header{"Location": {tc.to}}, Request: r}, nil
				})
				_, err := asking(way, func(c *remote.Config) { c.Endpoint = tc.from }).Flags(t.Context(), person)
				if got := len(seen) == 2; err == nil || got != tc.follows {
					t.Errorf("requests to %q, want the redirect followed: %v", seen, tc.follows)
				}
			})
		})
	}
}

func TestAddressesNobodyCanAsk(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ endpoint, want string }{
		"empty":            {"", "no request: build request: address has no host"},
		"no scheme":        {"flags.example.com", "no request: build request: address has no host"},
		"another protocol": {"ftp://flags.example.com", "no request: build request: address is not HTTP"},
		"odd letters":      {"http://flags.exa mple.com", `no request: build request: invalid character " " in host name`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			way := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				t.Errorf("request to %s, want none", r.URL)
				return nil, nil
			})
			_, err := asking(way, func(c *remote.Config) { c.Endpoint = tc.endpoint }).Flags(t.Context(), person)
			if failed := failure(t, err); failed.Error() != tc.want || failed.Word() != "unknown_error" || failed.Attempts != 1 {
				t.Errorf("Endpoint %q: error %q, word %q, %d attempts, want %q", tc.endpoint, failed.Error(), failed.Word(), failed.Attempts, tc.want)
			}
		})
	}
}

// Proves that no key is in an error, whatever fails.
func TestErrorsHoldNoKey(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]roundTripperFunc{
		"a dial": func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: context.Canceled}
		},
		"nothing at all": func(*http.Request) (*http.Response, error) { return nil, nil },
		"a redirect": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"https://eve:phs_secret@other.example.com/?token=phc_test"}}, Request: r}, nil
		},
		"an answer": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r}, nil
		},
	} {
		for _, address := range []string{endpoint, "http://bad host", "", "%zz", "//", "http://[::1", "http://user:phs_secret@flags.example.com"} {
			t.Run(name+" of "+address, func(t *testing.T) {
				t.Parallel()
				client := asking(way, func(c *remote.Config) { c.Endpoint, c.Retries = address, 0 })
				_, flags := client.Flags(t.Context(), person)
				payload, config := client.RemoteConfig(t.Context(), "k")
				if flags == nil || config == nil && payload != "" {
					t.Fatalf("errors %v and %v, payload %q, want failures", flags, config, payload)
				}
				for _, err := range []error{flags, config} {
					if err != nil && (strings.Contains(err.Error(), "phc_") || strings.Contains(err.Error(), "phs_")) {
						t.Errorf("error %q holds a key", err)
					}
				}
			})
		}
	}
}
