package redisflags

import (
	"context"
	"fmt"
)

// calls bounds the calls of Redis that run at once. It is sent to when one begins, and received from when
// one ends; nobody closes it.
type calls chan struct{}

func newCalls(limit int) calls { return make(calls, limit) }

// result is what a call came to.
type result[T any] struct {
	value T
	err   error
}

// call runs f, on a goroutine of its own because Redis clients need not obey contexts, and returns when ctx ends at the
// latest. A call that is given up so goes on and counts until it returns. A panic is an error.
func call[T any](ctx context.Context, c calls, f func(context.Context) (T, error)) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, ctx.Err()
	}
	select {
	case c <- struct{}{}:
	case <-ctx.Done():
		return none, fmt.Errorf("earlier calls have not returned: %w", ctx.Err())
	}
	results := make(chan result[T], 1) // the call sends once
	go func() {
		var r result[T]
		defer func() {
			if value := recover(); value != nil {
				r.err = fmt.Errorf("panic: %v", value)
			}
			<-c
			results <- r
		}()
		r.value, r.err = f(ctx)
	}()
	select {
	case r := <-results:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// join waits until no call runs. It must not run twice at once.
func (c calls) join() {
	for range cap(c) {
		c <- struct{}{}
	}
	for range cap(c) {
		<-c
	}
}
