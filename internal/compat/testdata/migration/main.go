// Command migration imports old events under their own ids and times.
package main

import (
	"encoding/csv"
	"log"
	"os"
	"strings"
	"time"

	"github.com/posthog/posthog-go"
)

const history = `019a0000-0000-7000-8000-000000000001,u_1,2024-05-01T10:00:00Z
019a0000-0000-7000-8000-000000000002,u_2,2024-05-02T11:30:00+02:00
`

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:            os.Getenv("POSTHOG_HOST"),
		HistoricalMigration: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	rows, err := csv.NewReader(strings.NewReader(history)).ReadAll()
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range rows {
		at, err := time.Parse(time.RFC3339, row[2])
		if err != nil {
			log.Fatal(err)
		}
		client.Enqueue(posthog.Capture{Uuid: row[0], DistinctId: row[1], Event: "order imported", Timestamp: at})
	}
}
