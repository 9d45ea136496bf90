package main

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// The headings of the report, in its order.
const (
	groupMicro   = "Enqueue"
	groupStream  = "End to end"
	groupLatency = "Latency of a single Enqueue"
	groupMemory  = "Memory when nothing can be sent"
	groupClose   = "Closing"
	groupSize    = "Size"
	groupSpool   = "With a spool"
	groupBacklog = "A spool full of events"

	groupAnalytics = "An answer for each event"
	groupZstd      = "zstd"
	groupIsolation = "Beside a large AI event"
	groupFlags     = "Feature flags"
	groupFlagCalls = "Feature flags through a client"

	groupExceptions = "Exceptions"
	groupSentry     = "Exceptions, beside sentry-go"
)

// groups lists the headings in order.
var groups = []string{groupMicro, groupStream, groupLatency, groupMemory, groupClose, groupSize, groupSpool, groupBacklog, groupAnalytics, groupZstd, groupIsolation, groupFlags, groupFlagCalls, groupExceptions, groupSentry}

// extent is how much is measured.
type extent struct {
	rounds   int // times that each library is measured, in turn
	burst    int // events of one burst; no queue may be too small for it
	bursts   int // bursts of one measurement of Enqueue
	streamed int // events sent end to end
	paced    int // events whose single calls are timed
	held     int // events offered while nothing can be sent
	bound    int // bytes of them that a library with such a limit may hold, less than they need
	closes   int // idle clients closed
	synced   int // events of each goroutine whose calls wait for the disk

	questions int // flags asked for, one by one
	delivered int // small events that are followed until they are confirmed
	reports   int // exceptions of one burst, small enough for every queue
}

// full is what the published figures are made of; brief merely shows that everything works.
var (
	full  = extent{rounds: 3, burst: 5_000, bursts: 20, streamed: 1_000_000, paced: 20_000, held: 1_000_000, bound: 256 << 20, closes: 21, synced: 2_000, delivered: 10_000, questions: 300_000, reports: 1_000}
	brief = extent{rounds: 1, burst: 2_000, bursts: 2, streamed: 20_000, paced: 500, held: 20_000, bound: 4 << 20, closes: 3, synced: 20, delivered: 300, questions: 3_000, reports: 200}
)

// bench is one run of the comparison. It is used from one goroutine.
type bench struct {
	ctx      context.Context //nolint:containedctx // the run is the context's lifetime
	size     extent
	progress io.Writer
	figures  []figure
	harness  float64 // processor seconds per million events that the harness needs by itself
}

// part is one of the measurements.
type part struct {
	name    string // what -only calls it
	measure func(*bench) error
}

// parts are all measurements, in the order in which they are taken.
var parts = []part{
	{"micro", (*bench).micros},
	{"e2e", (*bench).streams},
	{"latency", (*bench).latencies},
	{"memory", (*bench).memories},
	{"close", (*bench).closings},
	{"size", (*bench).sizes},
	{"spool", (*bench).spools},
	{"backlog", (*bench).backlogs},
	{"protocols", (*bench).protocols},
	{"isolation", (*bench).isolations},
	{"flags", (*bench).flagAnswers},
	{"flagcalls", (*bench).flagCalls},
	{"exceptions", (*bench).exceptions},
}

// run takes the named measurements, or all of them if none is named.
func (b *bench) run(only []string) error {
	for _, name := range only {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("no measurement is called %q", name)
		}
	}
	for _, p := range parts {
		if len(only) > 0 && !slices.Contains(only, p.name) {
			continue
		}
		if err := p.measure(b); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// add notes a figure for the report.
func (b *bench) add(f figure) { b.figures = append(b.figures, f) }

// sayf tells the person who waits what is going on.
func (b *bench) sayf(format string, args ...any) {
	fmt.Fprintf(b.progress, format+"\n", args...)
}

// alternate measures the two libraries in turn.
func alternate[T any](rounds int, measure func(contender) (T, error)) (ours, theirs []T, err error) {
	return inTurns(rounds, contender(hedgerow{}), contender(posthogGo{}), measure)
}

// inTurns measures two things in turn, so that whatever else the machine does falls on both.
func inTurns[S, T any](rounds int, first, second S, measure func(S) (T, error)) (firsts, seconds []T, err error) {
	for range rounds {
		a, err := measure(first)
		if err != nil {
			return nil, nil, err
		}
		b, err := measure(second)
		if err != nil {
			return nil, nil, err
		}
		firsts, seconds = append(firsts, a), append(seconds, b)
	}
	return firsts, seconds, nil
}
