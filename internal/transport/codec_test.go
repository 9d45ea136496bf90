package transport_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/transport"
)

// codec is a Codec made of its two parts.
type codec struct {
	encoding string
	compress func(dst, plain []byte) ([]byte, error)
}

func (c codec) Encoding() string                         { return c.encoding }
func (c codec) Append(dst, plain []byte) ([]byte, error) { return c.compress(dst, plain) }

// half makes a codec that counts the objects of a body.
func half() transport.Codec {
	return codec{"half", func(dst, plain []byte) ([]byte, error) {
		return append(strconv.AppendInt(dst, int64(bytes.Count(plain, []byte("{"))), 10), ' '), nil
	}}
}

// sent is a request as a server got it.
type sent struct{ encoding, query, body string }

// recording returns a RoundTripper that answers with the statuses in turn, and then with 200, and notes what it gets.
func recording(t *testing.T, got *[]sent, statuses ...int) http.RoundTripper {
	t.Helper()
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		status := 200
		if n := len(*got); n < len(statuses) {
			status = statuses[n]
		}
		*got = append(*got, sent{r.Header.Get("Content-Encoding"), r.URL.RawQuery, bodyOf(t, r)})
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("answer"))}, nil
	})
}

func TestABrokenCodecCostsOnlyCompression(t *testing.T) {
	t.Parallel()
	body := strings.Repeat(`{"event":"order paid"},`, 500)
	always := func(c transport.Codec) func() transport.Codec { return func() transport.Codec { return c } }
	works := func(dst, _ []byte) ([]byte, error) { return append(dst, 'x'), nil }
	cases := []struct {
		name  string
		codec func() transport.Codec
		want  string // in the error
	}{
		{"it fails", always(codec{"br", func(dst, _ []byte) ([]byte, error) { return append(dst, 'x'), io.ErrShortWrite }}), "compress body with br: short write"},
		{"it fails and returns nothing", always(codec{"br", func([]byte, []byte) ([]byte, error) { return nil, io.ErrShortWrite }}), "short write"},
		{"it panics", always(codec{"br", func(dst, _ []byte) ([]byte, error) { panic("out of\ntables") }}), "codec panicked: out of tables"},
		{"it panics with an error", always(codec{"br", func(dst, _ []byte) ([]byte, error) { panic(io.ErrShortWrite) }}), "codec panicked: short write"},
		{"it makes nothing", always(codec{"br", func(dst, _ []byte) ([]byte, error) { return dst, nil }}), "made nothing"},
		{"it loses the buffer", always(codec{"br", func([]byte, []byte) ([]byte, error) { return nil, nil }}), "made nothing"},
		{"it has no name", always(codec{"", works}), `encoding ""`},
		{"its name breaks the header", always(codec{"br\r\nX-Evil: 1", works}), `encoding "br\r\nX-Evil: 1"`},
		{"there is none", always(nil), "there is no codec"},
		{"making it panics", func() transport.Codec { panic("no memory") }, "codec panicked: no memory"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []sent
			client := transport.New(transport.Config{RoundTripper: recording(t, &got), Codec: c.codec})
			for i, x := range []*transport.Exchange{client.NewExchange(), client.NewExchange()} {
				for range 2 {
					answer := x.Post(t.Context(), request(endpoint, body))
					if answer.Outcome != transport.Delivered || answer.Err != nil || answer.Plain != len(body) || answer.Wire != len(body) {
						t.Errorf("Post = %+v, want the body delivered plain", answer)
					}
					if last := got[len(got)-1]; last != (sent{"", "", body}) {
						t.Errorf("server got Content-Encoding %q and %d bytes, want the %d plain ones", last.encoding, len(last.body), len(body))
					}
					told := answer.CompressionErr != nil
					if first := len(got) == 1; told != first || told && !strings.Contains(answer.CompressionErr.Error(), c.want) {
						t.Errorf("request %d of exchange %d: CompressionErr = %v, want one with %q, once", len(got), i, answer.CompressionErr, c.want)
					}
				}
			}
		})
	}
}

// A codec that failed is not used again, but another one is made: the next body may be luckier.
func TestACodecIsReplacedAfterAFailure(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func() error{
		"an error": func() error { return errors.New("bad luck") },
		"a panic":  func() error { panic("bad luck") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []sent
			made, fail := 0, false
			x := transport.New(transport.Config{RoundTripper: recording(t, &got), Codec: func() transport.Codec {
				made++
				return codec{"br", func(dst, plain []byte) ([]byte, error) {
					if fail {
						return dst, failure()
					}
					return append(dst, plain[:10]...), nil
				}}
			}}).NewExchange()
			if made != 0 {
				t.Errorf("%d codecs made before the first body, want none", made)
			}
			var encodings []string
			for _, fail = range []bool{false, false, true, false, false} {
				x.Post(t.Context(), request(endpoint, strings.Repeat("a", 5000)))
				encodings = append(encodings, got[len(got)-1].encoding)
			}
			if want := "br,br,,br,br"; strings.Join(encodings, ",") != want || made != 2 {
				t.Errorf("bodies were sent as %q with %d codecs, want %q with 2", encodings, made, want)
			}
		})
	}
}

