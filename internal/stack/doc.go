// Package stack turns errors, recovered values and program counters into what PostHog's error tracking takes: a list
// of exceptions, each with its place in the tree of errors and its stack.
//
// The work is split in two, so that a caller pays for as little as possible. [Trace.Capture], [Walk] and [Recovered]
// run on the goroutine that met the error, because stacks and errors may be different a moment later; they read
// program counters and texts and look nothing up. [Rules.Exceptions] runs later, on any goroutine: it finds names,
// files and lines, decides which frames are the application's own, and reads source files if it was asked to.
//
// It keeps no error, starts no goroutine, writes nothing, and survives errors whose methods panic, unwrap to
// themselves or are ten thousand deep. It knows nothing of clients, events or the network.
package stack
