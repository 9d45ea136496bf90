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
