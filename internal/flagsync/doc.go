// Package flagsync keeps feature flag definitions up to date.
//
// A Loader owns one goroutine, "flag definitions", which is started by the first use and joined by Close. All
// loading happens on it, so that loads never overlap and no answer can overtake another. It publishes what it
// loaded as an immutable State behind one atomic pointer; readers take that pointer and nothing else: no lock, no
// wait, no clock. Three more goroutines exist for a while: "flag changes" while listeners are told of a change, and
// "flag definitions provider" and "flag definitions request" during a call of a Provider or a RoundTripper, because none
// of them may hold up the loading for longer than it has.
//
// The definitions come from PostHog, from a Provider that shares them between processes, from a file or from
// bytes. A load that fails never takes away what is loaded. The one exception is 402: the project has used up its
// quota, and everything is cleared.
//
// The package never evaluates a flag, never captures an event and never logs except through Config.Report.
package flagsync
