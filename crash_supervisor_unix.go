//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog

import (
	"errors"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// supervised is a child of the supervisor.
type supervised struct {
	process *os.Process
	pipe    *os.File       // what it writes before it ends
	signals chan os.Signal // package signal sends, nobody closes
	tty     *os.File       // in whose foreground it runs, nil without one
	began   time.Time
	memory  *memoryWatch
}

// adoptCrashPipe makes the pipe with that number, which the supervisor left open
// for its child, the crash output.
func adoptCrashPipe(number string) {
	fd, err := strconv.Atoi(number)
	if err != nil || fd <= 2 {
		return
	}
	var status syscall.Stat_t
	if syscall.Fstat(fd, &status) != nil || status.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return
	}
	syscall.CloseOnExec(fd)
	crashOutput.supervise(os.NewFile(uintptr(fd), "crash pipe"))
}

// supervise runs the program to its end, and exits as it did. It returns why it
// cannot be started.
func supervise(apiKey string, config *Config) (trouble error) {
	child, err := startSupervised()
	if err != nil {
		return err
	}
	words := make(chan monitor.Words, 1)
	go func() { words <- monitor.Read(child.pipe) }()
	status := child.attend()
	child.returnTerminal()
	// What a child of the child still has of the pipe is not waited for.
	_ = child.pipe.SetReadDeadline(time.Now().Add(lockPatience))
	said := <-words
	inTime(func() { child.report(apiKey, config, said, status) })
	exitAs(status)
	return errors.New("the supervisor has ended") // it never gets here
}

// startSupervised starts the program once more.
func startSupervised() (*supervised, error) {
	program, err := ownProgram()
	if err != nil {
		return nil, err
	}
	read, write, err := inheritedPipe()
	if err != nil {
		return nil, err
	}
	defer syscall.Close(write)                             //nolint:errcheck // the child has it
	tally := monitor.FindTally(os.DirFS("/"), os.Getpid()) // the child will be in the same group
	s := &supervised{pipe: read, signals: make(chan os.Signal, 64), began: time.Now(), memory: watchMemory(tally.Kills)}
	for _, sig := range monitor.Forwarded() {
		if !signal.Ignored(sig) {
			signal.Notify(s.signals, sig)
		}
	}
	adoptOrphans()
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if s.tty = foregroundTerminal(); s.tty != nil {
		attributes.Foreground, attributes.Ctty = true, int(s.tty.Fd())
	}
	pid, _, err := syscall.StartProcess(program, os.Args, &syscall.ProcAttr{
		Env:   markedEnvironment(crashPipeEnv, strconv.Itoa(write)),
		Files: []uintptr{0, 1, 2},
		Sys:   attributes,
	})
	if err != nil {
		s.returnTerminal() // the child may have had it before it failed
		signal.Stop(s.signals)
		_ = read.Close()
		return nil, err
	}
	s.process, err = os.FindProcess(pid) // never fails
	return s, err
}

// returnTerminal gives the foreground back to whoever had it before the child: this
// process, and with it the script, say, that started it and goes on.
func (s *supervised) returnTerminal() {
	if s.tty == nil {
		return
	}
	enterForeground(s.tty)
	_ = s.tty.Close() // it was not written to
	s.tty = nil
}

// inheritedPipe returns a pipe whose end for writing a child inherits, with the
// number that it has. It takes no number that somebody else left open for the child.
func inheritedPipe() (read *os.File, write int, err error) {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		return nil, 0, os.NewSyscallError("pipe", err)
	}
	syscall.CloseOnExec(ends[0])
	if err := syscall.SetNonblock(ends[0], true); err != nil {
		return nil, 0, os.NewSyscallError("setnonblock", err)
	}
	return os.NewFile(uintptr(ends[0]), "crash pipe"), ends[1], nil
}

// attend passes on signals until the child has ended, and returns how it did.
func (s *supervised) attend() syscall.WaitStatus {
	ended := make(chan syscall.WaitStatus, 1)
	go func() { ended <- s.wait() }()
	if !s.memory.last.known {
		return s.until(ended, nil)
	}
	samples := time.NewTicker(memorySample)
	defer samples.Stop()
	return s.until(ended, samples.C)
}

// until passes on signals until the child has ended, and remembers how often the
// kernel had killed.
func (s *supervised) until(ended <-chan syscall.WaitStatus, samples <-chan time.Time) syscall.WaitStatus {
	for {
		select {
		case received := <-s.signals:
			_ = s.process.Signal(received) // it may have ended
		case <-samples:
			s.memory.sample()
		case status := <-ended:
			return status
		}
	}
}

// wait collects children, orphans among them, until it has the right one.
func (s *supervised) wait() syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 1 << 8 // an exit with 1: somebody else collected it
		case pid != s.process.Pid:
		case status.Stopped():
			if status.StopSignal() == syscall.SIGTSTP { // nobody could have it go on
				_ = syscall.Kill(-pid, syscall.SIGCONT)
			}
		default:
			return status
		}
	}
}

// header is that of a child that did not say who it is: it is the same program.
func (s *supervised) header(apiKey string, config Config) file.Header {
	client, err := NewWithConfig(apiKey, config.forDeaths())
	if err != nil {
		return file.Header{} // it was valid before
	}
	defer closeQuietly(client)
	h := client.crashHeader(s.began)
	h.PID = s.process.Pid
	if h.Slide != "0x0" {
		h.Slide = "" // each process has its own
	}
	return h
}

// report reports the end of the child, if there is something to report.
func (s *supervised) report(apiKey string, config *Config, words monitor.Words, status syscall.WaitStatus) {
	d := death{words: words, dir: config.Crash.withDefaults().Dir}
	d.end = s.end(&words, status, config.Crash.ReportAbruptExit)
	unfinished := words.Hello != nil && words.Hello.File != "" && !words.Closed // there may be fatal exceptions
	if len(words.Text) == 0 && d.end == nil && !unfinished {
		return
	}
	sender := *config
	sender.Crash.ReportAbruptExit = false // the end says it
	if words.Hello == nil {
		d.header = s.header(apiKey, sender)
	}
	d.claim()
	defer d.left.Keep()
	d.report(apiKey, func() Config { return sender })
}

// exitAs ends this process as the child ended.
func exitAs(status syscall.WaitStatus) {
	if !status.Signaled() {
		os.Exit(status.ExitStatus()) //nolint:forbidigo // the program asked for it
	}
	s := status.Signal()
	if monitor.Echoes(s) && os.Getpid() != 1 { // whom the kernel does not let die of a signal
		signal.Reset(s)
		if syscall.Kill(os.Getpid(), s) == nil {
			<-time.NewTimer(time.Second).C // another thread may be the one that dies of it
		}
	}
	os.Exit(128 + int(s)) //nolint:forbidigo // as shells say it
}
