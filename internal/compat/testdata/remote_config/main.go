// Command remote_config reads a remote configuration.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:  os.Getenv("POSTHOG_HOST"),
		SecretKey: os.Getenv("POSTHOG_SECRET_KEY"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	text, err := client.GetRemoteConfigPayload("theme")
	if err != nil {
		log.Fatal(err)
	}
	var theme struct{ Mode string }
	fmt.Println(json.Unmarshal([]byte(text), &theme), theme.Mode)
}
