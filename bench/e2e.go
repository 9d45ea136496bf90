package main

import (
	"context"
	"fmt"
)

// stream enqueues a job's events as fast as the library takes them, closes the client, and measures until then. It loses
// nothing: an event that finds the queue full is offered again. Each event gets properties of its own, as in a service.
func (j job) stream(ctx context.Context, library contender) (outcome, error) {
	var o outcome
	watch := watchGoroutines(ctx)
	clock, err := startClock()
	if err != nil {
		return o, err
	}
	c, err := library.Open(j.Settings)
	if err != nil {
		return o, err
	}
	if o.Refusals, err = produce(c, j.Producers, j.Events, shapeNamed(j.Shape).Build); err != nil {
		return o, err
	}
	if err := c.Close(ctx); err != nil {
		return o, fmt.Errorf("close: %w", err)
	}
	if o.Seconds, o.CPU, err = clock.stop(); err != nil {
		return o, err
	}
	o.Goroutines = watch()
	if j.Producers > 1 {
		o.Goroutines = max(0, o.Goroutines-j.Producers)
	}
	o.PeakRSS, err = processMemory("VmHWM")
	return o, err
}

// A streamResult is an outcome together with what arrived.
type streamResult struct {
	outcome
	tally
}

// stream runs one end-to-end measurement: a child process with the library, against a sink in another. It fails if an
// event was lost or arrived twice, so that no figure of a lossy run can reach a table.
func (b *bench) stream(library contender, gzip bool, producers int) (streamResult, error) {
	var r streamResult
	s, err := startSink(b.ctx)
	if err != nil {
		return r, err
	}
	defer s.Stop() //nolint:errcheck // its tally is all that counts
	r.outcome, err = runChild(b.ctx, job{
		Kind:      jobStream,
		Library:   library.Name(),
		Settings:  settings{URL: s.URL, Gzip: gzip},
		Shape:     "small5",
		Events:    b.size.streamed,
		Producers: producers,
	})
	if err != nil {
		return r, err
	}
	if r.tally, err = s.Tally(b.ctx); err != nil {
		return r, err
	}
	if library == (harness{}) {
		return r, nil
	}
	return r, r.complete(library, b.size.streamed)
}

// complete says what is wrong if not exactly the accepted events arrived, each once.
func (t tally) complete(library interface{ Name() string }, accepted int) error {
	if t.Distinct == accepted && t.Events == accepted && t.Unreadable == 0 {
		return nil
	}
	return fmt.Errorf("%s: %d events accepted, %d received, %d of them distinct, %d bodies unreadable",
		library.Name(), accepted, t.Events, t.Distinct, t.Unreadable)
}

// streams measures end to end, plain and compressed, with one producer and with several.
func (b *bench) streams() error {
	for _, gzip := range []bool{false, true} {
		for _, producers := range []int{1, 8} {
			title := fmt.Sprintf("%s, %s", compressionName(gzip), producerCount(producers))
			b.sayf("end to end: %s", title)
			ours, theirs, err := alternate(b.size.rounds, func(c contender) (streamResult, error) {
				return b.stream(c, gzip, producers)
			})
			if err != nil {
				return err
			}
			b.addStreams(title, gzip, ours, theirs)
		}
	}
	return b.harnessCost()
}

// addStreams turns end-to-end measurements into figures.
func (b *bench) addStreams(title string, gzip bool, ours, theirs []streamResult) {
	million := float64(b.size.streamed) / 1e6
	cheap := goal{Text: "1/5", Ratio: 1.0 / 5}
	if gzip {
		cheap = goal{Text: "1/8", Ratio: 1.0 / 8}
	}
	none := goal{}
	add := func(name, unit string, places int, target goal, of func(streamResult) float64) {
		b.add(figure{
			Group: groupStream, Name: title + ": " + name, Unit: unit, Places: places, Goal: target,
			Ours: seriesOf(ours, of), Theirs: seriesOf(theirs, of),
		})
	}
	add("processor time", "s per million", 2, cheap, func(r streamResult) float64 { return r.CPU / million })
	add("throughput", "events/s", 0, none, func(r streamResult) float64 { return float64(r.Events) / r.Seconds })
	add("peak memory", "MB", 1, none, func(r streamResult) float64 { return float64(r.PeakRSS) / 1e6 })
	add("goroutines at most", "", 0, none, func(r streamResult) float64 { return float64(r.Goroutines) })
	add("requests", "", 0, none, func(r streamResult) float64 { return float64(r.Requests) })
	add("connections", "", 0, none, func(r streamResult) float64 { return float64(r.Connections) })
	add("on the wire", "bytes per event", 1, none, func(r streamResult) float64 { return float64(r.WireBytes) / float64(r.Events) })
	add("queue full", "times", 0, none, func(r streamResult) float64 { return float64(r.Refusals) })
	add("lost", "events", 0, none, func(r streamResult) float64 { return float64(b.size.streamed - r.Distinct) })
	add("duplicates", "events", 0, none, func(r streamResult) float64 { return float64(r.tally.Events - r.Distinct) })
}

// harnessCost measures what building the events costs by itself; it is part of both libraries' processor time.
func (b *bench) harnessCost() error {
	b.sayf("end to end: the harness by itself")
	r, err := b.stream(harness{}, false, 1)
	b.harness = r.CPU / (float64(b.size.streamed) / 1e6)
	return err
}

// compressionName says in a word how requests are compressed.
func compressionName(gzip bool) string {
	if gzip {
		return "gzip"
	}
	return "plain"
}

// producerCount says how many goroutines enqueue.
func producerCount(n int) string {
	if n == 1 {
		return "1 producer"
	}
	return fmt.Sprintf("%d producers", n)
}
