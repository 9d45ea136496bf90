// Package evaluation answers questions about feature flags: locally first, and then, for what is left open, with at
// most one request.
//
// It owns the order of the sources and what is remembered between questions: overrides, which keys have no flag,
// and, where that is configured, the server's answers by identity and the last known answers for the time of an outage.
// Everything runs on the goroutine that asks, and ends with its context, except for what is the host's and may wait:
// answers are handed to a Fallback by one goroutine of the Engine's, which starts with the first such answer, and each
// reading of it has a goroutine of its own. Close joins them.
// It keeps nothing of a Request, sends no event, and never logs except through Config.Report.
package evaluation
