package flagsync

import (
	"context"
	"fmt"
	"time"
)

// worker is the state of the Loader's goroutine, which nobody else touches.
type worker struct {
	loader   *Loader
	config   *Config
	schedule schedule
	guard    guard // of the Provider
	requests guard // of the RoundTripper
	troubles troubles

	load   *load // that is going on, or was last
	timer  *time.Timer
	used   time.Time // when an evaluation was last known
	paused bool

	seen     fileMark // of the file that was last read
	saved    uint64   // the generation that the backup holds
	restored bool     // the first load is over, and with it the time of the backup
	warned   string   // the flags whose experience continuity was last reported
}

func newWorker(l *Loader) *worker {
	return &worker{
		loader:   l,
		config:   &l.config,
		schedule: schedule{config: &l.config},
		guard:    guard{name: "flag definitions provider", timeout: l.config.ProviderTimeout, spawn: l.spawn},
		requests: guard{name: "flag definitions request", timeout: l.config.Timeout, spawn: l.spawn},
		troubles: troubles{report: l.config.Report},
	}
}

// run loads definitions until ctx ends.
func (w *worker) run(ctx context.Context) {
	defer w.shutdown()
	defer w.loader.refuse() // after Close, nobody asks for another
	w.used = time.Now()
	w.timer = time.NewTimer(0)
	defer w.timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.loader.wake:
			w.resume()
		case <-w.loader.wanted:
			w.used = time.Now()
			w.seen = fileMark{} // whoever asks may know better than a time stamp
			w.turn(ctx)
		case <-w.timer.C:
			if w.idle() {
				w.pause(ctx)
				continue
			}
			w.turn(ctx)
		}
	}
}

// turn loads, and sets the time of the next load.
func (w *worker) turn(ctx context.Context) {
	l := w.loader
	w.load = l.begin()
	err := contained(func() error { return w.refresh(ctx) })
	if ctx.Err() != nil {
		l.finish(w.load, ErrClosed)
		return
	}
	w.restore(err)
	w.judge(ctx, err)
	now := time.Now()
	wait := w.schedule.after(err)
	w.paused = false
	w.timer.Reset(wait)
	l.attempted(err, now.Add(wait))
	l.finish(w.load, err)
}

// contained turns a panic of f into an error: a RoundTripper is the application's code, and a document anybody's.
func contained(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v", value)
		}
	}()
	return f()
}

// idle reports whether nothing was evaluated for so long that the polling pauses. It asks to be told of the next
// evaluation.
func (w *worker) idle() bool {
	if w.config.PauseAfterIdle <= 0 {
		return false
	}
	now := time.Now()
	if !w.loader.unnoticed.Swap(true) {
		w.used = now
		return false
	}
	return now.Sub(w.used) >= w.config.PauseAfterIdle
}

// pause stops the polling until there is an evaluation or a Reload.
func (w *worker) pause(ctx context.Context) {
	w.paused = true
	w.loader.pausing()
	w.yield(ctx)
}

// resume ends a pause: an evaluation needs definitions. A wait that PostHog asked for is over by then, because a
// pause begins only when a load is due.
func (w *worker) resume() {
	if !w.paused {
		return
	}
	w.paused, w.used = false, time.Now()
	w.timer.Reset(0)
	w.loader.resumed(w.used)
}
