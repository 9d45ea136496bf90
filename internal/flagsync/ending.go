package flagsync

import "context"

// yield gives up the lead of a Provider that keeps it.
func (w *worker) yield(ctx context.Context) {
	yielder, ok := w.config.Provider.(Yielder)
	if !ok {
		return
	}
	_, err := w.guard.call(ctx, w.guard.timeout, yielder.YieldFlagDefinitions)
	if ctx.Err() == nil {
		w.troubles.note(problemYield, err)
	}
}

// shutdown ends the Provider, after a call of it that is still running, and within the time that Close has.
func (w *worker) shutdown() {
	if w.config.Provider == nil || !w.config.network() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	w.loader.limit(cancel)
	err := w.guard.wait(ctx)
	if err == nil {
		_, err = w.guard.call(ctx, shutdownTimeout, w.config.Provider.Shutdown)
	}
	w.troubles.note(problemShutdown, err)
}
