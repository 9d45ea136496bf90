// Package flags evaluates PostHog's feature flags where they are asked for, without a request: from the
// definitions that PostHog serves, it works out the answer that the server would give.
//
// A posthog.Client with a secret key fetches the definitions and asks this package by itself. This is for those who have
// a document: from GET /flags/definitions?token=<project token>&send_cohorts, from a cache, or from a file.
//
// [Parse] reads a definitions document, [Compile] makes a [Program] of it, and the program answers for one [Subject]
// after another:
//
//	definitions, err := flags.Parse(document)
//	if err != nil {
//		return err
//	}
//	program := flags.Compile(definitions, flags.Options{})
//
//	result := program.Evaluate("new-checkout", &flags.Subject{
//		DistinctID:       "user-1",
//		PersonProperties: map[string]any{"plan": "pro"},
//	})
//	switch {
//	case result.Inconclusive != nil: // neither on nor off: result.Inconclusive says what is missing
//	case result.Enabled: // on, in result.Variant if it has variants, with result.Payload
//	}
//
// # Answers
//
// An answer is the server's, or it is inconclusive; it is never a guess. Result.Inconclusive is nil for a flag that is
// on or off for certain, and otherwise says what is missing: a property of the person that the caller did not
// give, a static cohort, an operator that this package does not know. The server can answer then, or a subject
// that says more. An inconclusive flag is not on, so a program that does not look loses nothing but the flag.
// docs/flags.md lists the rules.
//
// Conditions on groups need the group: its type, its key and what is known of its properties.
//
//	subject := &flags.Subject{
//		DistinctID: "user-1",
//		Groups: []flags.Group{{Type: "company", Key: "acme", Properties: map[string]any{"seats": 40}}},
//	}
//
// Relative dates, as in "registered less than 7d ago", need Subject.Now, because the package does not look at the
// clock.
//
// [Program.EvaluateAll] and [Program.EvaluateKeys] answer for many flags at once and look at what they have in
// common only once. [Program.Explain] tells, step by step, how an answer came about.
//
// # Definitions
//
// Documents come from a server that is newer than this package, or from somebody's cache. So a flag, a filter or a
// cohort that cannot be read costs no other: it has an Err, and whatever depends on it is inconclusive. All that was
// found is in [Program.Problems], each with the path to the place, which makes a check of a document before it is
// published:
//
//	for _, problem := range program.Problems() {
//		fmt.Println(problem) // flag "new-checkout": filters.groups[0].rollout_percentage is a string, want a number
//	}
//
// What is inconclusive for a subject with [Subject.Complete], who has every identifier and no property, is for the
// server to answer; so is a flag with experience continuity, unless the subject has its [Subject.HashIDs].
//
// [Definitions] is also a view of the document for those who only want to read it: [Definitions.Flag] finds a flag by
// its key, its Raw is the text it was made from, and [Definitions.JSON] is the whole document, unknown members and
// the literals of numbers untouched.
//
// # What it owns
//
// The package owns what a flag means, and nothing else: everything runs on the caller's goroutine, and there is
// no network, no file, no clock and no goroutine in it. A Program never changes; any number of goroutines may ask it,
// and whoever has newer definitions compiles another. It never panics, whatever the definitions and the properties
// are.
package flags
