package main

import (
	"fmt"
	"runtime"
	"time"
)

// spools compares this library with a spool and without.
func (b *bench) spools() error {
	for _, measure := range []func() error{b.spoolMicros, b.spoolStreams, b.spoolLatencies, b.spoolSyncs} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// spoolMicros measures Enqueue.
func (b *bench) spoolMicros() error {
	for _, producers := range []int{1, 8} {
		title := "Enqueue, " + goroutineCount(producers)
		b.sayf("spool: %s", title)
		with, without, err := inTurns(b.size.rounds, contender(killSafe), contender(onlyMemory), func(c contender) (microResult, error) {
			return b.micro(c, shapeNamed("small5"), producers)
		})
		if err != nil {
			return err
		}
		add := func(name, unit string, places int, target goal, of func(microResult) float64) {
			b.add(figure{
				Group: groupSpool, Name: title + name, Unit: unit, Places: places, Goal: target,
				Ours: seriesOf(with, of), Theirs: seriesOf(without, of),
			})
		}
		fast := b.asFast("small5, "+goroutineCount(producers), producers == 1)
		add("", "ns", 0, fast, func(r microResult) float64 { return r.Nanoseconds })
		add(": allocations of a call", "", 2, goal{Text: "none", Below: 0.01}, func(r microResult) float64 { return r.InCall })
		add(": memory, sending included", "bytes per event", 0, goal{}, func(r microResult) float64 { return r.Bytes })
	}
	return nil
}

// asFast is the goal of an eighth of what posthog-go took in this run, where that is wanted and was measured.
func (b *bench) asFast(name string, wanted bool) goal {
	for _, f := range b.figures {
		if wanted && f.Group == groupMicro && f.Name == name {
			return goal{Text: "1/8 of posthog-go's", Below: f.Theirs.Median() / 8}
		}
	}
	return goal{}
}

// spoolStreams measures end to end.
func (b *bench) spoolStreams() error {
	for _, gzip := range []bool{false, true} {
		for _, producers := range []int{1, 8} {
			title := fmt.Sprintf("end to end, %s, %s", compressionName(gzip), producerCount(producers))
			b.sayf("spool: %s", title)
			with, without, err := inTurns(b.size.rounds, contender(killSafe), contender(onlyMemory), func(c contender) (streamResult, error) {
				return b.stream(c, gzip, producers)
			})
			if err != nil {
				return err
			}
			b.addSpoolStreams(title, with, without)
		}
	}
	return nil
}

// addSpoolStreams turns end-to-end measurements into figures.
func (b *bench) addSpoolStreams(title string, with, without []streamResult) {
	add := func(name, unit string, places int, target goal, of func(streamResult) float64) {
		b.add(figure{
			Group: groupSpool, Name: title + ": " + name, Unit: unit, Places: places, Goal: target,
			Ours: seriesOf(with, of), Theirs: seriesOf(without, of),
		})
	}
	add("throughput", "events/s", 0, goal{Text: "90 %", Share: 0.9}, func(r streamResult) float64 { return float64(r.Events) / r.Seconds })
	add("processor time", "s per million", 2, goal{}, func(r streamResult) float64 { return r.CPU * 1e6 / float64(b.size.streamed) })
	add("peak memory", "MB", 1, goal{}, func(r streamResult) float64 { return float64(r.PeakRSS) / 1e6 })
	add("goroutines at most", "", 0, goal{}, func(r streamResult) float64 { return float64(r.Goroutines) })
	add("queue full", "times", 0, goal{}, func(r streamResult) float64 { return float64(r.Refusals) })
	add("lost", "events", 0, goal{}, func(r streamResult) float64 { return float64(b.size.streamed - r.Distinct) })
	add("duplicates", "events", 0, goal{}, func(r streamResult) float64 { return float64(r.tally.Events - r.Distinct) })
}

// spoolLatencies times single calls while the server hangs.
func (b *bench) spoolLatencies() error {
	b.sayf("spool: Enqueue latency")
	with, without, err := inTurns(b.size.rounds, contender(killSafe), contender(onlyMemory), func(c contender) (percentiles, error) {
		return b.paced(c, hangArgument)
	})
	if err != nil {
		return err
	}
	b.addLatencies(groupSpool, "single Enqueue, server hanging", true, with, without)
	return nil
}

// spoolSyncs measures how fast events are accepted when each call waits until its event is on the disk.
func (b *bench) spoolSyncs() error {
	for _, callers := range []int{1, 8, 64} {
		title := "Enqueue, each synced to the disk, " + goroutineCount(callers)
		b.sayf("spool: %s", title)
		with, without, err := inTurns(b.size.rounds, contender(powerSafe), contender(onlyMemory), func(c contender) (float64, error) {
			return b.accepting(c, callers)
		})
		if err != nil {
			return err
		}
		var fast goal
		if callers == 64 {
			fast = goal{Text: "> 100,000", Above: 100_000}
		}
		b.add(figure{Group: groupSpool, Name: title, Unit: "events/s", Goal: fast, Ours: with, Theirs: without})
	}
	return nil
}

// accepting returns how many events a second the library accepts from a number of goroutines. It fails unless all of them
// arrive, each once.
func (b *bench) accepting(library contender, callers int) (float64, error) {
	s, err := startSink(b.ctx)
	if err != nil {
		return 0, err
	}
	defer s.Stop() //nolint:errcheck // its tally is all that counts
	c, err := library.Open(settings{URL: s.URL})
	if err != nil {
		return 0, err
	}
	properties := prebuilt(shapeNamed("small5"))
	if _, err := produce(c, 1, 1, properties); err != nil { // whatever happens once
		return 0, err
	}
	if err := c.Flush(b.ctx); err != nil {
		return 0, fmt.Errorf("flush: %w", err)
	}
	runtime.GC()
	events := callers * b.size.synced
	start := time.Now()
	if _, err := produce(c, callers, events, properties); err != nil {
		return 0, err
	}
	took := time.Since(start)
	if err := c.Close(b.ctx); err != nil {
		return 0, fmt.Errorf("close: %w", err)
	}
	t, err := s.Tally(b.ctx)
	if err != nil {
		return 0, err
	}
	return float64(events) / took.Seconds(), t.complete(library, 1+events)
}
