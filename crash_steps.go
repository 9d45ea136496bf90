package posthog

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/wire"
)

// maxSteps bounds the steps of one exception, in bytes of JSON as one array.
const maxSteps = 32 << 10

// AddStep says what the program is doing, such as "charged card": a line for
// the story that an exception tells. Steps are no events: those of a request,
// that is of a ctx with a [RequestContext], go with the exceptions that are
// captured within it, as $exception_steps, unless the application gives
// that property itself. The newest 32 KiB are kept. With [Config.Crash] each step, of up
// to 8 KiB, is in a file as well, which survives the process, and goes with a
// crash that nobody recovers. Without either, nothing is done.
//
// Properties describe the step, and are copied; those that are called $message and
// $timestamp are left out. It waits for nothing: a step costs its encoding and a copy.
func (c *ServerClient) AddStep(ctx context.Context, message string, properties Properties) {
	if c.inert() || c.keyless || c.config.Disabled || c.optedOut.Load() {
		return
	}
	request := requestContext(ctx)
	if request == nil && (c.crashes == nil || c.crashes.steps.Load() == nil) {
		return
	}
	s := c.scratch.Get().(*scratch)
	defer c.recycle(s)
	now := time.Now()
	s.buffer = appendStep(s.buffer[:0], &s.encoder, message, properties, now)
	if losses := s.encoder.Losses(); len(losses) > 0 {
		c.warnOfLosses("step", losses)
	}
	kept := true
	if request != nil {
		kept = request.root.steps.add(s.buffer)
	}
	if c.crashes != nil {
		c.crashes.look(now)
		if ring := c.crashes.steps.Load(); ring != nil && !ring.Add(s.buffer) {
			kept = false
		}
	}
	if !kept {
		c.notices.Report(notice.Warn, "step not kept", "posthog: a step of %d bytes was not kept, or not for a crash; such a step may have 8 KiB", len(s.buffer))
	}
}

// appendStep appends a step as PostHog knows them.
func appendStep(dst []byte, e *wire.Encoder, message string, properties Properties, at time.Time) []byte {
	dst = append(dst, `{"$message":`...)
	dst = wire.AppendString(dst, message)
	dst = append(dst, `,"$timestamp":"`...)
	dst = at.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	dst = append(dst, '"')
	for key, value := range properties {
		if key != "$message" && key != "$timestamp" {
			dst = e.AppendProperty(dst, key, value)
		}
	}
	return append(dst, '}')
}

// requestSteps are the steps of one request. The zero value has none, and is
// safe for concurrent use.
type requestSteps struct{ made atomic.Pointer[stepList] }

// stepList is the newest steps, the oldest of them first.
type stepList struct {
	mu    sync.Mutex // guards what follows
	steps [][]byte   // each an object of JSON, which nobody changes
	bytes int        // of them as one array
}

// add adds a copy of a step, and reports whether it is small enough.
func (r *requestSteps) add(step []byte) bool {
	if len(step)+len("[]") > maxSteps {
		return false
	}
	l := r.made.Load()
	for l == nil {
		r.made.CompareAndSwap(nil, &stepList{bytes: len("]")})
		l = r.made.Load()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.steps = append(l.steps, slices.Clone(step))
	l.bytes += len(",") + len(step)
	for l.bytes > maxSteps {
		l.bytes -= len(",") + len(l.steps[0])
		l.steps[0] = nil
		l.steps = l.steps[1:]
	}
	return true
}

// all returns the steps.
func (r *requestSteps) all() [][]byte {
	l := r.made.Load()
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.steps)
}

// showSteps gives d its steps as hooks see them.
func showSteps(d *event.Draft) {
	for i := range d.Owned {
		if text, ok := d.Owned[i].Value.(wire.Verbatim); ok && d.Owned[i].Key == stepsProperty {
			var steps []any
			_ = json.Unmarshal(text, &steps) // the library encoded them
			d.Owned[i].Value = steps
		}
	}
}
