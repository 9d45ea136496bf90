package main

import (
	"context"
	"runtime/debug"
	"time"
)

// queueHolder is a client that says how many bytes its queue holds.
type queueHolder interface{ QueueBytes() int }

// memory offers a job's events while the server takes connections and never answers, and measures what the process
// holds when all of them are accepted or refused. Where the library has a limit in bytes it is less than the events
// need, so that the library has to refuse some, and the limit and not the load decides what the process holds.
func (j job) memory(ctx context.Context, library contender) (outcome, error) {
	var o outcome
	debug.FreeOSMemory()
	before, err := processMemory("VmRSS")
	if err != nil {
		return o, err
	}
	watch := watchGoroutines(ctx)
	c, err := library.Open(j.Settings)
	if err != nil {
		return o, err
	}
	if o.Refusals, err = offer(c, j.Events, shapeNamed(j.Shape).Build); err != nil {
		return o, err
	}
	if o.PeakRSS, err = processMemory("VmHWM"); err != nil {
		return o, err
	}
	debug.FreeOSMemory() // what a collection frees is not held
	if o.RSS, err = processMemory("VmRSS"); err != nil {
		return o, err
	}
	o.GrownRSS = o.RSS - before
	if h, ok := c.(queueHolder); ok {
		o.QueueBytes = h.QueueBytes()
	}
	o.Goroutines = watch()
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	c.Close(ctx) //nolint:errcheck // it says that events are left, which is the point
	return o, nil
}

// A memoryResult is an outcome together with what the server saw.
type memoryResult struct {
	outcome
	tally
}

// memories measures what it costs to hold events that cannot be sent.
func (b *bench) memories() error {
	b.sayf("memory with a hanging server")
	ours, theirs, err := alternate(b.size.rounds, func(c contender) (memoryResult, error) {
		var r memoryResult
		s, err := startSink(b.ctx, hangArgument)
		if err != nil {
			return r, err
		}
		defer s.Stop() //nolint:errcheck // its tally is all that counts
		r.outcome, err = runChild(b.ctx, job{
			Kind: jobMemory, Library: c.Name(), Shape: "small5", Events: b.size.held,
			Settings: settings{URL: s.URL, QueueSize: b.size.held + 1<<16, QueueBytes: b.size.bound},
		})
		if err != nil {
			return r, err
		}
		r.tally, err = s.Tally(b.ctx)
		return r, err
	})
	if err != nil {
		return err
	}
	add := func(name, unit string, target goal, of func(memoryResult) float64) {
		b.add(figure{
			Group: groupMemory, Name: name, Unit: unit, Goal: target,
			Ours: seriesOf(ours, of), Theirs: seriesOf(theirs, of),
		})
	}
	most := float64(b.size.bound) / (1 << 20) * 1.1
	add("memory of the process", "MiB", goal{Text: "< " + number(most, 0) + " MiB", Below: most},
		func(r memoryResult) float64 { return float64(r.RSS) / (1 << 20) })
	add("with garbage not yet collected, peak", "MiB", goal{}, func(r memoryResult) float64 { return float64(r.PeakRSS) / (1 << 20) })
	add("growth since the client was opened", "MiB", goal{}, func(r memoryResult) float64 { return float64(r.GrownRSS) / (1 << 20) })
	add("events refused for lack of room", "", goal{}, func(r memoryResult) float64 { return float64(r.Refusals) })
	add("bytes the queue says it holds", "MiB", goal{}, func(r memoryResult) float64 { return float64(r.QueueBytes) / (1 << 20) })
	add("goroutines at most", "", goal{}, func(r memoryResult) float64 { return float64(r.Goroutines) })
	add("connections open at most", "", goal{}, func(r memoryResult) float64 { return float64(r.PeakOpen) })
	return nil
}
