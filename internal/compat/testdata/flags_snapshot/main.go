// Command flags_snapshot asks once, branches, and attaches what it saw to its events.
package main

import (
	"fmt"
	"log"
	"os"
	"sort"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	flags, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{
		DistinctId:       "u_1",
		PersonProperties: posthog.NewProperties().Set("plan", "free"),
		FlagKeys:         []string{"on", "off", "colour"},
	})
	if err != nil {
		log.Fatal(err)
	}
	keys := flags.Keys()
	sort.Strings(keys)
	fmt.Println(keys, flags.IsEnabled("on"), flags.GetFlag("colour"), flags.GetFlagPayload("colour"))
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "all", Flags: flags})
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "accessed", Flags: flags.OnlyAccessed()})
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "one", Flags: flags.Only([]string{"on"})})
}
