package remote

import (
	"net/http"
	"strings"
)

// maxRedirects is how many redirects one attempt follows.
const maxRedirects = 5

// stayAtHome says which redirects are followed: those that keep the method, and with it the body, and stay on the host.
// What is asked with is about persons, and the secret key is a secret: no other host gets to see them.
func stayAtHome(next *http.Request, before []*http.Request) error {
	last := before[len(before)-1]
	stays := next.Method == last.Method && strings.EqualFold(next.URL.Host, last.URL.Host) &&
		(next.URL.Scheme == last.URL.Scheme || next.URL.Scheme == "https")
	if !stays || len(before) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// careful is a RoundTripper whose answers never make net/http fail: a redirect to an address that nobody can read is an
// answer like any other.
type careful struct{ http.RoundTripper }

func (c careful) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.RoundTripper.RoundTrip(r)
	if err != nil || answer == nil {
		return answer, err
	}
	if to := answer.Header.Get("Location"); to != "" {
		if _, err := r.URL.Parse(to); err != nil {
			answer.Header.Del("Location")
		}
	}
	return answer, nil
}

// refusal says where a redirect pointed that was not followed.
func refusal(answer *http.Response) string {
	to, err := answer.Location()
	if err != nil || to.Host == "" {
		return "redirect without a usable address: check Endpoint"
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	return "redirect to " + to.String() + ", which is not followed: check Endpoint"
}
