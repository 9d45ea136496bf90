package posthog

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
	"github.com/hedgerow/posthog/internal/notice"
)

// monitorPatience bounds the wait for a monitor: to be told who it watches, and
// to end.
const monitorPatience = time.Second

// crashWatch is the process that reports the end of this one: a monitor, or the
// supervisor.
type crashWatch struct {
	pipe    *os.File      // what the runtime writes to
	process *os.Process   // the monitor; nil for the supervisor, who is not ours to end
	gone    chan struct{} // closed when the monitor has ended
}

// watch has the runtime write to whoever watches this process instead of into
// its crash file, which is nil if there is none, if somebody does or is
// supposed to.
func (x *crashes) watch(own *file.File) {
	c := x.client
	w := &crashWatch{pipe: crashOutput.supervision()}
	var orders json.RawMessage
	if w.pipe == nil {
		if !c.config.Crash.Monitor {
			return
		}
		var err error
		if orders, err = json.Marshal(c.monitorOrders()); err == nil {
			w, err = c.startMonitor(own)
		}
		if err != nil {
			c.notices.Report(notice.Warn, "no crash monitor", "posthog: there is no crash monitor, so crashes are reported by the next start: %v", err)
			return
		}
	}
	hello := monitor.Hello{Header: x.head, Orders: orders}
	if own != nil {
		hello.File = own.Output().Name()
	}
	err := w.say(&hello)
	if err == nil {
		err = crashOutput.replace(x, w.pipe)
	}
	if err != nil {
		c.notices.Report(notice.Warn, "no crash monitor", "posthog: the crash monitor does not listen, so crashes are reported by the next start: %v", err)
		w.end()
		return
	}
	x.watcher = w
	if w.process != nil {
		c.life.Go("crash monitor", func() {
			_, _ = w.process.Wait() // however it ended
			close(w.gone)
			x.later(func() { x.unwatched(own) })
		})
	}
}

// watchWithoutFile is watch for a client that could not make its crash file.
func (x *crashes) watchWithoutFile() {
	claimed, err := crashOutput.claim(x, crashOutput.supervision())
	if err == nil && claimed {
		x.watch(nil)
	}
	if x.watcher == nil {
		crashOutput.release(x) // it is of no use here, and there may be a client with a file
	}
}

// watchNext is watch for a client that has the crash output because another one
// was closed.
func (x *crashes) watchNext() {
	if own := x.own.Load(); own != nil && x.watcher == nil {
		x.watch(own)
	}
}

// unwatched has the runtime write into the crash file, because the monitor ended
// before the process did.
func (x *crashes) unwatched(own *file.File) {
	if x.watcher == nil {
		return // the client was closed meanwhile
	}
	var output *os.File
	if own != nil {
		output = own.Output()
	}
	_ = x.watcher.pipe.Close() // nobody reads it
	x.watcher = nil
	err := crashOutput.replace(x, output)
	if own == nil {
		crashOutput.release(x)
	}
	x.client.notices.Report(notice.Warn, "crash monitor ended",
		"posthog: the crash monitor ended, so crashes are reported by the next start, if there is a crash file: %v", err)
	x.tend() // which was left to it
}

// endWatch tells whoever watches that the client was closed in order. If the
// process panics, the runtime is about to write to the pipe; otherwise a monitor
// has nothing to wait for any more.
func (x *crashes) endWatch(panicking bool) {
	w := x.watcher
	if w == nil {
		return
	}
	x.watcher = nil
	if w.process != nil {
		// If the monitor does not read, its end is the end of the wait for it.
		impatience := time.AfterFunc(monitorPatience, func() { _ = w.process.Kill() })
		defer impatience.Stop()
	}
	_, _ = w.pipe.Write(monitor.Goodbye()) // it may be dead
	if panicking {
		w.release()
		return
	}
	crashOutput.release(x)
	w.release()
	if w.process != nil {
		<-w.gone
	}
}

// say tells the other side who writes.
func (w *crashWatch) say(hello *monitor.Hello) error {
	line, err := monitor.AppendHello(nil, hello)
	if err != nil {
		return err
	}
	// The supervisor's pipe has no deadlines; but the supervisor always reads.
	if err := w.pipe.SetWriteDeadline(time.Now().Add(monitorPatience)); err != nil && !errors.Is(err, os.ErrNoDeadline) {
		return err
	}
	_, err = w.pipe.Write(line)
	return err
}

// release lets go of the pipe, which the runtime may still have.
func (w *crashWatch) release() {
	if w.process != nil {
		_ = w.pipe.Close() // everything was written
	}
}

// end ends a monitor of which nobody knows yet.
func (w *crashWatch) end() {
	if w.process == nil {
		return
	}
	_ = w.pipe.Close()
	_ = w.process.Kill()
	_, _ = w.process.Wait()
}

// startMonitor starts a monitor, or says why there can be none. Own is the crash
// file of this process, if it has one.
func (c *ServerClient) startMonitor(own *file.File) (*crashWatch, error) {
	w := &crashWatch{}
	setup := monitorMain.Load()
	switch {
	case setup == nil:
		return w, errors.New("main does not begin with posthog.RunCrashMonitorIfChild()")
	case !setup.configures && (c.config.BeforeSend != nil || len(c.config.Hooks) > 0 || c.config.Transport != nil):
		return w, errors.New("it would do without BeforeSend, Hooks, and Transport, unless posthog.RunCrashMonitorIfChild is told of them")
	case os.Getpid() == 1:
		return w, errors.New("process 1 takes all others along when it ends; see posthog.Supervise")
	}
	var guard *os.File
	if own != nil {
		guard = own.Guard()
	}
	pipe, process, err := setup.start(guard)
	if err != nil {
		return w, fmt.Errorf("start it: %w", err)
	}
	return &crashWatch{pipe: pipe, process: process, gone: make(chan struct{})}, nil
}

// replace makes output the crash output of x, if x has it. A nil output is none.
func (s *outputSlot) replace(x *crashes, output *os.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != x {
		return errors.New("another client has the crash output")
	}
	return debug.SetCrashOutput(output, debug.CrashOptions{})
}

// supervise makes pipe, which leads to the supervisor, the crash output that
// there is when no client has it.
func (s *outputSlot) supervise(pipe *os.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if debug.SetCrashOutput(pipe, debug.CrashOptions{}) == nil {
		s.supervisor = pipe
	}
}

// supervision is the pipe to the supervisor, nil if there is none.
func (s *outputSlot) supervision() *os.File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.supervisor
}
