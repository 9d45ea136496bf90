package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// keepBuffer is the capacity in bytes up to which a buffer is kept for the next request.
const keepBuffer = 4 << 20

// Request is one body and where it goes.
type Request struct {
	// URL is the absolute address, query included.
	URL string

	// Header holds extra header lines; nil means none. It is only read. Content-Type defaults to
	// application/json. User-Agent, Content-Length and Content-Encoding are set by the Exchange.
	Header http.Header

	// Body appends the body to dst and returns the extended slice. It is called once, on the calling
	// goroutine, and the Exchange owns what it returns.
	Body func(dst []byte) []byte

	// GzipQuery adds compression=gzip to the query of the URL when the body is gzipped.
	GzipQuery bool

	// MaxBody is how many bytes of a 2xx body are kept. Default 64 KiB.
	MaxBody int
}

// Exchange sends one request at a time and owns the buffers for it: the plain body, the compressed
// body, the answer and the compressor. It is not safe for concurrent use; each sender has its own.
type Exchange struct {
	client *Client
	plain  []byte // spare buffer for the next plain body
	packed []byte // spare buffer for the next compressed body
	answer []byte // body of the last answer
	gzip   compressor
}

// Post builds the body, compresses it if that makes it smaller, sends it once, reads the answer and
// says what it means. It never retries; only 307 and 308 make it send again, to where they point, at
// most five times and never from https to http.
//
// It returns when the answer is read, when the Config's Timeout has passed (Retry) or when ctx ends
// (Canceled), provided that the RoundTripper obeys its context as net/http does. An answer that
// arrived counts even if ctx ends meanwhile.
func (x *Exchange) Post(ctx context.Context, r Request) Response {
	if err := ctx.Err(); err != nil {
		return Response{Outcome: Canceled, Err: fmt.Errorf("start request: %w", err)}
	}
	x.answer = spare(x.answer)

	// While a request is under way its buffers are not the Exchange's. They come back only once
	// nobody reads them; otherwise the garbage collector gets them, and new ones are made.
	plain := x.plain
	x.plain = nil
	plain = r.Body(plain[:0])
	wire, gzipped := x.compress(plain)
	body := &payload{bytes: wire}

	response := x.send(ctx, r, body, len(wire), gzipped)
	response.Plain, response.Wire = len(plain), len(wire)

	free := body.recall()
	if gzipped || free {
		x.plain = spare(plain)
	}
	if gzipped && free {
		x.packed = spare(wire)
	}
	return response
}

// compress returns what goes over the wire for plain, and whether that is gzip.
func (x *Exchange) compress(plain []byte) ([]byte, bool) {
	c := x.client.config
	if c.Compression != Gzip || len(plain) < c.CompressAbove {
		return plain, false
	}
	packed, smaller := x.gzip.append(x.packed[:0], plain)
	if !smaller {
		x.packed = spare(packed)
		return plain, false
	}
	x.packed = nil
	return packed, true
}

// spare returns buffer emptied for the next use, or nil if keeping it would hold too much memory.
func spare(buffer []byte) []byte {
	if cap(buffer) > keepBuffer {
		return nil
	}
	return buffer[:0]
}

// send makes one request of size bytes of body and reads its answer within the Timeout.
func (x *Exchange) send(ctx context.Context, r Request, body *payload, size int, gzipped bool) Response {
	attempt, cancel := context.WithTimeout(ctx, x.client.config.Timeout)
	defer cancel()

	req, err := x.request(attempt, r, body, size, gzipped)
	if err != nil {
		return Response{Outcome: Rejected, Err: fmt.Errorf("build request: %w", err)}
	}
	resp, refusal, err := follow(x.client.roundTripper, req, body)
	if err != nil {
		response := Response{MaybeDelivered: body.handedOut()}
		x.fail(ctx, attempt, &response, err)
		return response
	}
	defer closeQuietly(resp.Body)

	response := x.describe(resp)
	if response.Outcome == Delivered {
		limit := r.MaxBody
		if limit <= 0 {
			limit = answerBody
		}
		x.answer, response.BodyCut, err = appendAnswer(x.answer[:0], resp.Body, limit)
		if err != nil {
			response.MaybeDelivered = true
			x.fail(ctx, attempt, &response, fmt.Errorf("read answer of %s: %w", place(req.URL), err))
			return response
		}
		response.Body = x.answer
		return response
	}

	// The status has decided. The text only explains it, so failing to read it changes nothing.
	// After a 101 the body is the bare connection, which no context bounds: it is not read at all.
	if resp.StatusCode >= 200 {
		x.answer, _, _ = appendAnswer(x.answer[:0], resp.Body, answerText)
		response.Message = oneLine(string(x.answer))
	}
	if refusal != "" {
		response.Message = oneLine(refusal)
	}
	return response
}

// request builds the HTTP request. It fails only on input that can never be sent.
func (x *Exchange) request(ctx context.Context, r Request, body *payload, size int, gzipped bool) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, http.NoBody)
	if bad, ok := errors.AsType[*url.Error](err); ok {
		return nil, bad.Err // without the address, which may hold credentials
	}
	if err != nil {
		return nil, err
	}
	if req.URL.Host == "" {
		return nil, errors.New("address has no host")
	}
	if size > 0 {
		if req.Body, err = body.open(); err != nil {
			return nil, err
		}
		req.GetBody = body.open
		req.ContentLength = int64(size)
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	req.Header.Del("Content-Length")
	req.Header.Del("Content-Encoding")
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if x.client.config.UserAgent != "" {
		req.Header.Set("User-Agent", x.client.config.UserAgent)
	}
	if user := req.URL.User; user != nil && req.Header.Get("Authorization") == "" {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	if gzipped {
		req.Header.Set("Content-Encoding", "gzip")
		if r.GzipQuery && req.URL.RawQuery != "" {
			req.URL.RawQuery += "&compression=gzip"
		} else if r.GzipQuery {
			req.URL.RawQuery = "compression=gzip"
		}
	}
	return req, nil
}

// describe reads status and header of an answer.
func (x *Exchange) describe(resp *http.Response) Response {
	response := Response{Outcome: Classify(resp.StatusCode), Status: resp.StatusCode}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		response.Date = date
	}
	if value := resp.Header.Get("Retry-After"); value != "" {
		if asked, ok := ParseRetryAfter(value, time.Now(), response.Date); ok {
			response.RetryAfterAsked = asked
			response.RetryAfter = min(asked, x.client.config.RetryAfterCap)
		}
	}
	response.MaybeDelivered = undecided(resp.StatusCode)
	return response
}

// fail makes response the result of a request without a usable answer. The caller's context decides
// between Canceled and Retry.
func (x *Exchange) fail(ctx, attempt context.Context, response *Response, err error) {
	response.Outcome = Retry
	switch {
	case over(ctx):
		response.Outcome = Canceled
	case attempt.Err() != nil:
		err = fmt.Errorf("no full answer within %s: %w", x.client.config.Timeout, err)
	}
	response.Err = err
}

// over reports whether ctx ended. A connection's own deadline can fire a moment before the context's
// timer, so the deadline counts too.
func over(ctx context.Context) bool {
	if ctx.Err() != nil {
		return true
	}
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline)
}
