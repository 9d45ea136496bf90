package evaluation

import (
	"context"
	"sync"
)

// flights let one question ask the server while others wait for what comes of it. The request is the leader's: it is
// made on the goroutine and with the context of the leader, and if that context ends, one of those who wait takes
// over, with a request of its own. So nothing outlives its question, and no goroutine is needed.
type flights[K comparable] struct {
	mu    sync.Mutex // guards what follows
	going map[K]*flight
}

// flight is one request that somebody may be waiting for.
type flight struct {
	landed chan struct{} // closed by the leader, after the fields below are set

	answer    answer
	err       error
	abandoned bool // nothing came of it because the leader gave up
}

func newFlights[K comparable]() *flights[K] { return &flights[K]{going: make(map[K]*flight)} }

// join returns the flights for the keys if there is one for each. Otherwise the caller leads one, which is returned, for
// all keys that had none, and must land it.
func (f *flights[K]) join(keys ...K) (going []*flight, led *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		if other, ok := f.going[key]; ok {
			going = append(going, other)
		}
	}
	if len(going) == len(keys) {
		return going, nil
	}
	led = &flight{landed: make(chan struct{}), abandoned: true}
	for _, key := range keys {
		if _, ok := f.going[key]; !ok {
			f.going[key] = led
		}
	}
	return nil, led
}

// land ends the flight for the keys that it was for, and lets those who wait go on.
func (f *flights[K]) land(led *flight, keys ...K) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		if f.going[key] == led {
			delete(f.going, key)
		}
	}
	close(led.landed)
}

// settle takes down what came of the request of the leader, whose context is ctx.
func (f *flight) settle(ctx context.Context, a answer, err error) {
	f.answer, f.err = a, err
	f.abandoned = err != nil && over(ctx)
}

// wait returns nil when the flight has landed, or else the error of ctx.
func (f *flight) wait(ctx context.Context) error {
	select {
	case <-f.landed:
		return nil
	case <-ctx.Done():
		return interrupted(ctx)
	}
}
