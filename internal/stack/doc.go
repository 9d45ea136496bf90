// Package stack turns errors, recovered values and program counters into what PostHog's error tracking takes: a list
// of exceptions, each with its place in the tree of errors and its stack.
//
// The work has two halves. [Trace.Capture], [Walk] and [Recovered] run on the goroutine that met the error, because
// stacks and errors may be different a moment later; they read program counters and texts and look nothing up.
// [Rules.Exceptions] and [AppendExceptions] run on any goroutine, usually the same: they find names, files and lines,
// decide which frames are the application's own, and write JSON. A service raises errors in a limited number of places,
// so each program counter is looked up once, and its JSON is copied from then on.
//
// Source files are read only on demand, each on a goroutine of its own, which [Sources.Close] waits for: that is the only
// thing here that may take long, and nobody waits for it for long. Beyond that, the package starts no goroutine. It keeps
// no error, writes no file, and survives errors whose methods panic, unwrap to themselves or are ten thousand deep. It
// knows nothing of clients, events or the network.
package stack
