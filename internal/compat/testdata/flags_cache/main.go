// Command flags_cache shares the definitions through a cache of its own.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sync"

	"github.com/posthog/posthog-go"
)

// memory implements posthog.FlagDefinitionCacheProvider.
type memory struct {
	mu       sync.Mutex
	data     json.RawMessage
	received int
	shutdown int
}

func (m *memory) GetFlagDefinitions(context.Context) (json.RawMessage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data, nil
}

func (m *memory) ShouldFetchFlagDefinitions(context.Context) (bool, error) { return true, nil }

func (m *memory) OnFlagDefinitionsReceived(_ context.Context, data json.RawMessage) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data = append(json.RawMessage(nil), data...)
	m.received++
	return nil
}

func (m *memory) Shutdown(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shutdown++
	return nil
}

func main() {
	cache := &memory{}
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint:                    os.Getenv("POSTHOG_HOST"),
		SecretKey:                   os.Getenv("POSTHOG_SECRET_KEY"),
		FlagDefinitionCacheProvider: cache,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := client.ReloadFeatureFlags(); err != nil {
		log.Fatal(err)
	}
	value, err := client.GetFeatureFlag(posthog.FeatureFlagPayload{Key: "colour", DistinctId: "u_1", SendFeatureFlagEvents: posthog.Ptr(false)})
	fmt.Println(value, err)
	client.Close()
	fmt.Println(cache.received > 0, json.Valid(cache.data), cache.shutdown)
}
