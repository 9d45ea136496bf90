package main

import (
	"fmt"
	"runtime"
	"time"

	"github.com/hedgerow/posthog"
)

// reported reports errors from far down a stack, and waits until they were sent. It returns the time and the allocations of
// the first part; the errors are made before it.
func (b *bench) reported(r reporter, count int) (time.Duration, runtime.MemStats, error) {
	var took time.Duration
	var before, after runtime.MemStats
	errs := failures(count)
	err := atDepth(func() error {
		runtime.ReadMemStats(&before)
		start := time.Now()
		for i, failure := range errs {
			if err := r.Report(i, failure); err != nil {
				return err
			}
		}
		took = time.Since(start)
		runtime.ReadMemStats(&after)
		return nil
	})
	if err != nil {
		return took, after, fmt.Errorf("report: %w", err)
	}
	after.Mallocs -= before.Mallocs
	after.TotalAlloc -= before.TotalAlloc
	return took, after, r.Flush(b.ctx)
}

// A reportResult is the cost of one report.
type reportResult struct {
	askResult
	Quiet float64 // nanoseconds while nothing is being sent
}

// reporting measures one way of reporting errors: the time in bursts, and the rest in quiet ones. It fails unless every
// error arrives, whole as far as one can tell by those of one request.
func (b *bench) reporting(p path) (reportResult, error) {
	var result reportResult
	r, kept, err := p.open(b.ctx)
	if err != nil {
		return result, err
	}
	defer kept.Stop() //nolint:errcheck // what arrived is all that counts

	// The first burst connects, and looks at each place of the program.
	if _, _, err := b.reported(r, b.size.reports); err != nil {
		return result, err
	}
	runtime.GC()
	var elapsed time.Duration
	for range b.size.bursts {
		took, _, err := b.reported(r, b.size.reports)
		if err != nil {
			return result, err
		}
		elapsed += took
	}
	if _, err := kept.Sample(b.ctx); err != nil {
		return result, err
	}
	var quiet, allocations, bytes series
	for range quietBursts {
		took, memory, err := b.reported(r, quietReports)
		if err != nil {
			return result, err
		}
		quiet = append(quiet, float64(took.Nanoseconds())/quietReports)
		allocations = append(allocations, float64(memory.Mallocs)/quietReports)
		bytes = append(bytes, float64(memory.TotalAlloc)/quietReports)
	}
	if err := b.arrived(p, r, kept, (b.size.bursts+1)*b.size.reports+quietBursts*quietReports); err != nil {
		return result, err
	}
	result.Nanoseconds = float64(elapsed.Nanoseconds()) / float64(b.size.bursts*b.size.reports)
	result.Quiet, result.Allocations, result.Bytes = quiet.Median(), allocations.Median(), bytes.Median()
	return result, nil
}

// quietReports are the errors of a quiet burst, too few for anything to be sent: an exception is larger than other events.
const quietReports = 20

