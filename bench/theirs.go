package main

import (
	"context"
	"errors"

	rival "github.com/posthog/posthog-go"
)

// posthogGo is PostHog's own library for Go.
type posthogGo struct{}

// Name implements contender.
func (posthogGo) Name() string { return "posthog-go" }

// Open implements contender.
func (posthogGo) Open(s settings) (client, error) {
	compression := rival.CompressionNone
	if s.Gzip {
		compression = rival.CompressionGzip
	}
	c, err := rival.NewWithConfig(projectKey, rival.Config{
		Endpoint:     s.URL,
		Compression:  compression,
		MaxQueueSize: s.QueueSize,
		Logger:       silent{},
	})
	if err != nil {
		return nil, err
	}
	return posthogGoClient{c}, nil
}

// posthogGoClient adapts a client of posthog-go.
type posthogGoClient struct{ c rival.Client }

// Enqueue implements client.
func (p posthogGoClient) Enqueue(distinctID string, properties map[string]any) error {
	err := p.c.Enqueue(rival.Capture{DistinctId: distinctID, Event: eventName, Properties: properties})
	if err != nil && errors.Is(err, rival.ErrQueueFull) {
		return errFull
	}
	return err
}

// Flush implements client.
func (p posthogGoClient) Flush(ctx context.Context) error { return p.c.FlushWithContext(ctx) }

// Close implements client.
func (p posthogGoClient) Close(ctx context.Context) error { return p.c.CloseWithContext(ctx) }

// silent drops what posthog-go would otherwise write to standard error, so that neither library pays for logging.
type silent struct{}

// Debugf implements posthog-go's Logger.
func (silent) Debugf(string, ...any) {}

// Logf implements posthog-go's Logger.
func (silent) Logf(string, ...any) {}

// Warnf implements posthog-go's Logger.
func (silent) Warnf(string, ...any) {}

// Errorf implements posthog-go's Logger.
func (silent) Errorf(string, ...any) {}
