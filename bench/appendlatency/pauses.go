//go:build linux

package main

import (
	"context"
	"math"
	"runtime"
	"runtime/metrics"
	"time"
)

// collections is what garbage collections did in a while.
type collections struct {
	count      int
	p99, worst time.Duration // of the times until every other goroutine had stopped, at most
}

// A leaf is something to collect.
type leaf struct{ left, right *leaf }

// grow returns a tree of the given height.
func grow(height int) *leaf {
	if height == 0 {
		return &leaf{}
	}
	return &leaf{grow(height - 1), grow(height - 1)}
}

// startCollecting forces a garbage collection every few milliseconds, on a goroutine of its own. The function it returns
// ends that and tells how long it took to stop the world for them.
func startCollecting(ctx context.Context) (stop func() collections) {
	ctx, cancel := context.WithCancel(ctx)
	count := make(chan int) // sent once by the goroutine
	before := pauses()
	go func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		var tree *leaf
		for n := 0; ; n++ {
			tree = grow(14)
			runtime.GC()
			select {
			case <-ctx.Done():
				runtime.KeepAlive(tree)
				count <- n
				return
			case <-ticker.C:
			}
		}
	}()
	return func() collections {
		cancel()
		did := collections{count: <-count}
		did.p99, did.worst = between(before, pauses())
		return did
	}
}

// pauses reads how long garbage collections took to stop the world: a goroutine in a page fault cannot be stopped, and
// those that have stopped wait for it.
func pauses() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/pauses/stopping/gc:seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64Histogram()
}

// between returns the 99th percentile and the longest of the pauses that were added, rounded up to the histogram's next step.
func between(before, after *metrics.Float64Histogram) (p99, worst time.Duration) {
	var total, seen uint64
	for i := range after.Counts {
		total += after.Counts[i] - before.Counts[i]
	}
	for i := range after.Counts {
		added := after.Counts[i] - before.Counts[i]
		if added == 0 {
			continue
		}
		edge := after.Buckets[i+1]
		if math.IsInf(edge, 1) {
			edge = after.Buckets[i]
		}
		worst = time.Duration(edge * 1e9)
		if seen += added; p99 == 0 && 100*seen >= 99*total {
			p99 = worst
		}
	}
	return p99, worst
}
