package torture

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Life is one process, from its start to its end.
type Life struct {
	// Command runs a program that writes reports to its standard output, and
	// nothing to standard error. Its standard input is open as long as it is
	// wanted.
	Command *exec.Cmd
	// Moment is when it is killed, unless it has ended before. If the word does
	// not come often enough, the moment is after it says that it waits. A moment
	// without a word never comes.
	Moment Moment
	// Hear is told of every report, in order, on the goroutine of Run.
	Hear func(Report)
}

// Run runs the process to its end, and reports whether it was killed. What it
// reported before its death is heard, to the last line. The error says
// that it ended in some other way than at its moment or of itself, that it
// said something which is no report, or that it failed.
func (l *Life) Run() (killed bool, err error) {
	var complaints strings.Builder
	l.Command.Stderr = &complaints
	wanted, err := l.Command.StdinPipe()
	if err != nil {
		return false, err
	}
	defer wanted.Close()
	output, err := l.Command.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := l.Command.Start(); err != nil {
		return false, err
	}
	end := newDeath(l.Command.Process)
	var failure error
	left := l.Moment.Count
	reading := ReadReports(output, func(r Report) {
		l.Hear(r)
		switch r.Word {
		case Failed:
			failure = errors.Join(failure, errors.New("it failed: "+r.Text))
		case l.Moment.Word:
			if left--; left == 0 {
				end.after(l.Moment.Delay)
			}
		case Waiting:
			end.after(l.Moment.Delay)
		}
	})
	if reading != nil {
		end.after(0)
	}
	waiting := l.Command.Wait()
	killed = end.wasCause(waiting)
	if killed {
		waiting = nil
	}
	var complaining error
	if complaints.Len() > 0 {
		complaining = fmt.Errorf("it wrote to standard error: %.8000s", complaints.String())
	}
	return killed, errors.Join(failure, reading, waiting, complaining)
}

// death kills a process once.
type death struct {
	process *os.Process
	set     bool
	timer   *time.Timer // nil if the process was killed at once
	sent    chan error  // receives the result of the kill, from whoever sent it
}

func newDeath(process *os.Process) *death {
	return &death{process: process, sent: make(chan error, 1)}
}

// after kills the process after delay. Only the first call counts.
func (d *death) after(delay time.Duration) {
	if d.set {
		return
	}
	d.set = true
	kill := func() { d.sent <- d.process.Kill() }
	if delay == 0 {
		kill()
		return
	}
	d.timer = time.AfterFunc(delay, kill)
}

// wasCause reports whether it was d that ended a process whose end was err.
// Once it has returned, d kills nothing.
func (d *death) wasCause(err error) bool {
	if !d.set || d.timer != nil && d.timer.Stop() {
		return false // the process ended before its moment
	}
	return <-d.sent == nil && err != nil
}
