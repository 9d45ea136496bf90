//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"
)

const (
	recordSize = 508
	steady     = 50_000    // appends a second, in bursts of a millisecond's worth
	flatOut    = 0         // as many as possible
	mostCalls  = 4_000_000 // appends of one measurement
)

// A job is the work of one child process: appending.
type job struct {
	Dir       string
	Way       way
	PerSecond int
	Long      time.Duration // at most
}

// A result is what it measured.
type result struct {
	Calls                 int
	P50, P99, P999, P9999 time.Duration
	Longest               time.Duration
	LongestWait           time.Duration // until a region was ready; it is in no append's time
	Collections           int           // of garbage
	PauseP99, WorstPause  time.Duration // of the pauses that they made, at most
}

// run appends on this goroutine; one goroutine makes regions meanwhile, and one collects garbage.
func (j job) run(ctx context.Context) (result, error) {
	dir, err := os.MkdirTemp(j.Dir, "regions")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // its parent is removed
	k := startKeeper(j.Way, dir)
	stop := startCollecting(ctx)
	w := newWriter(k)
	written := w.write(j.PerSecond, j.Long)
	collected := stop()
	if err := errors.Join(written, k.stop()); err != nil {
		return result{}, err
	}
	if len(w.took) == 0 {
		return result{}, errors.New("nothing was appended")
	}
	slices.Sort(w.took)
	at := func(share float64) time.Duration {
		return time.Duration(w.took[min(int(share*float64(len(w.took))), len(w.took)-1)])
	}
	return result{
		Calls: len(w.took), P50: at(0.5), P99: at(0.99), P999: at(0.999), P9999: at(0.9999), Longest: at(1),
		LongestWait: w.longestWait,
		Collections: collected.count, PauseP99: collected.p99, WorstPause: collected.worst,
	}, nil
}
