package posthog_test

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves SET-1, ZIG-26, PY-06, PY-10: the defaults that programs rely on.
func TestDefaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ got, want any }{
		"DefaultEndpoint":               {posthog.DefaultEndpoint, "https://us.i.posthog.com"},
		"DefaultInterval":               {posthog.DefaultInterval, 5 * time.Second},
		"DefaultFlushAt":                {posthog.DefaultFlushAt, 100},
		"DefaultBatchSize":              {posthog.DefaultBatchSize, 1000},
		"DefaultMaxQueueSize":           {posthog.DefaultMaxQueueSize, 10000},
		"DefaultMaxQueueBytes":          {posthog.DefaultMaxQueueBytes, 64 << 20},
		"DefaultMaxEventBytes":          {posthog.DefaultMaxEventBytes, 1_000_000},
		"DefaultCaptureAIMaxQueueSize":  {posthog.DefaultCaptureAIMaxQueueSize, 1000},
		"DefaultCaptureAIMaxQueueBytes": {posthog.DefaultCaptureAIMaxQueueBytes, 64 << 20},
		"DefaultCaptureAIMaxEventBytes": {posthog.DefaultCaptureAIMaxEventBytes, 8 << 20},
		"DefaultWorkers":                {posthog.DefaultWorkers, 4},
		"DefaultBatchUploadTimeout":     {posthog.DefaultBatchUploadTimeout, 10 * time.Second},
		"DefaultShutdownTimeout":        {posthog.DefaultShutdownTimeout, 30 * time.Second},
		"DefaultFlushTimeout":           {posthog.DefaultFlushTimeout, 30 * time.Second},
		"DefaultRetryBudget":            {posthog.DefaultRetryBudget, 10 * time.Minute},
		"SDKName":                       {posthog.SDKName, "hedgerow"},
		"EnvCaptureMode":                {posthog.EnvCaptureMode, "POSTHOG_CAPTURE_MODE"},
		"EnvCaptureCompression":         {posthog.EnvCaptureCompression, "POSTHOG_CAPTURE_COMPRESSION"},
		"EnvAPIKey":                     {posthog.EnvAPIKey, "POSTHOG_API_KEY"},
		"EnvSecretKey":                  {posthog.EnvSecretKey, "POSTHOG_SECRET_KEY"},
		"EnvPersonalAPIKey":             {posthog.EnvPersonalAPIKey, "POSTHOG_PERSONAL_API_KEY"},
		"EnvHost":                       {posthog.EnvHost, "POSTHOG_HOST"},
		"GetDisableGeoIP":               {posthog.Config{}.GetDisableGeoIP(), true},
		"GetIsServer":                   {posthog.Config{}.GetIsServer(), true},
		"GetDisableGeoIP of false":      {posthog.Config{DisableGeoIP: posthog.Ptr(false)}.GetDisableGeoIP(), false},
		"GetIsServer of false":          {posthog.Config{IsServer: posthog.Ptr(false)}.GetIsServer(), false},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v, want %v", name, c.got, c.want)
		}
	}
}

