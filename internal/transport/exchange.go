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

	// Renew returns the Header of the second request, which follows a 415 to a compressed body. Nil
	// means that it has that of the first.
	Renew func() http.Header

	// Body appends the body to dst and returns the extended slice. It is called once, on the calling
	// goroutine, and the Exchange owns what it returns.
	Body func(dst []byte) []byte

	// GzipOnly says that this endpoint understands no compression but gzip. A Client with any
	// compression gzips its bodies.
	GzipOnly bool

	// GzipQuery adds compression=gzip to the query of the URL when the body is gzipped.
	GzipQuery bool

	// MaxBody is how many bytes of a 2xx body are kept. Default 64 KiB.
	MaxBody int
}

// Exchange sends one request at a time and owns the buffers for it: the plain body, the compressed
// body, the answer and the compressors. It is not safe for concurrent use; each sender has its own.
type Exchange struct {
	client *Client
	plain  []byte     // spare buffer for the next plain body
	packed []byte     // spare buffer for the next compressed body
	answer []byte     // body of the last answer
	codec  compressor // the Client's compression
	gzip   compressor // for endpoints that understand nothing else
}

// Post builds the body, compresses it if that makes it smaller, sends it once, reads the answer and
// says what it means. It never retries. Only 307 and 308 make it send again, to where they point, at
// most five times and never from https to http; and a 415 to a compressed body makes it send the same
// body plain, after which the Client compresses nothing any more.
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
	size := len(plain)
	packed, encoding, unpacked := x.compress(plain, r.GzipOnly)

	attempt, cancel := context.WithTimeout(ctx, x.client.config.Timeout)
	defer cancel()
	var response Response
	if encoding != "" {
		response, packed = x.lend(ctx, attempt, r, packed, encoding)
		x.packed = spare(packed)
		if response.Status == http.StatusUnsupportedMediaType {
			if !x.client.plainOnly.Swap(true) {
				unpacked = fmt.Errorf("endpoint answered 415 to a body compressed with %s: bodies are sent plain from now on", encoding)
			}
			encoding = ""
			if r.Renew != nil {
				r.Header = r.Renew()
			}
		}
	}
	if encoding == "" {
		response, plain = x.lend(ctx, attempt, r, plain, "")
	}
	x.plain = spare(plain)
	response.Plain, response.CompressionErr = size, unpacked
	return response
}

// compress returns plain compressed and the name of the encoding, or no name when plain is to be sent
// as it is. The error says why if the codec is to blame, for the first time in the Client's life.
func (x *Exchange) compress(plain []byte, gzipOnly bool) (packed []byte, encoding string, err error) {
	c := x.client
	if c.config.Codec == nil || len(plain) < c.config.CompressAbove || c.plainOnly.Load() {
		return nil, "", nil
	}
	codec := &x.codec
	if gzipOnly {
		codec = &x.gzip
	}
	packed, x.packed = x.packed, nil
	packed, encoding, err = codec.append(packed[:0], plain)
	if encoding == "" {
		x.packed = spare(packed)
	}
	if err != nil && c.codecFailed.Swap(true) {
		err = nil
	}
	return packed, encoding, err
}

// lend sends one body and returns its buffer, or nil if somebody may still read it.
func (x *Exchange) lend(ctx, attempt context.Context, r Request, bytes []byte, encoding string) (response Response, buffer []byte) {
	body := &payload{bytes: bytes}
	response = x.send(ctx, attempt, r, body, len(bytes), encoding)
	response.Wire = len(bytes)
	if !body.recall() {
		return response, nil
	}
	return response, bytes
}

// spare returns buffer emptied for the next use, or nil if keeping it would hold too much memory.
func spare(buffer []byte) []byte {
	if cap(buffer) > keepBuffer {
		return nil
	}
	return buffer[:0]
}

// send makes one request of size bytes of body and reads its answer within the attempt.
func (x *Exchange) send(ctx, attempt context.Context, r Request, body *payload, size int, encoding string) Response {
	req, err := x.request(attempt, r, body, size, encoding)
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
		x.answer, response.BodyCut, _ = appendAnswer(x.answer[:0], resp.Body, answerRefusal)
		response.Body = x.answer
		response.Message = OneLine(string(x.answer))
	}
	if refusal != "" {
		response.Body, response.BodyCut = nil, false
		response.Message = OneLine(refusal)
	}
	return response
}

// request builds the HTTP request. It fails only on input that can never be sent.
func (x *Exchange) request(ctx context.Context, r Request, body *payload, size int, encoding string) (*http.Request, error) {
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
	if encoding == "" {
		return req, nil
	}
	req.Header.Set("Content-Encoding", encoding)
	if r.GzipQuery && encoding == "gzip" {
		if req.URL.RawQuery != "" {
			req.URL.RawQuery += "&"
		}
		req.URL.RawQuery += "compression=gzip"
	}
	return req, nil
}

// describe reads status and header of an answer.
func (x *Exchange) describe(resp *http.Response) Response {
	response := Response{
		Outcome:     Classify(resp.StatusCode),
		Status:      resp.StatusCode,
		ContentType: OneLine(resp.Header.Get("Content-Type")),
		RequestID:   OneLine(resp.Header.Get("PostHog-Request-Id")),
	}
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
