// Command mistakes tells mistakes apart by their errors.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

func main() {
	_, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Interval: -time.Second})
	var config posthog.ConfigError
	fmt.Println(errors.As(err, &config), config.Field)

	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		panic(err)
	}
	for _, message := range []posthog.Message{
		posthog.Capture{Event: "nobody"},
		posthog.Capture{DistinctId: "u_1"},
		posthog.Alias{DistinctId: "u_1"},
		posthog.GroupIdentify{Type: "company"},
	} {
		var field posthog.FieldError
		fmt.Println(errors.As(client.Enqueue(message), &field), field.Name)
	}
	fmt.Println(client.Close(), errors.Is(client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "late"}), posthog.ErrClosed))
}
