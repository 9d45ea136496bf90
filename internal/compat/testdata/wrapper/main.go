// Command wrapper hides the client behind a type of its own, as most services do.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

// Analytics is what the rest of the service knows.
type Analytics struct {
	client  posthog.Client
	service string
}

// NewAnalytics returns analytics, which without a key does nothing.
func NewAnalytics(key, host, service string) (*Analytics, error) {
	if key == "" {
		return &Analytics{}, nil
	}
	client, err := posthog.NewWithConfig(key, posthog.Config{Endpoint: host, Interval: time.Second, BatchSize: 50})
	if err != nil {
		return nil, fmt.Errorf("start analytics: %w", err)
	}
	return &Analytics{client: client, service: service}, nil
}

// Track reports an event.
func (a *Analytics) Track(user, event string, properties map[string]any) error {
	if a.client == nil {
		return nil
	}
	all := posthog.NewProperties().Set("service", a.service).Merge(properties)
	return a.client.Enqueue(posthog.Capture{DistinctId: user, Event: event, Properties: all})
}

// Close sends what is queued.
func (a *Analytics) Close() error {
	if a.client == nil {
		return nil
	}
	return a.client.Close()
}

func main() {
	silent, _ := NewAnalytics("", "", "shop")
	analytics, err := NewAnalytics(os.Getenv("POSTHOG_API_KEY"), os.Getenv("POSTHOG_HOST"), "shop")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	err = errors.Join(
		silent.Track("u_1", "order paid", nil),
		analytics.Track("u_1", "order paid", map[string]any{"total": 12.5}),
		silent.Close(),
		analytics.Close(),
	)
	fmt.Println("done", err)
}
