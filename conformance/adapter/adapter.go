package adapter

import (
	"log/slog"
	"net/http"

	"github.com/hedgerow/posthog"
)

// Config says what an Adapter may do. The zero value is what runs beside the harness in its usual setup.
type Config struct {
	// Mode is the protocol of the clients. The harness does not say, so there is one adapter for each.
	Mode posthog.CaptureMode
	// Compression is what enable_compression means. Default: gzip.
	Compression posthog.CompressionMode
	// Hosts are the names, without port, that a test may send events to. Default [DefaultHosts].
	Hosts []string
	// Transport makes the clients' requests. Default: one of the adapter's own that uses no proxy. It must obey the
	// context of a request, as net/http's does.
	Transport http.RoundTripper
	// Logger receives what the clients have to say. Default: nothing does.
	Logger *slog.Logger
}

// Adapter is the HTTP handler that the harness talks to. It may serve any number of requests at once. Use [New] to make
// one and [Adapter.Close] to end it.
type Adapter struct {
	mux      http.ServeMux
	mode     posthog.CaptureMode
	packing  posthog.CompressionMode
	hosts    hosts
	network  http.RoundTripper
	own      *http.Transport // nil when the network came with the Config
	logger   posthog.Logger
	sessions sessions
}

// New returns an Adapter without a client: each test brings its own with /init.
func New(c Config) *Adapter {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Compression == posthog.CompressionDefault {
		c.Compression = posthog.CompressionGzip
	}
	a := &Adapter{
		mode:    c.Mode,
		packing: c.Compression,
		hosts:   newHosts(c.Hosts),
		network: c.Transport,
		logger:  posthog.SlogLogger(c.Logger),
	}
	if a.network == nil {
		a.own = &http.Transport{MaxIdleConnsPerHost: 16}
		a.network = a.own
	}
	a.mux.HandleFunc("GET /health", a.health)
	a.mux.HandleFunc("POST /reset", a.reset)
	a.mux.HandleFunc("POST /init", a.begin)
	a.mux.HandleFunc("POST /capture", a.capture)
	a.mux.HandleFunc("POST /capture_ai", a.captureAI)
	a.mux.HandleFunc("POST /get_feature_flag", a.flag)
	a.mux.HandleFunc("POST /flush", a.flush)
	a.mux.HandleFunc("GET /state", a.state)
	return a
}

// ServeHTTP answers one request of the harness.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id := testOf(r); !usable(id) {
		refuse(w, http.StatusBadRequest, "test_id must be at most 100 letters, digits, hyphens, underscores and dots")
		return
	}
	a.mux.ServeHTTP(w, r)
}

// Close ends every client at once, without a last flush, and refuses new ones. It returns when their goroutines have
// ended. Calling it again does nothing.
func (a *Adapter) Close() {
	for _, s := range a.sessions.close() {
		s.stop()
	}
	if a.own != nil {
		a.own.CloseIdleConnections()
	}
}

// reset ends the client of a test at once: what it has queued is gone, and no request of it is made any more once the
// harness has its answer.
func (a *Adapter) reset(w http.ResponseWriter, r *http.Request) {
	if s := a.sessions.remove(testOf(r)); s != nil {
		s.stop()
	}
	reply(w, success{Success: true})
}

// testOf returns the id of the test that a request belongs to. It is empty as long as tests run one after the other.
func testOf(r *http.Request) string { return r.URL.Query().Get("test_id") }

// usable reports whether an id can be sent as a header, and kept without thought.
func usable(id string) bool {
	for _, c := range []byte(id) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return len(id) <= 100
}
