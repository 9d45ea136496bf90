package posthog_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves ZIG-40, PY-40: what the environment says, and what wins over it. Not parallel, because the environment is the process's.
func TestFromEnv(t *testing.T) {
	for name, c := range map[string]struct {
		key, host, disabled string
		config              posthog.Config
		sent                bool
		wantHost            string // of the request
		err                 error
	}{
		"a key and a host":                    {key: "phc_env", host: "https://eu.i.posthog.com", sent: true, wantHost: "eu.i.posthog.com"},
		"a key alone":                         {key: "phc_env", sent: true, wantHost: "us.i.posthog.com"},
		"white space around both":             {key: " phc_env ", host: " https://eu.i.posthog.com/ ", sent: true, wantHost: "eu.i.posthog.com"},
		"the Config's endpoint wins":          {key: "phc_env", host: "https://eu.i.posthog.com", config: posthog.Config{Endpoint: "http://mine.example.com"}, sent: true, wantHost: "mine.example.com"},
		"no key":                              {err: posthog.ErrSDKDisabled},
		"disabled":                            {key: "phc_env", disabled: "true"},
		"disabled by a number":                {key: "phc_env", disabled: "1"},
		"not disabled":                        {key: "phc_env", disabled: "false", sent: true, wantHost: "us.i.posthog.com"},
		"disabled by the Config all the same": {key: "phc_env", disabled: "false", config: posthog.Config{Disabled: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(posthog.EnvAPIKey, c.key)
			t.Setenv(posthog.EnvHost, c.host)
			t.Setenv(posthog.EnvDisabled, c.disabled)
			server := posthogtest.NewServer(t, nil)
			next, host := server.Transport(), ""
			c.config.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				host = r.URL.Host
				return next.RoundTrip(r)
			})
			c.config.Logger = new(logLines)
			client, err := posthog.FromEnv(c.config)
			if err != nil {
				t.Fatalf("FromEnv: %v", err)
			}
			if err := client.Enqueue(capture("e")); !errors.Is(err, c.err) {
				t.Errorf("Enqueue: got %v, want %v", err, c.err)
			}
			_ = client.Close()
			requests := server.Requests()
			if got := len(requests) == 1; got != c.sent {
				t.Fatalf("%d requests, want sent: %v", len(requests), c.sent)
			}
			if c.sent && (server.Events()[0].Token != "phc_env" || host != c.wantHost) {
				t.Errorf("the event came under the key %q to %q, want phc_env to %q", server.Events()[0].Token, host, c.wantHost)
			}
		})
	}
	for name, text := range map[string]string{posthog.EnvDisabled: "perhaps", posthog.EnvHost: "ftp://example.com"} {
		t.Run("garbage in "+name, func(t *testing.T) {
			t.Setenv(posthog.EnvAPIKey, "phc_env")
			t.Setenv(name, text)
			client, err := posthog.FromEnv(posthog.Config{})
			var invalid posthog.ConfigError
			if client != nil || !errors.As(err, &invalid) || !strings.Contains(err.Error(), text) {
				t.Errorf("FromEnv with %s=%q: got %v, %v, want a ConfigError", name, text, client, err)
			}
		})
	}
}

