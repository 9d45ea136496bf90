// Package wire turns records into the bytes PostHog's endpoints expect, and reads them back.
//
// It owns the JSON text of an event: strings, times, numbers, property maps, the event envelope and the
// batch around it. An event is encoded once, the way POST /batch/ wants it; AppendEventV1 rewrites these bytes
// for the analytics endpoint, and DecodeResults reads what that one answers. Everything appends to a buffer the
// caller brings, so ordinary events are encoded without allocating. What it appends is always valid JSON and valid
// UTF-8; a value JSON cannot carry is left out and reported as a [Loss], and never takes the rest of the event with
// it.
//
// The package runs on whatever goroutine calls it, starts none, and keeps nothing of the caller's: no map,
// slice or string of a property is referenced after a call returns, except key names inside a Loss. It never
// opens a connection, reads a clock, or lets a panic of a caller's MarshalJSON, MarshalText or Error method out.
package wire
