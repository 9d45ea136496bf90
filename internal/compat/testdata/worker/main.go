// Command worker reports from many goroutines and closes with a deadline.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST"), BatchSize: 3})
	if err != nil {
		log.Fatal(err)
	}
	jobs := make(chan int)
	var workers sync.WaitGroup
	for w := 0; w < 4; w++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for id := range jobs {
				if err := client.Enqueue(posthog.Capture{DistinctId: fmt.Sprint("u_", id), Event: "job done", Properties: posthog.Properties{"id": id}}); err != nil {
					log.Print(err)
				}
			}
		}()
	}
	for id := 0; id < 12; id++ {
		jobs <- id
	}
	close(jobs)
	workers.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println(client.CloseWithContext(ctx))
}
