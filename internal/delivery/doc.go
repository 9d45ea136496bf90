// Package delivery moves records from a queue to PostHog: when to send, how
// much at once, what to do about each answer, and how to stop.
//
// The unit is the [Lane]: one queue, one endpoint, one pump goroutine, a fixed
// number of sender goroutines, and, if anyone listens, one notifier goroutine.
// They start with the first record and end with Close. The pump alone owns
// batches, timers, retries and pauses, so none of that needs a lock; senders
// own one request at a time; the notifier alone calls the application back.
// Nothing sleeps inside a batch: a batch that waits for its next attempt is an
// entry in the pump's list.
//
// Lanes of a [Crew] have no goroutines of their own: one pilot takes the
// decisions of all their pumps, and they share senders and a notifier.
//
// The package knows statuses and bytes. It does not know what an event is.
package delivery
