package posthog

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
	"github.com/hedgerow/posthog/internal/queue"
)

// lockPatience is how long whoever reports the end of a process waits for the
// lock of its crash file. It ends with the process, or with a sweep.
const lockPatience = 2 * time.Second

// death is the end of another process, as whoever watched it saw it.
type death struct {
	words  monitor.Words
	header file.Header // of a process that did not say who it is
	end    *processEnd // what else is known of one that said nothing; nil if that is not to be told
	guard  *os.File    // what there is of the lock of its crash file; nil without one
	dir    string      // for the crash file of one that has none; empty if there is no place for it

	left *file.Left // what it left; set by claim
	kept bool       // in a file
}

// claim takes the crash file, and puts what came through the pipe into it, or what
// was seen, before anything else is done: from then on it is what the next sweep
// would find, whatever becomes of this process. Without a file there is what the
// pipe told.
func (d *death) claim() {
	d.left = &file.Left{}
	if hello := d.words.Hello; hello != nil {
		d.header = hello.Header
		if hello.File != "" {
			if left, err := claimCrashFile(hello.File, d.guard, lockPatience); err == nil {
				d.left, d.kept = left, true
			} else if d.dir == "" {
				d.dir = filepath.Dir(hello.File) // a sweep has it, or had it before there was a text in it
			}
		}
	}
	if !d.kept {
		d.left.Header = d.header
	}
	d.keep()
}

// keep puts what is known into the file, or, if there is none, or no room in it,
// beside it.
func (d *death) keep() {
	if err := d.left.Append(d.words.Text, d.words.Time); err != nil {
		d.left.Text, d.left.Time = append(d.left.Text, d.words.Text...), d.words.Time
	}
	if d.end == nil {
		return
	}
	if err := d.left.Note(d.end.record()); err != nil {
		d.left.Records = append(d.left.Records, d.end.record())
	}
}

// report sends what the process left, with a client for that alone, and removes
// the crash file if nobody needs it any more. If it cannot be sent, it stays for
// the next start.
func (d *death) report(apiKey string, configure func() Config) {
	done := false
	defer func() {
		switch {
		case done:
			_ = d.left.Done() // whoever finds the file sends the same event once more
		case !d.kept && d.dir != "":
			d.leave()
		}
	}()
	config := configure()
	limit := deathTimeout
	if config.ShutdownTimeout > 0 {
		limit = min(limit, config.ShutdownTimeout)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	client, err := NewWithConfig(apiKey, config.forDeaths())
	if err != nil {
		return
	}
	done = client.deliverDeath(ctx, d.left)
}

// inTime does what takes deathTimeout at most, and does not wait for functions of
// the program that never return, or panic.
func inTime(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // what is to be reported is in the file
		do()
	}()
	patience := time.NewTimer(deathTimeout + lockPatience)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
	}
}

// leave makes the crash file that the process had not yet made, or has no more,
// with the time of the crash.
func (d *death) leave() {
	if len(d.left.Text) == 0 && d.end == nil {
		return
	}
	own, err := file.Create(d.dir, d.left.Header, d.left.Time)
	if err != nil {
		return
	}
	if d.end != nil {
		_ = own.Record(d.end.record()) // it is the last attempt
	}
	_, _ = own.Output().Write(d.left.Text) // the same
	_ = os.Chtimes(own.Output().Name(), d.left.Time, d.left.Time)
	own.Leave()
}

// deliverDeath sends the events of a dead process, ends the client, and reports
// whether the events need no further attempt.
func (c *ServerClient) deliverDeath(ctx context.Context, left *file.Left) bool {
	var again atomic.Bool
	for _, e := range c.crashEvents(left) {
		handle := &Delivery{done: make(chan struct{})}
		handle.settled = func(outcome queue.Outcome) {
			if !settles(outcome) {
				again.Store(true)
			}
		}
		if err := c.enqueueCrash(e, handle); errors.Is(err, ErrQueueFull) || errors.Is(err, ErrClosed) {
			again.Store(true)
		}
	}
	_ = c.CloseWithContext(ctx) // every event has its outcome then
	return !again.Load()
}

// forDeaths returns what of c matters to a client that reports the end of another
// process: nothing that keeps files, loads flags, or calls the program back.
func (c *Config) forDeaths() Config {
	config := Config{
		Endpoint:                c.Endpoint,
		Compression:             c.Compression,
		NewCodec:                c.NewCodec,
		Transport:               c.Transport,
		CaptureMode:             c.CaptureMode,
		MaxEventBytes:           c.MaxEventBytes,
		BatchUploadTimeout:      c.BatchUploadTimeout,
		DefaultEventProperties:  c.DefaultEventProperties,
		DisableGeoIP:            c.DisableGeoIP,
		IsServer:                c.IsServer,
		DisableSystemProperties: c.DisableSystemProperties,
		BeforeSend:              c.BeforeSend,
		Hooks:                   c.Hooks,
		Logger:                  c.Logger,
		Verbose:                 c.Verbose,
		ErrorTracking:           c.ErrorTracking,
		ProjectRoot:             c.ProjectRoot,
		Crash:                   CrashConfig{ReportAbruptExit: c.Crash.ReportAbruptExit, DistinctId: c.Crash.DistinctId},
	}
	if config.NewCodec == nil && config.Compression == CompressionBrotli {
		config.Compression = CompressionDefault
	}
	return config
}

// mute is a Logger that writes nothing.
func mute() Logger { return SlogLogger(slog.New(slog.DiscardHandler)) }