// Proves SET-1, GO-03, PY-04, PY-12: an unusable field gives no client and an error
// that names it.
func TestUnusableConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config posthog.Config
		field  string
	}{
		"a negative FlushAt":             {posthog.Config{FlushAt: -1}, "FlushAt"},
		"a negative BatchSize":           {posthog.Config{BatchSize: -1}, "BatchSize"},
		"negative Workers":               {posthog.Config{Workers: -1}, "Workers"},
		"negative MaxEnqueuedRequests":   {posthog.Config{MaxEnqueuedRequests: -1}, "MaxEnqueuedRequests"},
		"a negative MaxQueueSize":        {posthog.Config{MaxQueueSize: -1}, "MaxQueueSize"},
		"negative MaxQueueBytes":         {posthog.Config{MaxQueueBytes: -1}, "MaxQueueBytes"},
		"negative MaxEventBytes":         {posthog.Config{MaxEventBytes: -1}, "MaxEventBytes"},
		"a negative Interval":            {posthog.Config{Interval: -1}, "Interval"},
		"a negative timeout":             {posthog.Config{BatchUploadTimeout: -1}, "BatchUploadTimeout"},
		"negative MaxRetries":            {posthog.Config{MaxRetries: posthog.Ptr(-1)}, "MaxRetries"},
		"more than 100 MaxRetries":       {posthog.Config{MaxRetries: posthog.Ptr(101)}, "MaxRetries"},
		"FlushAt over BatchSize":         {posthog.Config{FlushAt: 11, BatchSize: 10}, "FlushAt"},
		"an unknown Overflow":            {posthog.Config{Overflow: 3}, "Overflow"},
		"an unknown Compression":         {posthog.Config{Compression: 6}, "Compression"},
		"brotli without a codec":         {posthog.Config{Compression: posthog.CompressionBrotli}, "Compression"},
		"an unknown CaptureMode":         {posthog.Config{CaptureMode: 3}, "CaptureMode"},
		"a negative AI queue":            {posthog.Config{CaptureAIMaxQueueSize: -1}, "CaptureAIMaxQueueSize"},
		"negative AI bytes":              {posthog.Config{CaptureAIMaxQueueBytes: -1}, "CaptureAIMaxQueueBytes"},
		"negative AI events":             {posthog.Config{CaptureAIMaxEventBytes: -1}, "CaptureAIMaxEventBytes"},
		"AI events over the AI queue":    {posthog.Config{CaptureAIMaxQueueBytes: 1 << 20, CaptureAIMaxEventBytes: 1 << 20}, "CaptureAIMaxEventBytes"},
		"an unknown AI compression":      {posthog.Config{CaptureAICompression: 6}, "CaptureAICompression"},
		"brotli for AI without a codec":  {posthog.Config{CaptureAICompression: posthog.CompressionBrotli}, "CaptureAICompression"},
		"AI events over a small spool":   {posthog.Config{CaptureAIMaxEventBytes: 8 << 20, Spool: posthog.SpoolConfig{Dir: "x", MaxBytes: 8 << 20}}, "Spool.MaxBytes"},
		"an endpoint with the v1 route":  {posthog.Config{Endpoint: "https://us.i.posthog.com/i/v1/analytics/events"}, "Endpoint"},
		"an endpoint with the AI route":  {posthog.Config{Endpoint: "https://us.i.posthog.com/i/v0/ai/batch/"}, "Endpoint"},
		"a nil hook":                     {posthog.Config{Hooks: []posthog.Hook{nil}}, "Hooks"},
		"an endpoint of another scheme":  {posthog.Config{Endpoint: "ftp://example.com"}, "Endpoint"},
		"an endpoint without a host":     {posthog.Config{Endpoint: "https://"}, "Endpoint"},
		"an endpoint with a space":       {posthog.Config{Endpoint: "https://exa mple.com"}, "Endpoint"},
		"an endpoint that is no address": {posthog.Config{Endpoint: "://"}, "Endpoint"},
		"an endpoint with a query":       {posthog.Config{Endpoint: "https://example.com/?a=b"}, "Endpoint"},
		"an endpoint with a fragment":    {posthog.Config{Endpoint: "https://example.com/#a"}, "Endpoint"},
		"an endpoint with a bad port":    {posthog.Config{Endpoint: "https://example.com:port"}, "Endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := posthog.NewWithConfig(testKey, c.config)
			var invalid posthog.ConfigError
			if client != nil || !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Reason == "" {
				t.Errorf("got %v, %v, want no client and a ConfigError about %s", client, err, c.field)
			}
			if err := c.config.Validate(); !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.field) {
				t.Errorf("Validate: got %v, want a ConfigError about %s", err, c.field)
			}
		})
	}
}

// An address with a password in it does not reach an error or the log.
func TestSecretsOfTheEndpointStaySecret(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{
		"https://user:hunter2@example.com/?a=b", "ftp://user:hunter2@example.com", "https://user:hunter2@exa mple.com",
		"https://user:hunter2@", "user:hunter2@example.com:port",
	} {
		if _, err := posthog.NewWithConfig(testKey, posthog.Config{Endpoint: endpoint}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("endpoint %q: got %v, want an error without the password", endpoint, err)
		}
	}
}

