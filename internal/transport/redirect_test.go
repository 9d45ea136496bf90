package transport_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/transport"
)

// moved answers like a server that sends everything elsewhere.
func moved(status int, location string) *http.Response {
	header := http.Header{}
	if location != "" {
		header.Set("Location", location)
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("<html>moved</html>"))}
}

func TestRedirectsThatKeepTheBodyAreFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{307, 308} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen []string
				n, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
					seen = append(seen, r.Method+" "+r.Host+r.URL.String()+" "+r.Header.Get("Content-Encoding")+" "+r.Header.Get("Authorization")+" "+bodyOf(t, r))
					if hops, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/")); hops > 0 {
						w.Header().Set("Location", "/"+strconv.Itoa(hops-1))
						w.WriteHeader(status)
						_, _ = io.WriteString(w, strings.Repeat("<html>", 1000))
					}
				})
				r := request("http://example.com/5", "the body")
				r.Header = http.Header{"Authorization": {"Bearer phc_test"}}
				got := sending(wire).Post(t.Context(), r)
				if got.Outcome != transport.Delivered {
					t.Fatalf("Post = %+v, want delivered after five redirects", got)
				}
				var want []string
				for _, hop := range []string{"5", "4", "3", "2", "1", "0"} {
					want = append(want, "POST example.com/"+hop+"  Bearer phc_test the body")
				}
				if strings.Join(seen, "\n") != strings.Join(want, "\n") {
					t.Errorf("server saw\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
				}
				if dials := n.dials.Load(); dials != 1 {
					t.Errorf("%d dials for one host, want 1", dials)
				}

				got = sending(wire).Post(t.Context(), request("http://example.com/6", "the body"))
				wantText := "Endpoint http://example.com/1 answered " + strconv.Itoa(status) +
					" to http://example.com/0 after 5 other redirects: set Endpoint to the final host"
				if got.Outcome != transport.Rejected || got.Status != status || got.Message != wantText {
					t.Errorf("sixth redirect: got %v, status %d, message\n%s\nwant rejected with\n%s", got.Outcome, got.Status, got.Message, wantText)
				}
			})
		})
	}
}

// Proves that a landing page never counts as success.
func TestRefusedRedirectsSayWhatToDo(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, from, to string
		status         int
		want           string
	}{
		{"a permanent move", "https://a.example.com/batch/", "https://b.example.com/batch/?ticket=1", 301,
			"Endpoint https://a.example.com/batch/ answered 301 to https://b.example.com/batch/: set Endpoint to that host"},
		{"a login page", "https://eve:secret@a.example.com/batch/?key=phc_test", "/login?next=x", 302,
			"Endpoint https://a.example.com/batch/ answered 302 to https://a.example.com/login: set Endpoint to that host"},
		{"see other", "http://a.example.com/", "https://b.example.com/", 303,
			"Endpoint http://a.example.com/ answered 303 to https://b.example.com/: set Endpoint to that host"},
		{"from https to http", "https://a.example.com/", "http://a.example.com/", 308,
			"Endpoint https://a.example.com/ answered 308 to http://a.example.com/, which would leave https: set Endpoint to a host that stays on https"},
		{"to another protocol", "http://a.example.com/", "ftp://a.example.com/", 307,
			"Endpoint http://a.example.com/ answered 307 to ftp://a.example.com/, which is not HTTP: check Endpoint"},
		{"to nowhere", "http://a.example.com/", "", 307,
			"Endpoint http://a.example.com/ answered 307 without a usable Location: check Endpoint"},
		{"to an address nobody can read", "http://a.example.com/", "http://[::1/%zz", 308,
			"Endpoint http://a.example.com/ answered 308 without a usable Location: check Endpoint"},
		{"to an address without a host", "http://a.example.com/", "mailto:eve@example.com", 307,
			"Endpoint http://a.example.com/ answered 307 without a usable Location: check Endpoint"},
		{"not modified", "http://a.example.com/", "", 304,
			"Endpoint http://a.example.com/ answered 304 without a usable Location: check Endpoint"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			x := sending(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				requests++
				_, _ = io.Copy(io.Discard, r.Body)
				return moved(c.status, c.to), nil
			}))
			got := x.Post(t.Context(), request(c.from, "{}"))
			if got.Outcome != transport.Rejected || got.Status != c.status || got.Message != c.want || got.Body != nil {
				t.Errorf("Post = %v, status %d, body %q, message\n%s\nwant rejected, status %d, message\n%s",
					got.Outcome, got.Status, got.Body, got.Message, c.status, c.want)
			}
			if requests != 1 {
				t.Errorf("%d requests, want 1", requests)
			}
		})
	}
}

// The project's key goes where the events go; what else may be a secret does not.
func TestTheKeyGoesAlongAndCookiesStay(t *testing.T) {
	t.Parallel()
	var seen []string
	x := sending(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.Host+" "+r.Header.Get("Authorization")+" "+r.Header.Get("Cookie")+" "+bodyOf(t, r))
		switch r.URL.Host {
		case "a.example.com":
			return moved(307, "http://b.example.com/"), nil
		default:
			return &http.Response{StatusCode: 200}, nil
		}
	}))
	r := request("http://a.example.com/", "{}")
	r.Header = http.Header{"Authorization": {"Bearer phc_test"}, "Cookie": {"a=b"}}
	got := x.Post(t.Context(), r)
	if got.Outcome != transport.Delivered {
		t.Errorf("Post = %+v, want delivered", got)
	}
	want := "a.example.com Bearer phc_test a=b {}\nb.example.com Bearer phc_test  {}"
	if strings.Join(seen, "\n") != want {
		t.Errorf("servers saw\n%s\nwant\n%s", strings.Join(seen, "\n"), want)
	}
}
