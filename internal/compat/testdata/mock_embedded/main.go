// Command mock_embedded tests itself with a client that embeds the interface.
package main

import (
	"fmt"

	"github.com/posthog/posthog-go"
)

// recorder overrides the methods that the code under test calls.
type recorder struct {
	posthog.Client
	messages []posthog.Message
}

func (r *recorder) Enqueue(message posthog.Message) error {
	r.messages = append(r.messages, message)
	return message.Validate()
}

func (r *recorder) IsFeatureEnabled(flag posthog.FeatureFlagPayload) (interface{}, error) {
	return flag.Key == "new-checkout", nil
}

func checkout(client posthog.Client, user string) error {
	enabled, err := client.IsFeatureEnabled(posthog.FeatureFlagPayload{Key: "new-checkout", DistinctId: user})
	if err != nil {
		return err
	}
	return client.Enqueue(posthog.Capture{DistinctId: user, Event: "checkout", Properties: posthog.Properties{"new": enabled}})
}

func main() {
	mock := &recorder{}
	fmt.Println(checkout(mock, "u_1"), checkout(mock, "") != nil)
	for _, message := range mock.messages {
		if capture, ok := message.(posthog.Capture); ok {
			fmt.Printf("%s %q %v\n", capture.Event, capture.DistinctId, capture.Properties["new"])
		}
	}
}
