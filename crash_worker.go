package posthog

import "context"

// later has the goroutine of the crash files do something, after all that it
// was told before.
func (x *crashes) later(do func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return
	}
	x.work = append(x.work, do)
	if !x.working {
		x.working, x.idle = true, make(chan struct{})
		x.client.life.Go("crash files", x.run)
	}
}

// run does what there is to do.
func (x *crashes) run() {
	done := false
	defer func() {
		if !done { // a hook panicked, or ended the goroutine: the rest has another one
			x.client.life.Go("crash files", x.run)
		}
	}()
	for do := x.next(); do != nil; do = x.next() {
		do()
	}
	done = true
}

// next is the next thing to do. If there is none, the goroutine has ended for
// all others.
func (x *crashes) next() func() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.work) == 0 {
		x.working, x.work = false, nil
		close(x.idle)
		return nil
	}
	do := x.work[0]
	x.work = x.work[1:]
	return do
}

// wait returns when everything is done that the goroutine was told, or ctx
// ends, and reports which it was. It must have been told something.
func (x *crashes) wait(ctx context.Context) (done bool) {
	x.mu.Lock()
	idle := x.idle
	x.mu.Unlock()
	select {
	case <-idle:
		return true
	case <-ctx.Done():
		return false
	}
}
