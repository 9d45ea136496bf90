package main

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// retryPause is how long a producer waits before it offers an event again that the queue had no room for.
const retryPause = 200 * time.Microsecond

// produce hands count events to the client from a number of goroutines and returns when the last one was accepted.
// Each event gets what properties returns for its number. A full queue is tried again until it has room, and refusals
// counts how often; any other error ends that producer.
func produce(c client, producers, count int, properties func(i int) map[string]any) (refusals int, err error) {
	if producers <= 1 {
		return produceRange(c, 0, count, properties)
	}
	var (
		wait    sync.WaitGroup
		refused atomic.Int64
		mu      sync.Mutex // guards failed
		failed  error
	)
	for p := range producers {
		wait.Go(func() {
			n, err := produceRange(c, count*p/producers, count*(p+1)/producers, properties)
			refused.Add(int64(n))
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
		})
	}
	wait.Wait()
	return int(refused.Load()), failed
}

// produceRange hands over the events from first up to, but without, end.
func produceRange(c client, first, end int, properties func(i int) map[string]any) (refusals int, err error) {
	for i := first; i < end; i++ {
		fresh := properties(i)
		for {
			err := c.Enqueue(person(i), fresh)
			if err == nil {
				break
			}
			if !errors.Is(err, errFull) {
				return refusals, err
			}
			refusals++
			time.Sleep(retryPause)
		}
	}
	return refusals, nil
}

// offer hands over count events, each once, and returns how many of them a full queue refused.
func offer(c client, count int, properties func(i int) map[string]any) (refused int, err error) {
	for i := range count {
		switch err := c.Enqueue(person(i), properties(i)); {
		case errors.Is(err, errFull):
			refused++
		case err != nil:
			return refused, err
		}
	}
	return refused, nil
}

// prebuilt returns a function that hands out a few maps of the shape in turn, so that making them costs nothing.
func prebuilt(s shape) func(i int) map[string]any {
	maps := make([]map[string]any, 64)
	for i := range maps {
		maps[i] = s.Build(i)
	}
	return func(i int) map[string]any { return maps[i%len(maps)] }
}
