// Command identify describes a person and joins two ids.
package main

import (
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	messages := []posthog.Message{
		posthog.Identify{DistinctId: "u_1", Properties: posthog.NewProperties().Set("email", "ada@example.com").Set("age", 36)},
		posthog.Alias{DistinctId: "u_1", Alias: "anonymous-7"},
		&posthog.Identify{DistinctId: "u_2", Properties: posthog.Properties{"email": "bob@example.com"}},
	}
	for _, message := range messages {
		if err := client.Enqueue(message); err != nil {
			log.Println(err)
			os.Exit(1)
		}
	}
}