// A codec is given the buffer of the body before, unless somebody may still read it or it has become huge.
func TestTheBufferOfACompressedBodyIsKept(t *testing.T) {
	t.Parallel()
	read := func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		return &http.Response{StatusCode: 200}, r.Body.Close()
	}
	cases := []struct {
		name string
		size int // of the first compressed body
		rt   roundTripperFunc
		kept bool
	}{
		{"after a request that is over", 5000, read, true},
		{"but not after a body still open", 5000, func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil }, false},
		{"but not after a panic", 5000, func(*http.Request) (*http.Response, error) { panic("broken RoundTripper") }, false},
		{"but not when it is huge", 5 << 20, read, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			capacity, requests := 0, 0
			rt := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				if requests++; requests != 2 {
					return read(r)
				}
				return c.rt(r)
			})
			x := transport.New(transport.Config{RoundTripper: rt, Codec: func() transport.Codec {
				return codec{"br", func(dst, plain []byte) ([]byte, error) {
					capacity = cap(dst)
					return append(dst, plain[:c.size]...), nil
				}}
			}}).NewExchange()
			for range 3 {
				func() {
					defer func() { _ = recover() }()
					x.Post(t.Context(), request(endpoint, strings.Repeat("a", c.size+1)))
				}()
			}
			if (capacity >= c.size) != c.kept {
				t.Errorf("the third body was given a buffer of %d bytes after one of %d, want that kept: %v", capacity, c.size, c.kept)
			}
		})
	}
}

func TestACodecThatGainsNothingIsNoError(t *testing.T) {
	t.Parallel()
	var got []sent
	x := transport.New(transport.Config{RoundTripper: recording(t, &got), Codec: func() transport.Codec {
		return codec{"br", func(dst, plain []byte) ([]byte, error) { return append(dst, plain...), nil }}
	}}).NewExchange()
	answer := x.Post(t.Context(), request(endpoint, strings.Repeat("a", 5000)))
	if answer.CompressionErr != nil || answer.Wire != 5000 || got[0].encoding != "" {
		t.Errorf("Post = %+v, Content-Encoding %q, want the plain body and no error", answer, got[0].encoding)
	}
}

func TestAnUnsupportedEncodingIsSentAgainPlain(t *testing.T) {
	t.Parallel()
	body := strings.Repeat(`{"event":"order paid","distinct_id":"u-17"},`, 500)
	cases := []struct {
		name     string
		config   transport.Config
		statuses []int
		outcome  transport.Outcome
		status   int
		sent     string // Content-Encoding of each request of two Posts
	}{
		{"and passes", transport.Config{Compression: transport.Zstd}, []int{415}, transport.Delivered, 200, "zstd,,"},
		{"and passes, without gzip's query", transport.Config{Compression: transport.Gzip}, []int{415}, transport.Delivered, 200, "gzip,,"},
		{"and passes, for another codec", transport.Config{Codec: half}, []int{415}, transport.Delivered, 200, "half,,"},
		{"and is refused again", transport.Config{Compression: transport.Deflate}, []int{415, 415}, transport.Rejected, 415, "deflate,,"},
		{"and fails otherwise", transport.Config{Compression: transport.Zstd}, []int{415, 503}, transport.Retry, 503, "zstd,,"},
		{"but not if it was plain", transport.Config{}, []int{415}, transport.Rejected, 415, ","},
		{"but no other refusal is", transport.Config{Compression: transport.Zstd}, []int{400}, transport.Rejected, 400, "zstd,zstd"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []sent
			c.config.RoundTripper = recording(t, &got, c.statuses...)
			client := transport.New(c.config)
			r := request(endpoint, body)
			r.GzipQuery = true
			first := client.NewExchange().Post(t.Context(), r)
			if first.Outcome != c.outcome || first.Status != c.status || string(first.Body) != "answer" {
				t.Errorf("Post = %+v, want %v with status %d", first, c.outcome, c.status)
			}
			if resent := len(got) > 1; (first.CompressionErr != nil) != resent || resent && first.Wire != len(body) {
				t.Errorf("%d requests: CompressionErr = %v, %d bytes on the wire, want an error exactly when the body went again, plain",
					len(got), first.CompressionErr, first.Wire)
			}
			second := client.NewExchange().Post(t.Context(), r)
			if second.Outcome != transport.Delivered || second.CompressionErr != nil {
				t.Errorf("the next Post = %+v, want it delivered without a word", second)
			}
			var encodings []string
			for _, s := range got {
				encodings = append(encodings, s.encoding)
				if decoded(t, s.encoding, s.body) != body || (s.query != "") != (s.encoding == "gzip") {
					t.Errorf("Content-Encoding %q: query %q, %d bytes that are not the body, want it, and the query for gzip alone", s.encoding, s.query, len(s.body))
				}
			}
			if strings.Join(encodings, ",") != c.sent {
				t.Errorf("requests were encoded as %q, want %q", encodings, c.sent)
			}
		})
	}
}

