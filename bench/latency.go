package main

import (
	"context"
	"errors"
	"slices"
	"time"
)

// percentiles are the durations of single Enqueue calls, in microseconds.
type percentiles struct{ P50, P99, P999, Max float64 }

// latency enqueues events at a steady pace and times each call. The queue has room for all of them, so that a call that
// did nothing but refuse is not among them. The client is not waited for at the end, because the server may never answer.
func (j job) latency(ctx context.Context, library contender) (outcome, error) {
	var o outcome
	c, err := library.Open(j.Settings)
	if err != nil {
		return o, err
	}
	properties := prebuilt(shapeNamed(j.Shape))
	took := make([]time.Duration, j.Events)
	next := time.Now()
	for i := range took {
		next = next.Add(j.Pause)
		time.Sleep(time.Until(next))
		start := time.Now()
		err := c.Enqueue(person(i), properties(i))
		took[i] = time.Since(start)
		if err != nil {
			return o, err
		}
	}
	o.Percentiles = percentilesOf(took)
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if err := c.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return o, err
	}
	return o, nil
}

// percentilesOf sorts the durations and picks from them.
func percentilesOf(took []time.Duration) percentiles {
	slices.Sort(took)
	at := func(share float64) float64 {
		i := min(int(share*float64(len(took))), len(took)-1)
		return float64(took[i].Nanoseconds()) / 1e3
	}
	return percentiles{at(0.50), at(0.99), at(0.999), at(1)}
}

// paced measures single calls of one library in a process of its own, with a server that gets the arguments.
func (b *bench) paced(library contender, args ...string) (percentiles, error) {
	s, err := startSink(b.ctx, args...)
	if err != nil {
		return percentiles{}, err
	}
	defer s.Stop() //nolint:errcheck // nothing was asked of it
	o, err := runChild(b.ctx, job{
		Kind: jobLatency, Library: library.Name(), Shape: "small5", Events: b.size.paced, Pause: 200 * time.Microsecond,
		Settings: settings{URL: s.URL, QueueSize: 2 * b.size.paced},
	})
	return o.Percentiles, err
}

// latencies measures single calls with a healthy server, and with one that accepts connections and never answers.
func (b *bench) latencies() error {
	for _, hang := range []bool{false, true} {
		title, args := "server healthy", []string{}
		if hang {
			title, args = "server hanging", []string{hangArgument}
		}
		b.sayf("Enqueue latency: %s", title)
		ours, theirs, err := alternate(b.size.rounds, func(c contender) (percentiles, error) {
			return b.paced(c, args...)
		})
		if err != nil {
			return err
		}
		b.addLatencies(groupLatency, title, hang, ours, theirs)
	}
	return nil
}

// addLatencies turns percentiles into figures.
func (b *bench) addLatencies(group, title string, hang bool, ours, theirs []percentiles) {
	add := func(name string, target goal, of func(percentiles) float64) {
		b.add(figure{
			Group: group, Name: title + ": " + name, Unit: "us", Places: 2, Goal: target,
			Ours: seriesOf(ours, of), Theirs: seriesOf(theirs, of),
		})
	}
	var tail goal
	if hang {
		tail = goal{Text: "< 50 us", Below: 50}
	}
	add("p50", goal{}, func(p percentiles) float64 { return p.P50 })
	add("p99", goal{}, func(p percentiles) float64 { return p.P99 })
	add("p99.9", tail, func(p percentiles) float64 { return p.P999 })
	add("longest", goal{}, func(p percentiles) float64 { return p.Max })
}
