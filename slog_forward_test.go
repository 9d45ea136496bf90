package posthog_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/hedgerow/posthog"
)

// What is passed on is what the next handler would have had alone.
func TestForwardedRecordsPassSlogtest(t *testing.T) {
	t.Parallel()
	client, _ := open(t, posthog.Config{})
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return posthog.NewSlogCaptureHandler(slog.NewJSONHandler(&out, nil), client, posthog.WithMinCaptureLevel(slog.LevelInfo))
	}, func(t *testing.T) map[string]any {
		t.Helper()
		var record map[string]any
		if err := json.Unmarshal(out.Bytes(), &record); err != nil {
			t.Fatal(err)
		}
		return record
	})
}

// What is captured has its attributes where a handler has to put them, with
// dots for groups.
func TestCapturedRecordsPassSlogtest(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]posthog.SlogOption{
		"by default":                 nil,
		"with SlogAttrsAsProperties": {posthog.WithPropertiesFn(posthog.SlogAttrsAsProperties)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var record map[string]any
			slogtest.Run(t, func(*testing.T) slog.Handler {
				client := clientFunc(func(msg posthog.Message) error {
					record = unfolded(msg.(posthog.Exception))
					return nil
				})
				return posthog.NewSlogCaptureHandler(nil, client,
					append(opts, posthog.WithMinCaptureLevel(slog.LevelInfo))...)
			}, func(*testing.T) map[string]any { return record })
		})
	}
}

// unfolded returns an exception as the record that it was, with groups for keys
// with dots.
func unfolded(msg posthog.Exception) map[string]any {
	record := map[string]any{slog.LevelKey: msg.Level, slog.MessageKey: msg.ExceptionList[0].Value}
	if !msg.Timestamp.IsZero() {
		record[slog.TimeKey] = msg.Timestamp
	}
	for key, value := range msg.Properties {
		group := record
		for name, rest, found := strings.Cut(key, "."); found; name, rest, found = strings.Cut(key, ".") {
			inner, ok := group[name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				group[name] = inner
			}
			group, key = inner, rest
		}
		group[key] = value
	}
	return record
}
