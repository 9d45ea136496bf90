// Command exception reports an error in one line.
package main

import (
	"errors"
	"log"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	problem := errors.New("card declined")
	client.Enqueue(posthog.NewDefaultException(time.Now(), "u_1", "PaymentError", problem.Error()))
}
