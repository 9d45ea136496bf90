package posthog

import "sync/atomic"

var defaultClient atomic.Pointer[ServerClient]

// SetDefault makes client the one that [Default] returns. It does not close
// the one before it.
func SetDefault(client *ServerClient) { defaultClient.Store(client) }

// Default returns the client of the latest SetDefault, or nil, on which every
// method does nothing. So code far from main can call
//
//	posthog.Default().Enqueue(…)
//
// in a program that uses PostHog and in one that does not.
func Default() *ServerClient { return defaultClient.Load() }
