// Command before_send removes what must not leave, and drops what nobody wants.
package main

import (
	"os"
	"strings"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint: os.Getenv("POSTHOG_HOST"),
		BeforeSend: func(message posthog.Message) posthog.Message {
			switch m := message.(type) {
			case posthog.Capture:
				if strings.HasPrefix(m.Event, "debug") {
					return nil
				}
				delete(m.Properties, "email")
				m.Properties["checked"] = true
				return m
			default:
				return message
			}
		},
	})
	if err != nil {
		panic(err)
	}
	defer client.Close()
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "debug tick", Properties: posthog.Properties{"n": 1}})
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "sign in", Properties: posthog.Properties{"email": "ada@example.com"}})
	client.Enqueue(posthog.Identify{DistinctId: "u_1", Properties: posthog.Properties{"name": "Ada"}})
}
