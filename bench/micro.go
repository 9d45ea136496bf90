package main

import (
	"fmt"
	"runtime"
	"time"
)

// A microResult is the cost of one accepted event to the process that enqueues it.
type microResult struct {
	Nanoseconds float64 // from the first call of a burst to the return of its last, divided by its events
	Allocations float64 // of the whole process while the burst lasted, senders included
	Bytes       float64
	InCall      float64 // allocations while nothing was being sent
}

// micro measures Enqueue with the library's defaults but without compression, in this process. Events come in bursts small enough for every
// queue, each drained outside of the timer, so that nothing is refused and nothing refused can pass for speed. The maps
// are made beforehand. It fails unless exactly the enqueued events arrive.
func (b *bench) micro(library contender, s shape, producers int) (microResult, error) {
	var r microResult
	server, err := startSink(b.ctx)
	if err != nil {
		return r, err
	}
	defer server.Stop() //nolint:errcheck // its tally is all that counts
	c, err := library.Open(settings{URL: server.URL})
	if err != nil {
		return r, err
	}
	properties := prebuilt(s)
	if _, _, err := b.burst(c, producers, b.size.burst, properties); err != nil { // connects, and fills pools
		return r, err
	}
	runtime.GC()
	var elapsed time.Duration
	var allocated runtime.MemStats
	for range b.size.bursts {
		took, memory, err := b.burst(c, producers, b.size.burst, properties)
		if err != nil {
			return r, err
		}
		elapsed += took
		allocated.Mallocs += memory.Mallocs
		allocated.TotalAlloc += memory.TotalAlloc
	}
	if r.InCall, err = b.quiet(c, properties); err != nil {
		return r, err
	}
	if err := c.Close(b.ctx); err != nil {
		return r, fmt.Errorf("close: %w", err)
	}
	t, err := server.Tally(b.ctx)
	if err != nil {
		return r, err
	}
	if err := t.complete(library, (b.size.bursts+1)*b.size.burst+quietBursts*quietEvents); err != nil {
		return r, err
	}
	events := float64(b.size.bursts * b.size.burst)
	r.Nanoseconds = float64(elapsed.Nanoseconds()) / events
	r.Allocations = float64(allocated.Mallocs) / events
	r.Bytes = float64(allocated.TotalAlloc) / events
	return r, nil
}

// A quiet burst is too small to fill a batch in either library, so that nothing is sent before the flush.
const (
	quietBursts = 21
	quietEvents = 50
)

// quiet returns the allocations of a call in the middle one of some quiet bursts.
func (b *bench) quiet(c client, properties func(int) map[string]any) (float64, error) {
	var s series
	for range quietBursts {
		_, memory, err := b.burst(c, 1, quietEvents, properties)
		if err != nil {
			return 0, err
		}
		s = append(s, float64(memory.Mallocs)/quietEvents)
	}
	return s.Median(), nil
}

// burst enqueues one burst and waits until it was sent. It returns the time and the allocations of the first part.
func (b *bench) burst(c client, producers, events int, properties func(int) map[string]any) (time.Duration, runtime.MemStats, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	refusals, err := produce(c, producers, events, properties)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	after.Mallocs -= before.Mallocs
	after.TotalAlloc -= before.TotalAlloc
	switch {
	case err != nil:
		return took, after, err
	case refusals > 0:
		return took, after, fmt.Errorf("%d events of a burst of %d were refused", refusals, events)
	}
	if err := c.Flush(b.ctx); err != nil {
		return took, after, fmt.Errorf("flush: %w", err)
	}
	return took, after, nil
}

// micros measures Enqueue with every shape of event, from one goroutine and from several.
func (b *bench) micros() error {
	for _, s := range shapes {
		for _, producers := range []int{1, 8} {
			title := fmt.Sprintf("%s, %s", s.Name, goroutineCount(producers))
			b.sayf("Enqueue: %s", title)
			ours, theirs, err := alternate(b.size.rounds, func(c contender) (microResult, error) {
				return b.micro(c, s, producers)
			})
			if err != nil {
				return err
			}
			b.addMicros(title, s.Name == "small5" && producers == 1, ours, theirs)
		}
	}
	return nil
}

// addMicros turns measurements of Enqueue into figures. The goals are set for one of the workloads.
func (b *bench) addMicros(title string, goals bool, ours, theirs []microResult) {
	var fast, spare goal
	if goals {
		fast = goal{Text: "1/8", Ratio: 1.0 / 8}
		spare = goal{Text: "none", Below: 0.01}
	}
	add := func(name, unit string, places int, target goal, of func(microResult) float64) {
		b.add(figure{
			Group: groupMicro, Name: title + name, Unit: unit, Places: places, Goal: target,
			Ours: seriesOf(ours, of), Theirs: seriesOf(theirs, of),
		})
	}
	add("", "ns", 0, fast, func(r microResult) float64 { return r.Nanoseconds })
	add(": allocations of a call", "", 2, spare, func(r microResult) float64 { return r.InCall })
	add(": allocations, sending included", "per event", 2, goal{}, func(r microResult) float64 { return r.Allocations })
	add(": memory, sending included", "bytes per event", 0, goal{}, func(r microResult) float64 { return r.Bytes })
}

// goroutineCount says how many goroutines call.
func goroutineCount(n int) string {
	if n == 1 {
		return "1 goroutine"
	}
	return fmt.Sprintf("%d goroutines", n)
}
