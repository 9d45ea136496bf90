package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/hedgerow/posthog/flags"
)

// An askResult is the cost of one question.
type askResult struct {
	Nanoseconds float64
	Allocations float64
	Bytes       float64
}

// people are the distinct ids that ask in turn.
var people = func() []string {
	ids := make([]string, 1024)
	for i := range ids {
		ids[i] = fmt.Sprintf("user-%d", i)
	}
	return ids
}()

// flagAnswers measures the evaluation of flags from definitions in memory, without events: one flag, and all of them.
func (b *bench) flagAnswers() error {
	for _, kind := range flagKinds {
		for _, n := range []int{10, 500, 2000} {
			for _, goroutines := range []int{1, 8} {
				if goroutines > 1 && n != 500 {
					continue // the number of flags changes nothing there
				}
				title := fmt.Sprintf("%s, one of %d, %s", kind, n, goroutineCount(goroutines))
				if err := b.ask(evaluators, title, n, kind, goroutines, b.size.questions, oneOf(n), goalOf(kind, goroutines)); err != nil {
					return err
				}
			}
		}
	}
	for _, n := range []int{10, 500, 2000} {
		title := fmt.Sprintf("%s, all %d", mixedFlags, n)
		var fast goal
		if n == 500 {
			fast = goal{Text: "50 us", Below: 50_000}
		}
		if err := b.ask(wholeSets, title, n, mixedFlags, 1, max(10, b.size.questions/n), allOf(n), fast); err != nil {
			return err
		}
	}
	return b.compiling()
}

// flagCalls measures the same through clients, which report what people see.
func (b *bench) flagCalls() error {
	const n = 500
	for _, kind := range flagKinds {
		for _, goroutines := range []int{1, 8} {
			var fast goal
			if kind == rolloutFlags && goroutines == 1 {
				fast = goal{Text: "250 ns", Below: 250}
			}
			title := fmt.Sprintf("%s, one of %d, %s", kind, n, goroutineCount(goroutines))
			if err := b.ask(clients, title, n, kind, goroutines, b.size.questions, oneOf(1), fast); err != nil {
				return err
			}
		}
	}
	err := b.ask(clients, fmt.Sprintf("%s, a snapshot of %d", mixedFlags, n), n, mixedFlags, 1, max(10, b.size.questions/n), allOf(-1), goal{Text: "80 us", Below: 80_000})
	if err != nil {
		return err
	}
	return b.remotes(n)
}

// rivals are what answers the same questions.
type rivals struct {
	group        string
	ours, theirs opener
	spare        goal // of allocations
}

var (
	evaluators = rivals{groupFlags, openProgram, openRivalFlags, goal{Text: "none", Below: 0.01}}
	wholeSets  = rivals{groupFlags, openProgram, openRivalFlags, goal{Text: "10", Below: 10}}
	clients    = rivals{groupFlagCalls, openOurFlags, openRivalClient, goal{}}
)

// goalOf is what one question may take at most.
func goalOf(kind string, goroutines int) goal {
	switch {
	case goroutines > 1:
		return goal{}
	case kind == rolloutFlags:
		return goal{Text: "110 ns", Below: 110}
	case kind == filteredFlags, kind == cohortFlags:
		return goal{Text: "250 ns", Below: 250}
	default:
		return goal{}
	}
}

// A question is asked again and again; i says for the how manieth time.
type question func(a asker, i int, properties map[string]any) error

func oneOf(n int) question {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = flagKey(i)
	}
	return func(a asker, i int, properties map[string]any) error {
		_, err := a.One(keys[i%n], people[i%len(people)], properties)
		return err
	}
}

func allOf(n int) question {
	return func(a asker, i int, properties map[string]any) error {
		got, err := a.All(people[i%len(people)], properties)
		if err == nil && got != n {
			err = fmt.Errorf("%d flags have a value, want %d", got, n)
		}
		return err
	}
}

