package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// maxRedirects is how many redirects one Post follows.
const maxRedirects = 5

// follow sends req and follows the redirects that keep the method and the body, 307 and 308. It
// returns the last answer; when that is a redirect it refused, the second result says why and what to
// do about it. Any other 3xx is refused as well, because clients turn it into a GET, and the page that
// GET finds would look like success.
func follow(rt http.RoundTripper, req *http.Request, body *payload) (*http.Response, string, error) {
	for followed := 0; ; followed++ {
		resp, err := roundTrip(rt, req)
		if err != nil {
			return nil, "", fmt.Errorf("send request to %s: %w", place(req.URL), err)
		}
		if resp.StatusCode < 300 || resp.StatusCode > 399 {
			return resp, "", nil
		}
		target, refusal := redirectTarget(req.URL, resp, followed)
		if refusal != "" {
			return resp, refusal, nil
		}
		_, _ = drain(resp.Body, answerDrain)
		closeQuietly(resp.Body)
		body.rewind()
		if err := req.Context().Err(); err != nil {
			return nil, "", fmt.Errorf("follow redirect to %s: %w", place(target), err)
		}
		if req, err = redirected(req, target, body); err != nil {
			return nil, "", err
		}
	}
}

// redirectTarget returns where a 3xx answer sends the request, or why it is not followed.
func redirectTarget(from *url.URL, resp *http.Response, followed int) (*url.URL, string) {
	answered := fmt.Sprintf("Endpoint %s answered %d", place(from), resp.StatusCode)
	to, err := from.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" || to.Host == "" {
		return nil, answered + " without a usable Location: check Endpoint"
	}
	answered += " to " + place(to)
	switch {
	case resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect:
		return nil, answered + ": set Endpoint to that host"
	case to.Scheme != "https" && to.Scheme != "http":
		return nil, answered + ", which is not HTTP: check Endpoint"
	case from.Scheme == "https" && to.Scheme != "https":
		return nil, answered + ", which would leave https: set Endpoint to a host that stays on https"
	case followed >= maxRedirects:
		return nil, fmt.Sprintf("%s after %d other redirects: set Endpoint to the final host", answered, followed)
	}
	return to, ""
}

// redirected returns req addressed to target with its body from the start. Cookies stay behind when
// the host changes. The Authorization goes along: it is the project's key, which is public, and which
// other protocols have in the body.
func redirected(req *http.Request, target *url.URL, body *payload) (*http.Request, error) {
	next := req.Clone(req.Context())
	if target.Host != req.URL.Host {
		for _, name := range []string{"Cookie", "Proxy-Authorization"} {
			next.Header.Del(name)
		}
	}
	next.URL = target
	next.Host = target.Host
	if req.ContentLength > 0 {
		reader, err := body.open()
		if err != nil {
			return nil, err
		}
		next.Body = reader
	}
	return next, nil
}

// roundTrip sends req once and makes up for what a RoundTripper may leave out.
func roundTrip(rt http.RoundTripper, req *http.Request) (*http.Response, error) {
	resp, err := rt.RoundTrip(req)
	if err != nil {
		if resp != nil && resp.Body != nil {
			closeQuietly(resp.Body)
		}
		return nil, err
	}
	if resp == nil {
		return nil, errors.New("RoundTripper returned neither an answer nor an error")
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	return resp, nil
}

// place names an address in messages: no credentials, no query, which may hold a key or a ticket.
func place(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
