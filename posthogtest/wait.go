package posthogtest

import (
	"context"
	"errors"
	"fmt"
)

// errServerClosed ends waits for arrivals that can no longer happen.
var errServerClosed = errors.New("the server is closed")

// Wait returns nil once match reports true. It is asked at once, then after
// every arrival or answer, on the caller's goroutine and without locks, so it
// may call any method of s except Close. The error says how the wait ended:
// it wraps ctx's, or names the closed server.
func (s *Server) Wait(ctx context.Context, match func(s *Server) bool) error {
	return s.wait(ctx, "a match", func() bool { return match(s) })
}

// WaitEvents returns nil once at least n events have been accepted since the
// start or the last Reset, duplicates included.
func (s *Server) WaitEvents(ctx context.Context, n int) error {
	return s.wait(ctx, count(n, "event"), func() bool {
		events, _ := s.record.totals()
		return events >= n
	})
}

// WaitRequests returns nil once at least n ingestion requests have arrived
// since the start or the last Reset, answered or not.
func (s *Server) WaitRequests(ctx context.Context, n int) error {
	return s.wait(ctx, count(n, "request"), func() bool {
		_, requests := s.record.totals()
		return requests >= n
	})
}

func (s *Server) wait(ctx context.Context, goal string, reached func() bool) error {
	for {
		changed := s.record.changed()
		if reached() {
			return nil
		}
		var cause error
		select {
		case <-changed:
			continue
		case <-ctx.Done():
			cause = ctx.Err()
		case <-s.closed:
			cause = errServerClosed
		}
		events, requests := s.record.totals()
		return fmt.Errorf("posthogtest: waiting for %s: %s in %s so far: %w", goal, count(events, "event"), count(requests, "request"), cause)
	}
}
