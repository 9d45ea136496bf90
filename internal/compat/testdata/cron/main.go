// Command cron is a command with flags and an exit code.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/posthog/posthog-go"
)

func backup(target string) error {
	if target == "" {
		return errors.New("no target")
	}
	return nil
}

func run() int {
	target := flag.String("target", "", "where to put the backup")
	job := flag.String("job", "nightly", "the name of the job")
	flag.Parse()
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		return 1
	}
	defer client.Close()
	problem := backup(*target)
	client.Enqueue(posthog.Capture{DistinctId: "cron", Event: "backup", Properties: posthog.NewProperties().Set("ok", problem == nil).Set("job", *job)})
	if problem != nil {
		fmt.Println("failed:", problem)
		return 3
	}
	return 0
}

func main() {
	os.Exit(run())
}
