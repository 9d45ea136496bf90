// Package transport sends one request body over HTTP and says what became of it.
//
// It owns connections, compression, body buffers, redirects, the meaning of statuses and the reading
// of Retry-After. It starts no goroutine: everything runs on the goroutine that calls Post, and what
// net/http runs behind a connection is stopped by CloseIdle and by the end of each request. It never
// retries, never looks inside a body, knows no queue and no event, logs nothing and reads no
// environment beyond what net/http itself reads to find a proxy.
package transport

import (
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Defaults of the Config fields that are left at zero.
const (
	DefaultConnections   = 4
	DefaultTimeout       = 15 * time.Second
	DefaultCompressAbove = 1024
	DefaultRetryAfterCap = 5 * time.Minute
)

// answerHeaderLimit bounds the header of one answer in bytes; a real one is below a kilobyte.
const answerHeaderLimit = 256 << 10

// Config says how a Client sends. The zero value is usable: its own connections, no compression.
type Config struct {
	// RoundTripper sends the requests. Nil means a transport of the Client's own, with the settings of
	// http.DefaultTransport (proxy from the environment, HTTP/2) and at most Connections sockets a host.
	RoundTripper http.RoundTripper

	// Connections is the upper bound of sockets to one host when RoundTripper is nil. Default 4.
	Connections int

	// UserAgent is the User-Agent of every request. Empty means net/http's own.
	UserAgent string

	// Timeout bounds one Post, from dialling to the last byte of the answer, redirects included.
	// Default 15 s.
	Timeout time.Duration

	// Compression of request bodies. Default None.
	Compression Compression

	// Codec makes the compressor of one Exchange, and takes the place of Compression. It may be called
	// on several goroutines at once, and again after a failure. Nil means that Compression decides.
	Codec func() Codec

	// CompressAbove is the size in bytes from which a body is compressed. Default 1024; 1 compresses
	// every body that gets smaller by it.
	CompressAbove int

	// RetryAfterCap is the longest pause a server may ask for; longer ones are shortened to it.
	// Default 5 min.
	RetryAfterCap time.Duration
}

// Client holds the connections and settings that its Exchanges share. It is safe for concurrent use
// and immutable once made, except for what it finds out about compression.
type Client struct {
	config       Config
	roundTripper http.RoundTripper
	own          *http.Transport // nil when the caller brought its own RoundTripper

	plainOnly   atomic.Bool // a server refused a compressed body, so none is compressed any more
	codecFailed atomic.Bool // and a Response has said so
}

// New returns a Client for c. It opens no connection.
func New(c Config) *Client {
	if c.Connections <= 0 {
		c.Connections = DefaultConnections
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.CompressAbove <= 0 {
		c.CompressAbove = DefaultCompressAbove
	}
	if c.RetryAfterCap <= 0 {
		c.RetryAfterCap = DefaultRetryAfterCap
	}
	if c.Codec == nil {
		c.Codec = builtIn(c.Compression)
	}
	client := &Client{config: c, roundTripper: c.RoundTripper}
	if client.roundTripper == nil {
		client.own = newTransport(c.Connections)
		client.roundTripper = client.own
	}
	return client
}

// CloseIdle closes the idle connections of the transport the Client made itself. Connections of a
// RoundTripper from the Config belong to the caller and are left alone.
func (c *Client) CloseIdle() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// NewExchange returns an Exchange that sends through c.
func (c *Client) NewExchange() *Exchange {
	return &Exchange{client: c, codec: compressor{create: c.config.Codec}, gzip: compressor{create: newGzip}}
}

// newTransport clones http.DefaultTransport, so that proxies and certificates the program set there
// hold here too. When the program put something else there, instrumentation for example, its
// documented settings are used instead: a client that measures a service must not measure itself.
func newTransport(connections int) *http.Transport {
	var t *http.Transport
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		t = standard.Clone()
	} else {
		dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
		t = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			ForceAttemptHTTP2:     true,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   10 * time.Second,
			ExpectContinueTimeout: time.Second,
		}
	}
	t.MaxConnsPerHost = connections
	t.MaxIdleConnsPerHost = connections
	t.MaxIdleConns = 0
	t.DisableCompression = true
	t.MaxResponseHeaderBytes = answerHeaderLimit
	return t
}
