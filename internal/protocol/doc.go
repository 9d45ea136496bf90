// Package protocol knows PostHog's endpoints for events: the address and the
// headers of a request, the body made of records, and what the answers mean.
//
// A [Batch] is taken or refused whole; [Analytics] answers for each event. Both
// are made of the same records, so a lane can turn from one to the other at any
// time.
//
// It starts no goroutine, sends nothing and keeps no state: everything runs on
// the goroutine of the sender that asks.
package protocol
