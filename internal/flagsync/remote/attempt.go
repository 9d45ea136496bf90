package remote

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/hedgerow/posthog/internal/apart"
	"github.com/hedgerow/posthog/internal/transport"
)

// Bounds of what is read of one answer, in bytes.
const (
	maxRefusal = 4 << 10  // of any that is not 2xx
	maxDrain   = 64 << 10 // beyond that, so that the connection can be used again
)

// Waits between attempts.
const (
	firstWait   = 300 * time.Millisecond // at least; each is twice the one before
	longestWait = 30 * time.Second       // before the jitter
)

// A question is a request that can be sent again as it is.
type question struct {
	method, url string
	secret      string // "" for a request that everybody may make
	body        []byte // nil for none
}

// ask sends q until there is an answer that counts, and returns its body and status. It gives up early if ctx would be
// over before the next attempt.
func (c *Client) ask(ctx context.Context, q question) (body []byte, status int, failure *Error) {
	ctx, end, ok := c.calls.begin(ctx)
	if !ok {
		return nil, 0, &Error{Kind: Canceled, Err: ErrClosed}
	}
	defer end()
	wait := firstWait
	for attempts := 1; ; attempts++ {
		body, status, failure = c.attempt(ctx, q)
		if failure == nil {
			return body, status, nil
		}
		failure.Attempts = attempts
		if !failure.retryable() || attempts > c.config.Retries || !pause(ctx, jittered(wait)) {
			failure.endedWith(ctx)
			return nil, failure.Status, failure
		}
		wait = min(2*wait, longestWait)
	}
}

// jittered lengthens a wait by up to a fifth, so that clients that failed together do not return together.
func jittered(wait time.Duration) time.Duration {
	return wait + rand.N(wait/5+1)
}

// pause waits, and reports whether ctx allows another attempt then.
func pause(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// attempt sends q once.
func (c *Client) attempt(ctx context.Context, q question) (body []byte, status int, failure *Error) {
	attempt, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	o, err := apart.Do(attempt, &c.attempts, func() (outcome, error) { return c.send(ctx, attempt, q), nil })
	switch {
	case err == nil:
		return o.body, o.status, o.failure
	case errors.Is(err, apart.ErrClosed):
		return nil, 0, &Error{Kind: Canceled, Err: ErrClosed}
	case errors.Is(err, apart.ErrDeaf):
		return nil, 0, broken(ctx, attempt, c.config.Timeout, fmt.Errorf("round tripper %w", err))
	}
	return nil, 0, &Error{Err: fmt.Errorf("round tripper: %w", err)}
}

// An outcome is what an attempt came to.
type outcome struct {
	body    []byte
	status  int
	failure *Error // nil for an answer that counts
}

// send sends q within attempt, for a call within ctx.
func (c *Client) send(ctx, attempt context.Context, q question) outcome {
	request, err := c.request(attempt, q)
	if err != nil {
		return outcome{failure: &Error{Err: fmt.Errorf("build request: %w", err)}}
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return outcome{failure: broken(ctx, attempt, c.config.Timeout, err)}
	}
	defer answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return outcome{status: answer.StatusCode, failure: refused(answer)}
	}
	body, err := read(answer, c.config.MaxAnswer)
	if err == nil {
		return outcome{body: body, status: answer.StatusCode}
	}
	if unreadable, ok := errors.AsType[*answerError](err); ok {
		return outcome{status: answer.StatusCode, failure: &Error{Status: answer.StatusCode, Err: unreadable}}
	}
	failure := broken(ctx, attempt, c.config.Timeout, fmt.Errorf("read answer: %w", err))
	failure.Status = answer.StatusCode
	return outcome{status: answer.StatusCode, failure: failure}
}

// request makes the HTTP request of q. It fails only on input that can never be sent.
func (c *Client) request(ctx context.Context, q question) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	request, err := http.NewRequestWithContext(ctx, q.method, q.url, body)
	if bad, ok := errors.AsType[*url.Error](err); ok {
		return nil, bad.Err // without the address, whose query has the key
	}
	if err != nil {
		return nil, err
	}
	switch {
	case request.URL.Host == "":
		return nil, errors.New("address has no host")
	case request.URL.Scheme != "http" && request.URL.Scheme != "https":
		return nil, errors.New("address is not HTTP")
	}
	request.Header.Set("Accept-Encoding", "gzip")
	if q.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if q.secret != "" {
		request.Header.Set("Authorization", "Bearer "+q.secret)
	}
	if c.config.UserAgent != "" {
		request.Header.Set("User-Agent", c.config.UserAgent)
	}
	return request, nil
}

// refused is the Error of an answer outside 2xx. Its text only explains the status, so failing to read it changes
// nothing. After a 101 the body is the bare connection, which is not read at all.
func refused(answer *http.Response) *Error {
	failure := &Error{Kind: API, Status: answer.StatusCode}
	date, _ := http.ParseTime(answer.Header.Get("Date"))
	failure.RetryAfter, _ = transport.ParseRetryAfter(answer.Header.Get("Retry-After"), time.Now(), date)
	switch {
	case answer.StatusCode < 200:
	case answer.StatusCode < 400 && answer.StatusCode >= 300:
		failure.Body = transport.OneLine(refusal(answer))
		drain(answer.Body)
	default:
		text, _ := io.ReadAll(io.LimitReader(answer.Body, maxRefusal))
		failure.Body = transport.OneLine(string(text))
		drain(answer.Body)
	}
	return failure
}

// An answerError says why an answer that came whole is of no use.
type answerError struct{ text string }

func (e *answerError) Error() string { return e.text }

// read returns the body of an answer, unpacked, of at most limit bytes. The error is an *answerError unless the answer broke off.
func read(answer *http.Response, limit int) ([]byte, error) {
	var body io.Reader = answer.Body
	if answer.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if errors.Is(err, io.EOF) { // nothing at all, which needs no packing
			return nil, nil
		}
		if err != nil {
			return nil, unpacking(err)
		}
		body = unpacked
	}
	text, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
	switch {
	case err != nil:
		return nil, unpacking(err)
	case len(text) > limit:
		return nil, &answerError{fmt.Sprintf("answer is larger than %d bytes", limit)}
	}
	return text, nil
}

// unpacking tells text that was packed badly from text that broke off.
func unpacking(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return &answerError{err.Error()}
	}
	return err
}

// drain reads a little more and throws it away, so that net/http sees the end and keeps the connection.
func drain(r io.Reader) { _, _ = io.Copy(io.Discard, io.LimitReader(r, maxDrain)) }
