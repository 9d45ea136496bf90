package main

import (
	"fmt"
	"runtime/debug"

	"github.com/getsentry/sentry-go"
	rival "github.com/posthog/posthog-go"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/internal/stack" //nolint:depguard // a capture's own way to a stack has no public name
)

// stackTakers take the stack of their caller, and return how many frames it has. The first one does what a capture of this
// library does, the second one what it offers to others, and then come posthog-go and sentry-go.
func stackTakers() []func() int {
	info, _ := debug.ReadBuildInfo() // nil is good enough
	rules := stack.NewRules(info, stack.Options{})
	trace := new(stack.Trace)
	ours := posthog.DefaultStackTraceExtractor{}
	theirs := rival.DefaultStackTraceExtractor{InAppDecider: rival.SimpleInAppDecider}
	return []func() int{
		func() int {
			trace.Capture(0, 0)
			return len(rules.Frames(trace))
		},
		func() int { return len(ours.GetStackTrace(2).Frames) },
		func() int { return len(theirs.GetStackTrace(2).Frames) },
		func() int { return len(sentry.NewStacktrace().Frames) },
	}
}

// stacks measures every taker in turn, and returns the results of each.
func (b *bench) stacks() ([][]askResult, error) {
	takers := stackTakers()
	results := make([][]askResult, len(takers))
	for range b.size.rounds {
		for i, take := range takers {
			call := func(int) error {
				if depth := take(); depth < stackDepth {
					return fmt.Errorf("a stack of %d calls has %d frames", stackDepth, depth)
				}
				return nil
			}
			if _, err := atDepthTimes(10, call); err != nil { // looks at each place of the program
				return nil, err
			}
			cost, err := atDepthTimes(b.size.bursts*b.size.reports, call)
			if err != nil {
				return nil, err
			}
			results[i] = append(results[i], cost)
		}
	}
	return results, nil
}
