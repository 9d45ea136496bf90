package posthog

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// The environment variables that [FromEnv] reads.
const (
	EnvAPIKey   = "POSTHOG_API_KEY"
	EnvHost     = "POSTHOG_HOST"
	EnvDisabled = "POSTHOG_DISABLED"
)

// FromEnv returns a client with the project API key of POSTHOG_API_KEY, and
// config. POSTHOG_HOST is used where config has no Endpoint, and a true
// POSTHOG_DISABLED disables the client. Without a key the client does nothing,
// as with [New]. Nothing else in this library reads the environment, except
// that net/http finds its proxy there.
func FromEnv(config Config) (*ServerClient, error) {
	if config.Endpoint == "" {
		config.Endpoint = os.Getenv(EnvHost)
	}
	if text := os.Getenv(EnvDisabled); text != "" {
		disabled, err := strconv.ParseBool(text)
		if err != nil {
			return nil, ConfigError{Field: "Disabled", Value: text, Reason: EnvDisabled + " must be true or false"}
		}
		config.Disabled = config.Disabled || disabled
	}
	client, err := NewWithConfig(os.Getenv(EnvAPIKey), config)
	var invalid ConfigError
	if errors.As(err, &invalid) && invalid.Field == "Endpoint" && config.Endpoint == os.Getenv(EnvHost) {
		return nil, fmt.Errorf("%s: %w", EnvHost, err)
	}
	return client, err
}
