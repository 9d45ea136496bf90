package posthog

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// The environment variables that [FromEnv] reads.
const (
	EnvAPIKey   = "POSTHOG_API_KEY"  // the project API key
	EnvHost     = "POSTHOG_HOST"     // Config.Endpoint
	EnvDisabled = "POSTHOG_DISABLED" // Config.Disabled

	EnvCaptureMode        = "POSTHOG_CAPTURE_MODE"        // Config.CaptureMode
	EnvCaptureCompression = "POSTHOG_CAPTURE_COMPRESSION" // Config.Compression
)

// FromEnv returns a client with the project API key of POSTHOG_API_KEY, and
// config. POSTHOG_HOST is used where config has no Endpoint, and a
// POSTHOG_DISABLED that [strconv.ParseBool] takes for true disables the client.
// Where config leaves them at zero, which for CaptureMode is CaptureModeLegacy,
// POSTHOG_CAPTURE_MODE sets CaptureMode, with v0 or legacy, v1 or analytics_v1,
// or auto; and POSTHOG_CAPTURE_COMPRESSION sets Compression, and not that of AI
// events, with none or identity, gzip, deflate, zstd, or br. An empty variable
// counts as none. A value that is none of these, in lower case and without
// spaces, and br without a NewCodec, is a [ConfigError], which errors.As finds.
// Without a key the client does nothing,
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
	named := map[string]string{} // the variable behind a field
	if config.Endpoint == os.Getenv(EnvHost) {
		named["Endpoint"] = EnvHost
	}
	if text := os.Getenv(EnvCaptureMode); text != "" && config.CaptureMode == CaptureModeLegacy {
		mode, ok := parseCaptureMode(text)
		if !ok {
			return nil, ConfigError{Field: "CaptureMode", Value: text, Reason: EnvCaptureMode + " must be one of v0, legacy, v1, analytics_v1 and auto"}
		}
		config.CaptureMode = mode
	}
	if text := os.Getenv(EnvCaptureCompression); text != "" && config.Compression == CompressionDefault {
		compression, ok := parseCompression(text)
		if !ok {
			return nil, ConfigError{Field: "Compression", Value: text, Reason: EnvCaptureCompression + " must be one of none, identity, gzip, deflate, zstd, br and brotli"}
		}
		config.Compression = compression
		named["Compression"] = EnvCaptureCompression
	}
	client, err := NewWithConfig(os.Getenv(EnvAPIKey), config)
	if invalid, ok := errors.AsType[ConfigError](err); ok && named[invalid.Field] != "" {
		return nil, fmt.Errorf("%s: %w", named[invalid.Field], err)
	}
	return client, err
}
