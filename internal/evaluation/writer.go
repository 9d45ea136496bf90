package evaluation

import (
	"context"
	"fmt"
	"sync"

	"github.com/hedgerow/posthog/internal/life"
)

// maxUnwritten bounds how many entries wait for the writer. Further ones are left out.
const maxUnwritten = 256

// A writer stores entries one after the other on a goroutine of its own, which starts with the first one and ends with
// close. What it has not stored by then is left out: it was true a moment ago, and somebody else may store it.
type writer struct {
	write func(ctx context.Context, name digest, text []byte)

	queue chan unwritten // sent by put, received by the goroutine, never closed
	group life.Group

	mu     sync.Mutex         // guards what follows
	stop   context.CancelFunc // ends the goroutine; nil before it starts
	ended  chan struct{}      // closed when the goroutine has ended
	closed bool
}

// unwritten is an entry that waits.
type unwritten struct {
	name digest
	text []byte
}

func newWriter(write func(context.Context, digest, []byte)) *writer {
	return &writer{write: write, queue: make(chan unwritten, maxUnwritten), ended: make(chan struct{})}
}

// put has an entry stored. It does not wait, and reports false if the entry is left out.
func (w *writer) put(name digest, text []byte) bool {
	if !w.start() {
		return false
	}
	select {
	case w.queue <- unwritten{name, text}:
		return true
	default:
		return false
	}
}

// start makes sure that the goroutine runs. It reports false after close.
func (w *writer) start() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	if w.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		w.stop = stop
		w.group.Go("flag fallback", func() {
			defer close(w.ended)
			w.run(ctx)
		})
	}
	return true
}

func (w *writer) run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case next := <-w.queue:
			w.write(ctx, next.name, next.text)
		}
	}
}

// close ends the goroutine, and waits for it until ctx ends.
func (w *writer) close(ctx context.Context) error {
	if !w.end() {
		return nil
	}
	select {
	case <-w.ended:
		w.group.Wait() // for what is left of its stack
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the fallback for feature flags is still being written: %w", context.Cause(ctx))
	}
}

// end tells the goroutine to end, and reports whether there is one.
func (w *writer) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.stop == nil {
		return false
	}
	w.stop()
	return true
}
