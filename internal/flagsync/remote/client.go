// Package remote asks the server: for the values of flags, and for the payload of a remote config.
//
// It owns the attempts of one call: their time limits, their repetition, what an answer means and what a failure is
// called. Everything runs on the goroutine that calls, and ends with its context, except for the RoundTripper, which is
// called on one goroutine for each attempt: it may panic, and may not obey its context. Close joins those. Nothing is
// kept between calls, and no answer is ever taken for that of another call. It evaluates nothing, caches nothing, logs
// nothing, and sends the secret key nowhere but where a payload is asked for.
package remote

import (
	"net/http"
	"strings"
	"time"

	"github.com/hedgerow/posthog/internal/apart"
	"github.com/hedgerow/posthog/internal/wire"
)

// Defaults and bounds of a Config.
const (
	DefaultTimeout = 3 * time.Second
	DefaultRetries = 1 // for callers: a Config says what it wants
	MaxRetries     = 9
	DefaultAnswer  = 32 << 20 // bytes
)

// Config says how a Client asks.
type Config struct {
	// Endpoint is the address of the server, such as https://us.i.posthog.com. Slashes at its end do not count.
	Endpoint string

	// Key is the project's key.
	Key string

	// Secret is the key that payloads are asked for with. Without one they cannot be.
	Secret string

	// UserAgent is the User-Agent of every request. Empty means net/http's own.
	UserAgent string

	// RoundTripper sends the requests. Nil means http.DefaultTransport. A call does not wait for one that does not obey
	// the context of its request; Close does.
	RoundTripper http.RoundTripper

	// Timeout bounds each attempt, from dialling to the last byte of the answer. Default 3 s.
	Timeout time.Duration

	// Retries is how many times a call is repeated at most, 0 to 9. With one retry and the default Timeout, a call takes
	// up to 6.4 s.
	Retries int

	// MaxAnswer is how large an answer may be in bytes, once unpacked. Default 32 MiB.
	MaxAnswer int

	// Lost is told of property values that could not be encoded, on the goroutine of the call. Nil tells nobody.
	Lost func([]wire.Loss)
}

// A Client asks one server about one project. It is safe for concurrent use, and must be closed if it was used.
type Client struct {
	config   Config
	http     http.Client
	calls    calls
	attempts apart.Group
}

// New returns a Client for c. It opens no connection, and accepts any address: one that is none fails each call.
func New(c Config) *Client {
	c.Endpoint = strings.TrimRight(c.Endpoint, "/")
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxAnswer <= 0 {
		c.MaxAnswer = DefaultAnswer
	}
	c.Retries = min(max(c.Retries, 0), MaxRetries)
	if c.RoundTripper == nil {
		c.RoundTripper = http.DefaultTransport
	}
	return &Client{
		config:   c,
		http:     http.Client{Transport: careful{c.RoundTripper}, CheckRedirect: stayAtHome},
		attempts: apart.Group{Name: "flag request"},
	}
}