// arrived closes a reporter and checks what arrived.
func (b *bench) arrived(p path, r reporter, kept archive, count int) error {
	if err := r.Close(b.ctx); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	t, err := kept.Tally(b.ctx)
	if err != nil {
		return err
	}
	if err := t.complete(p, count); err != nil {
		return err
	}
	sample, err := kept.Sample(b.ctx)
	if err != nil {
		return err
	}
	if len(sample) == 0 {
		return fmt.Errorf("%s: none of the last %d exceptions can be seen", p.name, quietReports)
	}
	for _, i := range sample {
		if err := i.complete(p.title, p.chain); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// repeating measures the second capture of an error, which is not sent. It fails unless exactly these are counted as
// duplicates, and the first ones arrive.
func (b *bench) repeating(again func(r ourReporter, i int, err error) error) (askResult, error) {
	var result askResult
	opened, kept, err := ourCapture.open(b.ctx)
	if err != nil {
		return result, err
	}
	defer kept.Stop() //nolint:errcheck // its tally is all that counts
	r := opened.(ourReporter)
	for range b.size.bursts {
		errs := failures(b.size.reports)
		for i, failure := range errs {
			if err := r.Report(i, failure); err != nil {
				return result, err
			}
		}
		if err := r.Flush(b.ctx); err != nil {
			return result, err
		}
		cost, err := atDepthTimes(len(errs), func(i int) error { return again(r, i, errs[i]) })
		if err != nil {
			return result, err
		}
		result.Nanoseconds += cost.Nanoseconds / float64(b.size.bursts)
		result.Allocations += cost.Allocations / float64(b.size.bursts)
		result.Bytes += cost.Bytes / float64(b.size.bursts)
	}
	want := b.size.bursts * b.size.reports
	if got := r.Stats().DroppedBy[posthog.OutcomeDuplicate]; got != uint64(want) {
		return result, fmt.Errorf("%d of %d errors that were captured again are duplicates", got, want)
	}
	if err := r.Close(b.ctx); err != nil {
		return result, err
	}
	t, err := kept.Tally(b.ctx)
	if err != nil {
		return result, err
	}
	return result, t.complete(ourCapture, want)
}

// atDepthTimes measures a call from far down a stack, with the number of each.
func atDepthTimes(times int, call func(i int) error) (askResult, error) {
	var took time.Duration
	var before, after runtime.MemStats
	err := atDepth(func() error {
		runtime.ReadMemStats(&before)
		start := time.Now()
		for i := range times {
			if err := call(i); err != nil {
				return err
			}
		}
		took = time.Since(start)
		runtime.ReadMemStats(&after)
		return nil
	})
	n := float64(times)
	return askResult{
		Nanoseconds: float64(took.Nanoseconds()) / n,
		Allocations: float64(after.Mallocs-before.Mallocs) / n,
		Bytes:       float64(after.TotalAlloc-before.TotalAlloc) / n,
	}, err
}

// exceptions measures what it costs to report an error, with three libraries.
func (b *bench) exceptions() error {
	b.sayf("exceptions")
	captured, err := b.inAllTurns(b.reporting, ourCapture, theirCapture, sentryCapture)
	if err != nil {
		return err
	}
	logged, err := b.inAllTurns(b.reporting, ourSlog, theirSlog)
	if err != nil {
		return err
	}
	bare, full, err := inTurns(b.size.rounds, ourReporter.AgainBare, ourReporter.Again, b.repeating)
	if err != nil {
		return err
	}
	stacks, err := b.stacks()
	if err != nil {
		return err
	}
	b.addReports(groupExceptions, "CaptureException", captured[0], captured[1])
	b.addReports(groupExceptions, "an error that is logged", logged[0], logged[1])
	suppressed, taken := goal{Text: "300 ns", Below: 300}, goal{Text: "5 us", Below: 5_000}
	b.addCalls(groupExceptions, "an error captured before", suppressed, bare, nil)
	b.addCalls(groupExceptions, "an error captured before, with options", suppressed, full, nil)
	b.addCalls(groupExceptions, "the stack alone", taken, stacks[0], nil)
	b.addCalls(groupExceptions, "GetStackTrace", goal{}, stacks[1], stacks[2])
	b.addReports(groupSentry, "CaptureException", captured[0], captured[2])
	b.addCalls(groupSentry, "the stack alone", taken, stacks[0], stacks[3])
	return nil
}

// inAllTurns measures several ways in turn, and returns the results of each.
func (b *bench) inAllTurns(measure func(path) (reportResult, error), paths ...path) ([][]reportResult, error) {
	results := make([][]reportResult, len(paths))
	for range b.size.rounds {
		for i, p := range paths {
			cost, err := measure(p)
			if err != nil {
				return nil, err
			}
			results[i] = append(results[i], cost)
		}
	}
	return results, nil
}

// addReports turns measurements of one way of reporting into figures.
func (b *bench) addReports(group, title string, ours, theirs []reportResult) {
	quiet := func(r reportResult) float64 { return r.Quiet }
	calls := func(of []reportResult) []askResult {
		list := make([]askResult, len(of))
		for i := range of {
			list[i] = of[i].askResult
		}
		return list
	}
	b.addCalls(group, title, goal{}, calls(ours), calls(theirs))
	b.add(figure{Group: group, Name: title + ": nothing being sent", Unit: "ns", Ours: seriesOf(ours, quiet), Theirs: seriesOf(theirs, quiet)})
}

// addCalls turns measurements of one call into figures.
func (b *bench) addCalls(group, title string, fast goal, ours, theirs []askResult) {
	add := func(name, unit string, places int, target goal, of func(askResult) float64) {
		b.add(figure{Group: group, Name: title + name, Unit: unit, Places: places, Goal: target, Ours: seriesOf(ours, of), Theirs: seriesOf(theirs, of)})
	}
	add("", "ns", 0, fast, func(r askResult) float64 { return r.Nanoseconds })
	add(": allocations", "", 2, goal{}, func(r askResult) float64 { return r.Allocations })
	add(": memory", "bytes", 0, goal{}, func(r askResult) float64 { return r.Bytes })
}