// Proves PY-04, SET-1: hosts, schemes, slashes and paths. The server answers
// for every host, so the address is the one that the request was made for.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                                 "https://us.i.posthog.com/batch/",
		"  ":                               "https://us.i.posthog.com/batch/",
		"https://us.i.posthog.com":         "https://us.i.posthog.com/batch/",
		" https://eu.i.posthog.com/ ":      "https://eu.i.posthog.com/batch/",
		"https://app.posthog.com":          "https://us.i.posthog.com/batch/",
		"https://us.posthog.com/":          "https://us.i.posthog.com/batch/",
		"https://EU.posthog.com":           "https://eu.i.posthog.com/batch/",
		"us.posthog.com":                   "https://us.i.posthog.com/batch/",
		"localhost:8010":                   "https://localhost:8010/batch/",
		"http://[::1]:8010":                "http://[::1]:8010/batch/",
		"HTTP://example.com///":            "http://example.com/batch/",
		"https://example.com/ingest":       "https://example.com/ingest/batch/",
		"https://example.com/ingest//":     "https://example.com/ingest/batch/",
		"https://example.com/?":            "https://example.com/batch/",
		"https://example.com/#":            "https://example.com/batch/",
		"https://user:pw@example.com":      "https://user:pw@example.com/batch/",
		"https://app.posthog.com.evil.com": "https://app.posthog.com.evil.com/batch/",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			server := posthogtest.NewServer(t, nil)
			seen := make(chan string, 1)
			next := server.Transport()
			log := new(logLines)
			client, err := posthog.NewWithConfig(testKey, posthog.Config{
				Endpoint: given, Logger: log,
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					seen <- r.URL.String()
					r = r.Clone(r.Context())
					r.URL.Path = "/batch/"
					return next.RoundTrip(r)
				}),
			})
			if err != nil {
				t.Fatalf("NewWithConfig: %v", err)
			}
			enqueue(t, client, capture("e"))
			if err := client.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if got := <-seen; got != want {
				t.Errorf("endpoint %q sends to %q, want %q", given, got, want)
			}
			replaced := strings.Contains(strings.ToLower(given), "app.posthog.com") || strings.Contains(strings.ToLower(given), "us.posthog.com") ||
				strings.Contains(strings.ToLower(given), "eu.posthog.com")
			replaced = replaced && !strings.Contains(given, "evil")
			if warned := len(log.having("web application")) == 1; warned != replaced {
				t.Errorf("endpoint %q warned: %v, want %v; log %q", given, warned, replaced, log.all())
			}
		})
	}
}

// roundTrip is an http.RoundTripper made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Proves CAP-17, ZIG-25: white space around a key is dropped, and a
// blank key makes a client that does nothing and says why.
func TestBlankKeyDisablesTheClient(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", " ", "\n\t"} {
		log := new(logLines)
		server := posthogtest.NewServer(t, nil)
		client, err := posthog.NewWithConfig(key, connected(server, posthog.Config{Logger: log}))
		if err != nil {
			t.Fatalf("NewWithConfig(%q): %v", key, err)
		}
		log.requireLine(t, "ERROR", "key is empty")
		_, submitErr := client.Submit(t.Context(), capture("e"))
		_, sendErr := client.Send(t.Context(), capture("e"))
		for name, err := range map[string]error{
			"Enqueue": client.Enqueue(capture("e")), "EnqueueWithContext": client.EnqueueWithContext(t.Context(), capture("e")),
			"Submit": submitErr, "Send": sendErr, "Close": client.Close(), "the second Close": client.CloseWithContext(t.Context()),
		} {
			if !errors.Is(err, posthog.ErrSDKDisabled) {
				t.Errorf("%s without a key: got %v, want ErrSDKDisabled", name, err)
			}
		}
		if err := client.Flush(t.Context()); err != nil {
			t.Errorf("Flush without a key: got %v, want nil", err)
		}
		if s := requireLedger(t, client); s.Accepted != 0 || s.RefusedBy[posthog.RefusalNoAPIKey] != 4 {
			t.Errorf("got %+v, want 4 events refused", s)
		}
		if len(server.Requests()) != 0 {
			t.Error("a client without a key made a request")
		}
	}
	server := posthogtest.NewServer(t, nil)
	client, err := posthog.NewWithConfig(" "+testKey+"\n", connected(server, posthog.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	enqueue(t, client, capture("e"))
	if err := client.Close(); err != nil || server.Events()[0].Token != testKey {
		t.Errorf("Close: %v; the event came under %q, want %q", err, server.Events()[0].Token, testKey)
	}
}

// Proves PY-03: a secret key is warned of, left for the server to refuse, and
// never logged.
func TestSecretKeysAreWarnedOf(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"phx_secret", "phs_secret"} {
		log := new(logLines)
		server := posthogtest.NewServer(t, nil)
		client, err := posthog.NewWithConfig(key, connected(server, posthog.Config{Logger: log, Verbose: true}))
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, client, capture("e"))
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := len(server.Requests()); got != 1 {
			t.Errorf("got %d requests, want 1", got)
		}
		log.requireLine(t, "WARN", key[:4], "secret key")
		if leaked := log.having(key); len(leaked) > 0 {
			t.Errorf("the key is in the log: %q", leaked)
		}
	}
}

