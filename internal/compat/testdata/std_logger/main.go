// Command std_logger uses a logger of package log.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	var text bytes.Buffer
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint: os.Getenv("POSTHOG_HOST"),
		Logger:   posthog.StdLogger(log.New(&text, "posthog ", log.LstdFlags), false),
	})
	if err != nil {
		log.Fatal(err)
	}
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "quiet"})
	client.Close()
	fmt.Println(text.Len())
}
