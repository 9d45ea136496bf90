package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// The kinds of jobs.
const (
	jobStream  = "end to end"
	jobLatency = "latency"
	jobMemory  = "memory"
	jobFill    = "fill" // its process waits to be killed
	jobDeliver = "deliver"

	jobDelivery = "delivery"
)

// A job is the work of one child process.
type job struct {
	Kind      string
	Library   string
	Settings  settings
	Shape     string
	Events    int
	Producers int
	Pause     time.Duration // between events, where they are paced
	Large     bool          // a large AI event is on its way meanwhile
}

// An outcome is what a child process measured. A job fills in what it is about.
type outcome struct {
	Seconds     float64 // from the first event until the client had closed
	CPU         float64 // processor seconds of this process in that time, user and system
	PeakRSS     int64   // most memory the process ever held, in bytes
	RSS         int64   // memory held when the last event was accepted or refused, garbage collected
	GrownRSS    int64   // RSS less what the process held before it opened the client
	Goroutines  int     // most goroutines the library ran at one time
	Refusals    int     // times the queue was full, which is events refused where each is offered once
	QueueBytes  int     // bytes the library's queue says it holds, where it says so
	Percentiles percentiles
	Opened      float64 // seconds until the client was there
	Requested   float64 // seconds from then until the first request
}

// serveJob is the body of a child process: it reads a job from in and writes an outcome to out.
func serveJob(in io.Reader, out, errs io.Writer) int {
	var j job
	err := json.NewDecoder(in).Decode(&j)
	if err == nil {
		var o outcome
		if o, err = j.run(context.Background()); err == nil {
			err = json.NewEncoder(out).Encode(o)
			if j.Kind == jobFill {
				io.Copy(io.Discard, in) //nolint:errcheck // it ends only if the parent has gone
			}
		}
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return 0
}

// run carries the job out in this process.
func (j job) run(ctx context.Context) (outcome, error) {
	library := contenderNamed(j.Library)
	if library == nil {
		return outcome{}, fmt.Errorf("no library is called %q", j.Library)
	}
	switch j.Kind {
	case jobStream:
		return j.stream(ctx, library)
	case jobLatency:
		return j.latency(ctx, library)
	case jobMemory:
		return j.memory(ctx, library)
	case jobFill:
		return j.fill(ctx, library)
	case jobDeliver:
		return j.deliver(ctx, library)
	case jobDelivery:
		return j.delivery(ctx)
	default:
		return outcome{}, fmt.Errorf("no job is called %q", j.Kind)
	}
}
