// Package life keeps the goroutines of the library together: each one has a
// name, none can take the process down, and whoever starts them can wait for
// all of them.
//
// It owns no state beyond the count of running goroutines and never stops a
// goroutine: stopping is between the owner and its goroutines.
package life

import (
	"context"
	"runtime/debug"
	"runtime/pprof"
	"sync"
)

// Group runs named goroutines. The zero value is ready to use.
type Group struct {
	// Panicked is told of a goroutine that ended in a panic, on that
	// goroutine. It is set before the first Go. Nil swallows panics.
	Panicked func(name string, value any, stack []byte)

	running sync.WaitGroup
}

// Go runs f on a goroutine whose profiler label "posthog" is name.
func (g *Group) Go(name string, f func()) {
	g.running.Go(func() {
		defer func() {
			if value := recover(); value != nil && g.Panicked != nil {
				g.Panicked(name, value, debug.Stack())
			}
		}()
		pprof.Do(context.Background(), pprof.Labels("posthog", name), func(context.Context) { f() })
	})
}

// Wait returns when every goroutine of the group has ended.
func (g *Group) Wait() { g.running.Wait() }
