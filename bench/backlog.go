package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"
)

// fill enqueues a job's events while nothing can be sent, measures what the process holds then, and leaves the client open:
// its process is about to be killed.
func (j job) fill(ctx context.Context, library contender) (outcome, error) {
	var o outcome
	debug.FreeOSMemory()
	before, err := processMemory("VmRSS")
	if err != nil {
		return o, err
	}
	c, err := library.Open(j.Settings)
	if err != nil {
		return o, err
	}
	watch, err := startClock()
	if err != nil {
		return o, err
	}
	if o.Refusals, err = offer(c, j.Events, shapeNamed(j.Shape).Build); err != nil {
		return o, err
	}
	if o.Seconds, o.CPU, err = watch.stop(); err != nil {
		return o, err
	}
	if o.Refusals > 0 {
		return o, fmt.Errorf("%d of %d events were refused", o.Refusals, j.Events)
	}
	if o.PeakRSS, err = processMemory("VmHWM"); err != nil {
		return o, err
	}
	debug.FreeOSMemory() // what a collection frees is not held
	if o.RSS, err = processMemory("VmRSS"); err != nil {
		return o, err
	}
	o.GrownRSS = o.RSS - before
	return o, ctx.Err()
}

// A recoverer is a client that says how many events of a process that is gone it found.
type recoverer interface{ Recovered() int }

// deliver opens a client on the spool of a process that is gone, and measures until everything in it was delivered.
func (j job) deliver(ctx context.Context, library contender) (outcome, error) {
	var o outcome
	first := &firstRequest{base: http.DefaultTransport}
	j.Settings.Transport = first
	watch, err := startClock()
	if err != nil {
		return o, err
	}
	c, err := library.Open(j.Settings)
	if err != nil {
		return o, err
	}
	o.Opened = time.Since(watch.began).Seconds()
	if err := c.Flush(ctx); err != nil {
		return o, fmt.Errorf("flush: %w", err)
	}
	if o.Seconds, o.CPU, err = watch.stop(); err != nil {
		return o, err
	}
	if r, ok := c.(recoverer); !ok || r.Recovered() != j.Events {
		return o, fmt.Errorf("%s did not say that it found %d events", library.Name(), j.Events)
	}
	if err := c.Close(ctx); err != nil {
		return o, fmt.Errorf("close: %w", err)
	}
	if j.Events > 0 {
		o.Requested = first.At().Sub(watch.began).Seconds()
	}
	o.PeakRSS, err = processMemory("VmHWM")
	return o, err
}

// firstRequest notes when the first request is made. It is safe for concurrent use.
type firstRequest struct {
	base http.RoundTripper
	mu   sync.Mutex // guards at
	at   time.Time
}

// RoundTrip implements http.RoundTripper.
func (f *firstRequest) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	if f.at.IsZero() {
		f.at = time.Now()
	}
	f.mu.Unlock()
	return f.base.RoundTrip(r)
}

// At is when the first request was made.
func (f *firstRequest) At() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

// A backlogResult is what happened to the events of a process that was killed.
type backlogResult struct {
	filled    outcome // by the process that was killed
	delivered outcome // by the next one
	bytes     int64   // of all files in between
	tally
}

// backlog kills a process that has accepted events while the server did not answer, and starts another one with the same
// spool and a server that answers. It fails unless every event arrives once and no file remains.
func (b *bench) backlog(events int) (r backlogResult, err error) {
	folder, err := os.MkdirTemp("", "backlog")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	dead, err := startSink(b.ctx, hangArgument)
	if err != nil {
		return r, err
	}
	order := job{
		Kind: jobFill, Library: killSafe.Name(), Shape: "small5", Events: events,
		Settings: settings{URL: dead.URL, Folder: folder, QueueSize: 1 << 30}, // what the files hold
	}
	r.filled, err = killChild(b.ctx, order)
	if err := errors.Join(err, dead.Stop()); err != nil {
		return r, err
	}
	if r.bytes, err = sizeOf(folder); err != nil {
		return r, err
	}
	server, err := startSink(b.ctx)
	if err != nil {
		return r, err
	}
	defer server.Stop() //nolint:errcheck // its tally is all that counts
	order.Kind, order.Settings.URL = jobDeliver, server.URL
	if r.delivered, err = runChild(b.ctx, order); err != nil {
		return r, err
	}
	if r.tally, err = server.Tally(b.ctx); err != nil {
		return r, err
	}
	if err := r.complete(killSafe, events); err != nil {
		return r, err
	}
	if left, err := sizeOf(folder); err != nil || left > 0 {
		return r, fmt.Errorf("%d bytes remain in the spool when everything is delivered: %w", left, err)
	}
	return r, nil
}

// sizeOf is the size of all files below a folder.
func sizeOf(folder string) (total int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// backlogs measures what a spool full of events costs the process that accepted them, and the one after it.
func (b *bench) backlogs() error {
	b.sayf("a spool full of events")
	full, empty, err := inTurns(b.size.rounds, b.size.held, 0, b.backlog)
	if err != nil {
		return err
	}
	million := float64(b.size.held) / 1e6
	one := func(name, unit string, places int, of func(backlogResult) float64) {
		b.add(figure{Group: groupBacklog, Name: name, Unit: unit, Places: places, Ours: seriesOf(full, of)})
	}
	both := func(name, unit string, places int, target goal, of func(backlogResult) float64) {
		b.add(figure{Group: groupBacklog, Name: name, Unit: unit, Places: places, Goal: target, Ours: seriesOf(full, of), Theirs: seriesOf(empty, of)})
	}
	one("accepted, server hanging", "events/s", 0, func(r backlogResult) float64 { return float64(b.size.held) / r.filled.Seconds })
	both("memory of the process that accepted them", "MiB", 0, goal{}, func(r backlogResult) float64 { return float64(r.filled.RSS) / (1 << 20) })
	both("growth since its client was opened", "MiB", 0, goal{Text: "< 64 MiB", Below: 64}, func(r backlogResult) float64 { return float64(r.filled.GrownRSS) / (1 << 20) })
	both("files when it was killed", "MiB", 0, goal{}, func(r backlogResult) float64 { return float64(r.bytes) / (1 << 20) })
	both("NewWithConfig of the next process", "ms", 1, goal{}, func(r backlogResult) float64 { return r.delivered.Opened * 1e3 })
	one("from then to the first request, with Flush", "ms", 1, func(r backlogResult) float64 { return r.delivered.Requested * 1e3 })
	one("until every event was delivered", "s", 2, func(r backlogResult) float64 { return r.delivered.Seconds })
	one("processor time of that", "s per million", 2, func(r backlogResult) float64 { return r.delivered.CPU / million })
	both("peak memory of the next process", "MB", 1, goal{}, func(r backlogResult) float64 { return float64(r.delivered.PeakRSS) / 1e6 })
	one("lost", "events", 0, func(r backlogResult) float64 { return float64(b.size.held - r.Distinct) })
	one("duplicates", "events", 0, func(r backlogResult) float64 { return float64(r.Events - r.Distinct) })
	return nil
}
