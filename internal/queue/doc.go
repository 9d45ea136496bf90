// Package queue is the bounded FIFO that lies between the caller of Enqueue
// and delivery, and the ledger of what became of everything it accepted.
//
// Records are encoded bytes. They are copied into segments, fixed regions of
// memory handed out by an [Arena], and leave as views into those segments, so
// nothing is allocated for each record. The layout of a segment does not
// depend on where its memory comes from.
//
// The package starts no goroutine. Callers put records on their own goroutine
// and one consumer takes them; every method is safe for concurrent use. One
// short mutex guards the records and the ledger together, so at every instant
//
//	accepted = pending + delivered + unconfirmed + rejected + dropped
//
// A record goes through three calls. [Queue.Put] accepts it. [Queue.Take]
// hands it to the consumer, which frees its place in the count of queued
// records. [Queue.Finish] gives it the one outcome it ends in. Its memory
// stays readable until [Queue.Release], because a callback may still want to
// look at it.
package queue
