package flagsync

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hedgerow/posthog/internal/transport"
)

const (
	maxRedirects   = 5
	refusalExcerpt = 4 << 10         // bytes read of the text of a refusal
	maxRetryAfter  = 5 * time.Minute // the longest pause a server can ask for, unless the interval is longer
	firstRead      = 64 << 10        // bytes of the buffer for a document of unknown size
	trustedLength  = 8 << 20         // the largest Content-Length that is believed before the bytes are there
)

// client asks PostHog for definitions.
type client struct {
	address      string
	secret       string
	userAgent    string
	roundTripper http.RoundTripper
	timeout      time.Duration
}

// answer is a 200 or a 304.
type answer struct {
	document []byte // nil after a 304
	etag     string
	billed   bool // PostHog bills it, whatever became of the body
}

func newClient(c *Config) (*client, error) {
	address, err := url.Parse(c.Endpoint)
	if bad, ok := errors.AsType[*url.Error](err); ok {
		return nil, fmt.Errorf("address for feature flag definitions: %w", bad.Err) // without what may hold credentials
	}
	if err != nil {
		return nil, fmt.Errorf("address for feature flag definitions: %w", err)
	}
	if address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
		return nil, errors.New("address for feature flag definitions: want http or https and a host")
	}
	address = address.JoinPath("flags", "definitions")
	address.User = nil // the Authorization is the secret
	address.RawQuery = "token=" + url.QueryEscape(c.Key) + "&send_cohorts"
	address.Fragment = ""
	return &client{
		address: address.String(), secret: strings.TrimSpace(c.Secret), userAgent: c.UserAgent,
		roundTripper: c.RoundTripper, timeout: c.Timeout,
	}, nil
}

// get asks for the definitions, or whether they are still those of etag if it is not empty. The error is a
// *StatusError for an answer that is neither 200 nor 304.
func (c *client) get(ctx context.Context, etag string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.follow(ctx, etag)
	if err != nil {
		return answer{}, c.timed(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode == http.StatusNotModified && etag != "":
		return answer{etag: resp.Header.Get("ETag"), billed: true}, nil
	case resp.StatusCode != http.StatusOK:
		return answer{}, refusal(resp)
	}
	document, err := readDocument(resp)
	if err != nil {
		return answer{billed: true}, c.timed(ctx, fmt.Errorf("read answer: %w", err))
	}
	return answer{document: document, etag: resp.Header.Get("ETag"), billed: true}, nil
}

// timed names the timeout in the error of a request that it ended.
func (c *client) timed(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no full answer within %s: %w", c.timeout, err)
	}
	return err
}

// follow sends the request and follows redirects that stay on the host: the secret goes nowhere else.
func (c *client) follow(ctx context.Context, etag string) (*http.Response, error) {
	address := c.address
	for followed := 0; ; followed++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return nil, errors.New("build request: bad address")
		}
		req.Header.Set("Authorization", "Bearer "+c.secret)
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Accept-Encoding", "gzip")
		if c.userAgent != "" {
			req.Header.Set("User-Agent", c.userAgent)
		}
		if etag != "" {
			req.Header.Set("If-None-Match", etag)
		}
		resp, err := c.roundTripper.RoundTrip(req)
		if err != nil {
			return nil, fmt.Errorf("send request: %w", err)
		}
		if resp.StatusCode < 300 || resp.StatusCode > 399 || resp.StatusCode == http.StatusNotModified {
			return resp, nil
		}
		_, _ = io.CopyN(io.Discard, resp.Body, refusalExcerpt)
		_ = resp.Body.Close()
		target, err := redirect(req.URL, resp, followed)
		if err != nil {
			return nil, err
		}
		address = target.String()
	}
}

// redirect returns where an answer points, or why the request does not go there.
func redirect(from *url.URL, resp *http.Response, followed int) (*url.URL, error) {
	location := resp.Header.Get("Location")
	to, err := from.Parse(location)
	if err != nil || location == "" || to.Host == "" {
		return nil, &StatusError{Status: resp.StatusCode, Message: "a redirect to nowhere: check Endpoint"}
	}
	place := (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String()
	upgraded := from.Scheme == "http" && to.Scheme == "https" && from.Hostname() == to.Hostname()
	switch {
	case !upgraded && (to.Scheme != from.Scheme || to.Host != from.Host):
		return nil, &StatusError{Status: resp.StatusCode, Message: "a redirect to " + place +
			", where the secret key is not sent: set Endpoint to that host if it is PostHog's"}
	case followed >= maxRedirects:
		return nil, &StatusError{Status: resp.StatusCode, Message: fmt.Sprintf("a redirect to %s after %d others", place, followed)}
	}
	to.User = nil
	return to, nil
}

// refusal describes an answer that brings no definitions.
func refusal(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, refusalExcerpt))
	e := &StatusError{Status: resp.StatusCode, Message: transport.OneLine(string(text))}
	if value := resp.Header.Get("Retry-After"); value != "" {
		date, err := http.ParseTime(resp.Header.Get("Date"))
		if err != nil {
			date = time.Time{}
		}
		e.RetryAfter, _ = transport.ParseRetryAfter(value, time.Now(), date)
	}
	return e
}

var errTooLarge = fmt.Errorf("the document has more than %d MiB", MaxDocument>>20)

// readDocument reads the body of a 200, unpacked.
func readDocument(resp *http.Response) ([]byte, error) {
	body, size := io.Reader(resp.Body), resp.ContentLength
	switch encoding := resp.Header.Get("Content-Encoding"); {
	case strings.EqualFold(encoding, "gzip") && !resp.Uncompressed:
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body, size = unpacked, -1
	case encoding != "" && !strings.EqualFold(encoding, "identity") && !resp.Uncompressed:
		return nil, fmt.Errorf("it is encoded as %q", transport.OneLine(encoding))
	}
	if size < 0 || size > trustedLength {
		size = firstRead
	}
	return readBounded(body, int(size))
}

// readBounded reads r to its end, beginning with a buffer for size bytes.
func readBounded(r io.Reader, size int) ([]byte, error) {
	buffer := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	n, err := buffer.ReadFrom(io.LimitReader(r, MaxDocument+1))
	if err == nil && n > MaxDocument {
		err = errTooLarge
	}
	return buffer.Bytes(), err
}