// What the environment says of the protocol holds where the Config says
// nothing. Not parallel, because the environment is the process's.
func TestCaptureFromEnv(t *testing.T) {
	for name, c := range map[string]struct {
		mode, compression string
		config            posthog.Config
		route, encoding   string
	}{
		"nothing":                     {route: posthogtest.RouteBatch, encoding: "gzip"},
		"v0":                          {mode: "v0", route: posthogtest.RouteBatch, encoding: "gzip"},
		"legacy":                      {mode: "legacy", compression: "zstd", route: posthogtest.RouteBatch, encoding: "gzip"},
		"v1":                          {mode: "v1", route: posthogtest.RouteAnalytics, encoding: "gzip"},
		"analytics_v1 with zstd":      {mode: "analytics_v1", compression: "zstd", route: posthogtest.RouteAnalytics, encoding: "zstd"},
		"auto with deflate":           {mode: "auto", compression: "deflate", route: posthogtest.RouteAnalytics, encoding: "deflate"},
		"gzip":                        {compression: "gzip", route: posthogtest.RouteBatch, encoding: "gzip"},
		"none":                        {compression: "none", route: posthogtest.RouteBatch},
		"identity":                    {mode: "v1", compression: "identity", route: posthogtest.RouteAnalytics},
		"the Config's mode wins":      {mode: "garbage", config: posthog.Config{CaptureMode: posthog.CaptureModeAuto}, route: posthogtest.RouteAnalytics, encoding: "gzip"},
		"the Config's encoding wins":  {compression: "garbage", config: posthog.Config{Compression: posthog.CompressionNone}, route: posthogtest.RouteBatch},
		"brotli by its long name":     {compression: "brotli", config: posthog.Config{NewCodec: newDeflating}, route: posthogtest.RouteBatch, encoding: "gzip"},
		"brotli with a codec, for v0": {compression: "br", config: posthog.Config{NewCodec: newDeflating}, route: posthogtest.RouteBatch, encoding: "gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(posthog.EnvAPIKey, testKey)
			t.Setenv(posthog.EnvCaptureMode, c.mode)
			t.Setenv(posthog.EnvCaptureCompression, c.compression)
			server := posthogtest.NewServer(t, nil)
			client, err := posthog.FromEnv(connected(server, c.config))
			if err != nil {
				t.Fatalf("FromEnv: %v", err)
			}
			enqueue(t, client, long)
			if err := client.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			if r := server.Requests()[0]; r.Route != c.route || r.Encoding != c.encoding {
				t.Errorf("the request went to %s with the encoding %q, want %s and %q", r.Route, r.Encoding, c.route, c.encoding)
			}
		})
	}
	for name, text := range map[string]string{posthog.EnvCaptureMode: "v2", posthog.EnvCaptureCompression: "lzma"} {
		t.Run("garbage in "+name, func(t *testing.T) { requireEnvRefused(t, name, text) })
	}
	t.Run("brotli without a codec", func(t *testing.T) { requireEnvRefused(t, posthog.EnvCaptureCompression, "br") })
}

// The keys for flag definitions come from the environment where the Config has none. Not parallel, because the environment
// is the process's.
func TestSecretKeyFromEnv(t *testing.T) {
	for name, c := range map[string]struct {
		secret, personal string
		config           posthog.Config
		want             string // of the request for definitions, "" for none
	}{
		"nothing":                         {},
		"a secret key":                    {secret: "phs_env", want: "Bearer phs_env"},
		"a personal key":                  {personal: "phx_env", want: "Bearer phx_env"},
		"white space around the key":      {secret: " phs_env\n", want: "Bearer phs_env"},
		"both, of which the secret wins":  {secret: "phs_env", personal: "phx_env", want: "Bearer phs_env"},
		"the Config's key wins":           {secret: "phs_env", config: posthog.Config{SecretKey: "phs_mine"}, want: "Bearer phs_mine"},
		"the Config's older key wins":     {secret: "phs_env", config: posthog.Config{PersonalApiKey: "phx_mine"}, want: "Bearer phx_mine"},
		"a key, and no local evaluation":  {secret: "phs_env", config: posthog.Config{EnableLocalEvaluation: posthog.Ptr(false)}},
		"a key, and a client is disabled": {secret: "phs_env", config: posthog.Config{Disabled: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(posthog.EnvAPIKey, testKey)
			t.Setenv(posthog.EnvSecretKey, c.secret)
			t.Setenv(posthog.EnvPersonalAPIKey, c.personal)
			server := posthogtest.NewServer(t, nil)
			client, err := posthog.FromEnv(connected(server, c.config))
			if err != nil {
				t.Fatalf("FromEnv: %v", err)
			}
			if c.want != "" {
				if err := client.WaitForFlagDefinitions(t.Context()); err != nil {
					t.Errorf("WaitForFlagDefinitions: %v", err)
				}
			}
			if err := client.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			got := ""
			if requests := server.DefinitionRequests(); len(requests) > 0 {
				got = requests[0].Header.Get("Authorization")
			}
			if got != c.want {
				t.Errorf("definitions were asked for with %q, want %q", got, c.want)
			}
		})
	}
}

// requireEnvRefused fails the test unless FromEnv refuses the value of a
// variable, and names it.
func requireEnvRefused(t *testing.T, name, text string) {
	t.Helper()
	t.Setenv(posthog.EnvAPIKey, testKey)
	t.Setenv(name, text)
	client, err := posthog.FromEnv(posthog.Config{})
	var invalid posthog.ConfigError
	if client != nil || !errors.As(err, &invalid) || !strings.Contains(err.Error(), name) {
		t.Errorf("FromEnv with %s=%q: got %v, %v, want a ConfigError that names the variable", name, text, client, err)
	}
}
