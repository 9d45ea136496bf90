package posthog

import (
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// CloseOnSignal closes client when the process receives one of signals, and
// then lets the signal do what it does by itself, which is to end the process.
// Without any, they are [os.Interrupt] and SIGTERM; those that the process was
// started to ignore stay ignored. A second signal ends the process at once,
// whatever Close is waiting for. Close is bounded by [Config.ShutdownTimeout].
//
// It is for programs that do not handle these signals themselves: a server that
// ends gracefully calls Close last, when no request is left that may have
// events. Nothing else in this library installs a signal handler.
//
// The client may be any that has Close, such as a [*Pool], or one that stands in
// front of a [*ServerClient].
//
// The function that it returns takes the handler back, and returns when its
// goroutine has ended. It may be called often, and by anybody.
func CloseOnSignal(client io.Closer, signals ...os.Signal) (stop func()) {
	if len(signals) == 0 {
		signals = []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	received := make(chan os.Signal, 1) // package signal sends, nobody closes
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(received, s)
		}
	}
	stopped := make(chan struct{}) // closed by stop
	var handler sync.WaitGroup
	handler.Go(func() {
		defer signal.Stop(received)
		select {
		case s := <-received:
			signal.Stop(received) // so that the next one is not for us
			closeQuietly(client)
			raise(s)
		case <-stopped:
		}
	})
	return sync.OnceFunc(func() {
		close(stopped)
		handler.Wait()
	})
}

// raise sends the process a signal that nobody handles any more. Where a
// process cannot send itself signals it ends as Go programs end by them.
func raise(s os.Signal) {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(s)
	}
	if err != nil {
		os.Exit(2) //nolint:forbidigo // the program asked to end by this signal
	}
}

// closeQuietly closes a client. What it leaves behind is in its log and in its
// stats.
func closeQuietly(client io.Closer) {
	defer func() { _ = recover() }() // a client of somebody else
	if client != nil {
		_ = client.Close()
	}
}
