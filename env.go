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

	EnvSecretKey      = "POSTHOG_SECRET_KEY"       // Config.SecretKey
	EnvPersonalAPIKey = "POSTHOG_PERSONAL_API_KEY" // Config.PersonalApiKey

	EnvReleaseID = "POSTHOG_RELEASE_ID" // Config.ErrorTracking.ReleaseID

	EnvCrashDir = "POSTHOG_CRASH_DIR" // Config.Crash.Dir

	EnvCaptureMode        = "POSTHOG_CAPTURE_MODE"        // Config.CaptureMode
	EnvCaptureCompression = "POSTHOG_CAPTURE_COMPRESSION" // Config.Compression
)

// FromEnv returns a client with the project API key of POSTHOG_API_KEY, and
// config. Without a key the client does nothing, as with [New]. Where config
// leaves a field at zero, a variable sets it:
//
//   - POSTHOG_HOST is the Endpoint.
//   - POSTHOG_SECRET_KEY is the SecretKey, and POSTHOG_PERSONAL_API_KEY its
//     older name, which counts if there is no other. With either the client
//     loads flag definitions, as [Config.SecretKey] says; EnableLocalEvaluation
//     set to false keeps it from that.
//   - POSTHOG_RELEASE_ID is the ErrorTracking.ReleaseID.
//   - POSTHOG_CAPTURE_MODE is the CaptureMode: v0 or legacy, v1 or
//     analytics_v1, or auto. Zero is CaptureModeLegacy.
//   - POSTHOG_CAPTURE_COMPRESSION is the Compression, and not that of AI
//     events: none or identity, gzip, deflate, zstd, or br, which needs a
//     NewCodec.
//   - POSTHOG_CRASH_DIR is Crash.Dir.
//
// A POSTHOG_DISABLED that [strconv.ParseBool] takes for true disables the
// client, whatever config says. An empty variable counts as none. A value that
// is none of these, in lower case and without spaces, is a [ConfigError], which
// errors.As finds. Nothing else in this library reads the environment, except
// that net/http finds its proxy there, and that [RunCrashMonitorIfChild] and
// [Supervise] look for a mark of their own.
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
	if config.secret() == "" {
		config.SecretKey, config.PersonalApiKey = os.Getenv(EnvSecretKey), os.Getenv(EnvPersonalAPIKey)
	}
	if config.ErrorTracking.ReleaseID == "" {
		config.ErrorTracking.ReleaseID = os.Getenv(EnvReleaseID)
	}
	fallback(&config.Crash.Dir, os.Getenv(EnvCrashDir))
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

// takeMark returns a variable that tells a process of this program what another
// one started it for, and removes it, so that what this process starts does
// without.
func takeMark(name string) string {
	value := os.Getenv(name)
	if value != "" {
		_ = os.Unsetenv(name) // it was there
	}
	return value
}

// markedEnvironment is the environment with such a variable, for a child.
func markedEnvironment(name, value string) []string { return append(os.Environ(), name+"="+value) }
