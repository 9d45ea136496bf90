package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hedgerow/posthog"
)

// largeEvent is the size in bytes of the AI event beside which small events are measured.
const largeEvent = 6_000_000

// arrivals is a Callback that knows when each event was confirmed.
type arrivals struct {
	mu   sync.Mutex // guards took
	sent []time.Time
	took []time.Duration
	done chan struct{} // closed when all have been confirmed
}

// Success implements posthog.Callback.
func (a *arrivals) Success(e posthog.APIMessage) {
	now := time.Now()
	number, ok := e.Properties["order"].(float64)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.took = append(a.took, now.Sub(a.sent[int(number)]))
	if len(a.took) == len(a.sent) {
		close(a.done)
	}
}

// Failure implements posthog.Callback.
func (*arrivals) Failure(posthog.APIMessage, error) {}

// delivery enqueues small events at a steady pace and measures how long each takes until it is confirmed. With a large
// event, that is on its way to a server that does not answer it.
func (j job) delivery(ctx context.Context) (outcome, error) {
	var o outcome
	a := &arrivals{sent: make([]time.Time, j.Events), done: make(chan struct{})}
	config := j.Settings.config()
	config.Callback = a
	c, err := posthog.NewWithConfig(projectKey, config)
	if err != nil {
		return o, err
	}
	if j.Large {
		err := c.EnqueueAI(posthog.Capture{DistinctId: person(0), Event: "$ai_generation", Properties: posthog.Properties{"$ai_input": strings.Repeat("text ", largeEvent/5)}})
		if err != nil {
			return o, err
		}
	}
	properties := shapeNamed(j.Shape).Build
	next := time.Now()
	for i := range a.sent {
		next = next.Add(j.Pause)
		time.Sleep(time.Until(next))
		built := properties(i)
		a.sent[i] = time.Now()
		if err := c.Enqueue(posthog.Capture{DistinctId: person(i), Event: eventName, Properties: built}); err != nil {
			return o, err
		}
	}
	select {
	case <-a.done:
	case <-time.After(time.Minute):
		return o, fmt.Errorf("%d of %d events were confirmed within a minute", len(a.took), j.Events)
	}
	if s := c.LaneStats(posthog.LaneAI); j.Large && s.Pending != 1 {
		return o, errors.New("the large event was not on its way to the end")
	}
	o.Percentiles = percentilesOf(a.took)
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	var left *posthog.UndeliveredError
	if err := c.CloseWithContext(ctx); err != nil && !errors.As(err, &left) {
		return o, err
	}
	return o, nil
}

// isolations compares the delivery of small events beside a large one with that of small events alone.
func (b *bench) isolations() error {
	b.sayf("%s", groupIsolation)
	beside, alone, err := inTurns(b.size.rounds, true, false, func(large bool) (percentiles, error) {
		s, err := startSink(b.ctx, hangAIArgument)
		if err != nil {
			return percentiles{}, err
		}
		defer s.Stop() //nolint:errcheck // nothing was asked of it
		o, err := runChild(b.ctx, job{
			Kind: jobDelivery, Library: hedgerow{}.Name(), Shape: "small5", Events: b.size.delivered, Pause: 100 * time.Microsecond,
			Settings: settings{URL: s.URL}, Large: large,
		})
		return o.Percentiles, err
	})
	if err != nil {
		return err
	}
	add := func(name string, of func(percentiles) float64) {
		b.add(figure{
			Group: groupIsolation, Name: name, Unit: "ms", Places: 2,
			Ours: seriesOf(beside, of), Theirs: seriesOf(alone, of),
		})
	}
	add("from Enqueue to the confirmation: p50", func(p percentiles) float64 { return p.P50 / 1e3 })
	add("from Enqueue to the confirmation: p99", func(p percentiles) float64 { return p.P99 / 1e3 })
	return nil
}
