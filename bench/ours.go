package main

import (
	"context"
	"errors"

	"github.com/hedgerow/posthog"
)

// hedgerow is this repository's library.
type hedgerow struct{}

// Name implements contender.
func (hedgerow) Name() string { return "hedgerow" }

// Open implements contender.
func (hedgerow) Open(s settings) (client, error) {
	c, err := posthog.NewWithConfig(projectKey, s.config())
	if err != nil {
		return nil, err
	}
	return hedgerowClient{c}, nil
}

// config is the library's configuration.
func (s settings) config() posthog.Config {
	compression := posthog.CompressionNone
	if s.Gzip {
		compression = posthog.CompressionGzip
	}
	return posthog.Config{
		Endpoint:      s.URL,
		Compression:   compression,
		MaxQueueSize:  s.QueueSize,
		MaxQueueBytes: s.QueueBytes,
		Transport:     s.Transport,
	}
}

// hedgerowClient adapts the concrete client; calls through it stay direct.
type hedgerowClient struct{ c *posthog.ServerClient }

// Enqueue implements client.
func (h hedgerowClient) Enqueue(distinctID string, properties map[string]any) error {
	err := h.c.Enqueue(posthog.Capture{DistinctId: distinctID, Event: eventName, Properties: properties})
	if err != nil && errors.Is(err, posthog.ErrQueueFull) {
		return errFull
	}
	return err
}

// Flush implements client.
func (h hedgerowClient) Flush(ctx context.Context) error { return h.c.Flush(ctx) }

// Close implements client.
func (h hedgerowClient) Close(ctx context.Context) error { return h.c.CloseWithContext(ctx) }

// QueueBytes implements queueHolder.
func (h hedgerowClient) QueueBytes() int { return h.c.Stats().QueueBytes }
