// Package reference is a second opinion on feature flags: an evaluator that is written for the reader alone. It works
// on the decoded JSON, looks everything up again in every call, compiles nothing, remembers nothing and shares no line
// with the evaluator of package flags. Where both agree on a million generated cases, both have read the rules the
// same way. It also generates those cases, see [Generate].
//
// It is slow by intent and imported by tests only. It starts no goroutine, reads no clock and keeps no state; its
// functions may be called from any number of goroutines.
package reference
