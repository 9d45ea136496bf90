package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrClosed says that a call was given up, or not made, because of [Client.Close].
var ErrClosed = errors.New("client for feature flags is closed")

// calls are those that are on their way, so that Close can end them.
type calls struct {
	mu     sync.Mutex // guards what follows
	closed bool
	going  map[*context.CancelCauseFunc]struct{}
}

// Close gives up the calls that are on their way, and waits for their goroutines until ctx ends; the error then is that
// of ctx. Further calls fail with [ErrClosed]. It may be called again.
func (c *Client) Close(ctx context.Context) error {
	c.calls.close()
	if err := c.attempts.Close(ctx); err != nil {
		return fmt.Errorf("a request for feature flags does not end: %w", err)
	}
	return nil
}

// close ends all calls.
func (c *calls) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for cancel := range c.going {
		(*cancel)(ErrClosed)
	}
}

// begin returns the context for a call, which ends with ctx and with close. It is not ok after that. Otherwise, end
// must be called.
func (c *calls) begin(ctx context.Context) (limited context.Context, end func(), ok bool) {
	limited, cancel := context.WithCancelCause(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		cancel(ErrClosed)
		return nil, nil, false
	}
	if c.going == nil {
		c.going = make(map[*context.CancelCauseFunc]struct{})
	}
	c.going[&cancel] = struct{}{}
	return limited, func() {
		cancel(nil)
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.going, &cancel)
	}, true
}