// ask measures one question with both libraries.
func (b *bench) ask(r rivals, title string, n int, kind string, goroutines, times int, q question, fast goal) error {
	b.sayf("%s: %s", r.group, title)
	document := definitions(n, kind)
	if err := b.agree(document, n); err != nil {
		return err
	}
	ours, theirs, err := inTurns(b.size.rounds, r.ours, r.theirs, func(open opener) (askResult, error) {
		return b.asked(open, document, goroutines, times, q)
	})
	if err != nil {
		return err
	}
	add := func(name, unit string, places int, target goal, of func(askResult) float64) {
		b.add(figure{Group: r.group, Name: title + name, Unit: unit, Places: places, Goal: target, Ours: seriesOf(ours, of), Theirs: seriesOf(theirs, of)})
	}
	add("", "ns", 0, fast, func(r askResult) float64 { return r.Nanoseconds })
	if goroutines == 1 {
		add(": allocations", "", 2, r.spare, func(r askResult) float64 { return r.Allocations })
	}
	return nil
}

// agree checks that both libraries give the same answers, so that neither is measured at being wrong.
func (b *bench) agree(document []byte, n int) error {
	ours, err := openProgram(b.ctx, document)
	if err != nil {
		return err
	}
	theirs, err := openRivalFlags(b.ctx, document)
	if err != nil {
		return err
	}
	defer theirs.Close() //nolint:errcheck // its answers are all that counts
	properties := subjectProperties()
	for i, id := range people[:200] {
		key := flagKey(i % n)
		got, err := ours.One(key, id, properties)
		if err != nil {
			return err
		}
		want, err := theirs.One(key, id, properties)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s for %s is %v here and %v there", key, id, got, want)
		}
	}
	return nil
}

// asked measures one library.
func (b *bench) asked(open opener, document []byte, goroutines, times int, q question) (askResult, error) {
	var r askResult
	a, err := open(b.ctx, document)
	if err != nil {
		return r, err
	}
	defer a.Close() //nolint:errcheck // its answers are all that counts
	properties := subjectProperties()
	for i := range min(len(people), times) { // fills pools, and reports everybody's exposure
		if err := q(a, i, properties); err != nil {
			return r, err
		}
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	errs := make([]error, goroutines)
	start := time.Now()
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range times {
				if err := q(a, i, properties); err != nil {
					errs[g] = err
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	for _, err := range errs {
		if err != nil {
			return r, err
		}
	}
	asked := float64(times * goroutines)
	r.Nanoseconds = float64(took.Nanoseconds()) / asked
	r.Allocations = float64(after.Mallocs-before.Mallocs) / asked
	r.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / asked
	return r, nil
}

// compiling measures what 2,000 flags cost to load and to keep.
func (b *bench) compiling() error {
	const n = 2000
	b.sayf("flags: compiling %d", n)
	document := definitions(n, mixedFlags)
	var times, sizes series
	for range b.size.rounds {
		runtime.GC()
		runtime.GC() // what the first one found in pools
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		parsed, err := flags.Parse(document)
		if err != nil {
			return err
		}
		program := flags.Compile(parsed, flags.Options{})
		times = append(times, float64(time.Since(start).Microseconds())/1000)
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		sizes = append(sizes, float64(after.HeapAlloc-before.HeapAlloc)/1e6)
		runtime.KeepAlive(program)
		runtime.KeepAlive(document)
	}
	b.add(figure{Group: groupFlags, Name: fmt.Sprintf("%s, parse and compile %d", mixedFlags, n), Unit: "ms", Places: 1, Ours: times, Goal: goal{Text: "50 ms", Below: 50}})
	b.add(figure{Group: groupFlags, Name: fmt.Sprintf("%s, memory of %d, their document of %.1f MB included", mixedFlags, n, float64(len(document))/1e6), Unit: "MB", Places: 1, Ours: sizes, Goal: goal{Text: "8 MB", Below: 8}})
	return nil
}
