package posthog_test

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"

	"github.com/hedgerow/posthog"
)

// quiet is a Logger that says nothing.
var quiet = posthog.SlogLogger(slog.New(slog.DiscardHandler))

// Hooks see every event complete, before it is encoded. The first one here
// drops what a health check causes, the second takes out what must not leave
// the house.
func ExampleHook() {
	drop := func(e *posthog.Event) *posthog.Event {
		if e.Properties["$current_url"] == "/healthz" {
			return nil
		}
		return e
	}
	redact := func(e *posthog.Event) *posthog.Event {
		delete(e.Properties, "password")
		if email, ok := e.Properties["email"].(string); ok {
			sum := sha256.Sum256([]byte(strings.ToLower(email)))
			e.Properties["email"] = hex.EncodeToString(sum[:4])
		}
		return e
	}
	client, server, end := sandbox(posthog.Config{Hooks: []posthog.Hook{drop, redact}})
	defer end()

	check(client.Enqueue(posthog.Capture{
		DistinctId: "u_42", Event: "logged in",
		Properties: posthog.Properties{"email": "ada@example.com", "password": "hunter2"},
	}))
	check(client.Enqueue(posthog.Capture{
		DistinctId: "probe", Event: "$pageview",
		Properties: posthog.Properties{"$current_url": "/healthz"},
	}))

	check(client.Close())
	show(server)
	// Output:
	// logged in by u_42, email=b5fc85e5
}

// BeforeSend is the hook of posthog-go. It sees the message instead of the
// event.
func ExampleBeforeSendFunc() {
	client, server, end := sandbox(posthog.Config{
		BeforeSend: func(msg posthog.Message) posthog.Message {
			if m, ok := msg.(posthog.Capture); ok {
				delete(m.Properties, "password")
				return m
			}
			return msg
		},
	})
	defer end()

	check(client.Enqueue(posthog.Capture{
		DistinctId: "u_42", Event: "logged in", Properties: posthog.Properties{"password": "hunter2", "method": "form"},
	}))

	check(client.Close())
	show(server)
	// Output:
	// logged in by u_42, method=form
}