// Proves PY-12: the smallest and the largest values that pass Validate work.
func TestExtremeConfigs(t *testing.T) {
	for name, config := range map[string]posthog.Config{
		"everything one": {FlushAt: 1, BatchSize: 1, Workers: 1, MaxEnqueuedRequests: 1, MaxQueueSize: 1, Interval: 1, BatchUploadTimeout: time.Second},
		"everything large": {
			FlushAt: math.MaxInt, BatchSize: math.MaxInt, MaxEnqueuedRequests: 1 << 20, MaxQueueSize: math.MaxInt, MaxQueueBytes: math.MaxInt,
			MaxEventBytes: math.MaxInt / 2, Interval: math.MaxInt64, BatchUploadTimeout: math.MaxInt64, ShutdownTimeout: math.MaxInt64, FlushTimeout: math.MaxInt64,
		},
		"a FlushAt over the default BatchSize": {FlushAt: 5000},
		"no limits of time":                    {ShutdownTimeout: -1, FlushTimeout: -1, BatchSubmitTimeout: -1},
		"twenty retries":                       {MaxRetries: posthog.Ptr(20)},
		"a hundred retries":                    {MaxRetries: posthog.Ptr(100)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := open(t, config)
				enqueue(t, client, capture("e"))
				flush(t, client)
				if err := client.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				server.Recorder(t).Count("e", 1)
			})
		})
	}
}

// Proves PY-12: MaxRetries is the number of requests after the first, also
// where it is as small and as large as it may be.
func TestMaxRetriesCountsRequests(t *testing.T) {
	for _, retries := range []int{0, 1, 100} {
		config := posthog.Config{MaxRetries: posthog.Ptr(retries), FlushTimeout: -1, RetryAfter: func(int) time.Duration { return time.Second }}
		inWorld(t, config, func(w *world) {
			w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
			w.enqueue(0, 1)
			w.flush()
			if got := len(w.server.Requests()); got != retries+1 {
				w.Errorf("MaxRetries %d: got %d requests, want %d", retries, got, retries+1)
			}
		})
	}
}

// A queue of hardly any bytes refuses events instead of breaking.
func TestTinyMaxQueueBytes(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 3, 64, 600} {
		client, server := open(t, posthog.Config{MaxQueueBytes: size})
		err := client.Enqueue(capture("e"))
		flush(t, client)
		switch got := len(server.Events()); {
		case err == nil && got != 1, err != nil && got != 0:
			t.Errorf("MaxQueueBytes %d: Enqueue says %v, and %d events arrived", size, err, got)
		case err != nil && !errors.Is(err, posthog.ErrMessageTooBig):
			t.Errorf("MaxQueueBytes %d: got %v, want ErrMessageTooBig", size, err)
		}
		requireLedger(t, client)
	}
}
