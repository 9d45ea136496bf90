package posthog_test

import (
	"errors"
	"testing"

	"github.com/hedgerow/posthog"
)

// Any text is a URL that works, or an error of the configuration.
func FuzzFlagFallbackCacheURL(f *testing.F) {
	for _, text := range []string{
		"", "memory://local/?ttl=300&size=10000", "memory:", "redis://user:secret@example.com:6379/0?ttl=300", "memory://local/?ttl=-1",
		"memory://local/?ttl=9999999999999999999", "memory://local/?ttl", "%zz", "memory://local/?ttl=1&ttl=x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		client, err := posthog.NewWithConfig(testKey, posthog.Config{FlagFallbackCacheURL: text, Logger: silent{}})
		if err != nil {
			if invalid, ok := errors.AsType[posthog.ConfigError](err); !ok || invalid.Field != "FlagFallbackCacheURL" || client != nil {
				t.Errorf("%q: %v, want a ConfigError about the URL", text, err)
			}
			return
		}
		if err := client.Close(); err != nil {
			t.Errorf("%q: Close: %v", text, err)
		}
	})
}

// Any payload decodes, or is an error, and one that is no JSON is a string.
func FuzzPayloadAs(f *testing.F) {
	for _, text := range []string{`{"a":1}`, `[1,2]`, `"text"`, `text`, `"{\"a\":1}"`, `"\"{}\""`, ``, `null`, `1e999`, "\xff", `"\ud800"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		result := &posthog.FeatureFlagResult{Key: "on", RawPayload: &text}
		if got, err := posthog.PayloadAs[string](result, "on"); err != nil && got != "" {
			t.Errorf("%q: the string %q beside the error %v", text, got, err)
		}
		object, err := posthog.PayloadAs[map[string]any](result, "")
		if err != nil && object != nil {
			t.Errorf("%q: the object %v beside the error %v", text, object, err)
		}
		if _, err := posthog.PayloadAs[any](result, "other"); !errors.Is(err, posthog.ErrFlagNotFound) {
			t.Errorf("%q: the payload of another flag: %v, want ErrFlagNotFound", text, err)
		}
	})
}