// The second request belongs to the same attempt: it has what is left of its time, and its headers.
func TestTheSecondRequestIsPartOfTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var attempts []string
		_, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
			attempts = append(attempts, r.Header.Get("PostHog-Attempt"))
			bodyOf(t, r)
			if len(attempts) == 1 {
				w.WriteHeader(http.StatusUnsupportedMediaType)
				return
			}
			<-r.Context().Done()
		})
		x := transport.New(transport.Config{RoundTripper: wire, Compression: transport.Zstd}).NewExchange()
		r := request(endpoint, strings.Repeat("a", 5000))
		r.Header = http.Header{"Posthog-Attempt": {"3"}}
		got := x.Post(t.Context(), r)
		if got.Outcome != transport.Retry || got.Status != 0 || !got.MaybeDelivered || strings.Join(attempts, ",") != "3,3" {
			t.Errorf("Post = %+v after requests with the attempts %q, want a retry after two with 3", got, attempts)
		}
	})
}

// A reader that is late with the compressed body must not see the plain one, nor the next.
func TestASecondRequestDoesNotDisturbTheFirstOnesReader(t *testing.T) {
	t.Parallel()
	body := strings.Repeat(`{"event":"order paid"},`, 2000)
	var late sync.WaitGroup
	var proceed = make(chan struct{})
	var compressed []byte
	requests := 0
	x := transport.New(transport.Config{Compression: transport.Gzip, RoundTripper: roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		if requests++; requests == 1 {
			late.Go(func() {
				<-proceed
				compressed, _ = io.ReadAll(r.Body)
			})
			return &http.Response{StatusCode: 415}, nil
		}
		if got := bodyOf(t, r); got != body {
			t.Errorf("request %d had a body of %d bytes, want the plain one", requests, len(got))
		}
		return &http.Response{StatusCode: 200}, r.Body.Close()
	})}).NewExchange()
	for range 3 {
		x.Post(t.Context(), request(endpoint, body))
	}
	close(proceed)
	late.Wait()
	reader, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		t.Fatalf("the late reader got %d bytes that are no gzip: %v", len(compressed), err)
	}
	if plain, err := io.ReadAll(reader); err != nil || string(plain) != body {
		t.Errorf("the late reader got %d bytes, error %v, want the first request's body", len(plain), err)
	}
}

func TestAnEndpointMayUnderstandGzipOnly(t *testing.T) {
	t.Parallel()
	body := strings.Repeat(`{"event":"order paid","distinct_id":"u-17"},`, 500)
	for name, c := range map[string]struct {
		config transport.Config
		want   string
	}{
		"a client without compression":   {transport.Config{}, ",,"},
		"a client that gzips":            {transport.Config{Compression: transport.Gzip}, "gzip,gzip,gzip"},
		"a client with zstd":             {transport.Config{Compression: transport.Zstd}, "gzip,zstd,gzip"},
		"a client with another's codec":  {transport.Config{Codec: half}, "gzip,half,gzip"},
		"a client with a broken codec":   {transport.Config{Codec: func() transport.Codec { return nil }}, "gzip,,gzip"},
		"a client with a high threshold": {transport.Config{Compression: transport.Zstd, CompressAbove: 1 << 20}, ",,"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []sent
			c.config.RoundTripper = recording(t, &got)
			x := transport.New(c.config).NewExchange()
			var encodings []string
			for _, gzipOnly := range []bool{true, false, true} {
				r := request(endpoint, body)
				r.GzipOnly = gzipOnly
				x.Post(t.Context(), r)
				last := got[len(got)-1]
				encodings = append(encodings, last.encoding)
				if decoded(t, last.encoding, last.body) != body {
					t.Errorf("Content-Encoding %q: %d bytes that are not the body, want it", last.encoding, len(last.body))
				}
			}
			if strings.Join(encodings, ",") != c.want {
				t.Errorf("bodies were sent as %q, want %q", encodings, c.want)
			}
		})
	}
}
