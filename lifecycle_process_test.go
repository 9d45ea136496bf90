package posthog_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// lifecycle is how the ends of those children begin that end by the library's
// own doing.
const lifecycle = "lifecycle: "

// endAsTold leaves an event in the queue, says so, and ends in one of the ways
// in which the library helps.
func endAsTold(end string) {
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint: os.Getenv(hostEnv), Interval: time.Hour, ShutdownTimeout: -1, Logger: silent{},
	})
	if err != nil {
		panic(err)
	}
	if err := client.Enqueue(event(0)); err != nil {
		panic(err)
	}
	await := func() {
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	switch end {
	case lifecycle + "a signal":
		posthog.CloseOnSignal(client, syscall.SIGTERM)
		await()
		select {}
	case lifecycle + "a signal after stop":
		stop := posthog.CloseOnSignal(client)
		stop()
		stop() // makes no difference
		await()
		select {}
	case lifecycle + "an exit code":
		os.Exit(posthog.RunMain(client, func() int { await(); return 7 }))
	case lifecycle + "a panic":
		posthog.RunMain(client, func() int { await(); panic("the end") })
	}
}

// startAsTold starts a child that ends as told, and returns when it is ready.
// The function that it returns lets the child end.
func startAsTold(t *testing.T, end string, server *posthogtest.Server) (command *exec.Cmd, proceed func()) {
	t.Helper()
	command = childCommand(t.Context(), lifecycle+end, "")
	command.Env = append(command.Env, hostEnv+"="+server.URL())
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = input.Close() })
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the child said %q, %v; want that it is ready", line, err)
	}
	return command, func() { _ = input.Close() }
}

// ending is how a process ended.
func ending(t *testing.T, err error) syscall.WaitStatus {
	t.Helper()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatalf("got %v, want a process that ended otherwise than by success", err)
	}
	return exit.Sys().(syscall.WaitStatus)
}

// terminate asks a process to end.
func terminate(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// Proves PY-34, PY-45: what is queued is delivered, and the process ends as it would
// have without the library.
func TestTheLibraryClosesAndTheProcessEndsAsItWould(t *testing.T) {
	t.Parallel()
	for end, c := range map[string]struct {
		signals int
		stored  int
		check   func(syscall.WaitStatus) bool
	}{
		"a signal":            {1, 1, func(s syscall.WaitStatus) bool { return s.Signaled() && s.Signal() == syscall.SIGTERM }},
		"a signal after stop": {1, 0, func(s syscall.WaitStatus) bool { return s.Signaled() && s.Signal() == syscall.SIGTERM }},
		"an exit code":        {0, 1, func(s syscall.WaitStatus) bool { return s.ExitStatus() == 7 }},
		"a panic":             {0, 1, func(s syscall.WaitStatus) bool { return s.ExitStatus() == 2 }},
	} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			server := listening(t)
			command, proceed := startAsTold(t, end, server)
			for range c.signals {
				terminate(t, command)
			}
			proceed()
			if status := ending(t, command.Wait()); !c.check(status) {
				t.Errorf("the process ended with %v (%#x), which is not as it should", status, status)
			}
			if stored := len(server.Rows()); stored != c.stored {
				t.Errorf("the server has %d events, want %d", stored, c.stored)
			}
		})
	}
}

// Proves PY-45: while Close waits for a server that never answers, and would
// wait for ever, a second signal ends the process.
func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	t.Parallel()
	server := listening(t)
	server.Inject(posthogtest.Fault{Hang: true, Times: -1})
	command, _ := startAsTold(t, "a signal", server)
	terminate(t, command)
	if err := server.WaitRequests(t.Context(), 1); err != nil {
		t.Fatalf("waiting for the request of Close: %v", err)
	}
	terminate(t, command)
	if status := ending(t, command.Wait()); !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("the process ended with %v (%#x), want SIGTERM", status, status)
	}
}

// Whatever client there is, RunMain returns what its function does, and passes on its
// panic.
func TestRunMainReturnsTheCode(t *testing.T) {
	t.Parallel()
	open, _ := open(t, posthog.Config{})
	for name, client := range map[string]io.Closer{
		"a client": open, "a nil client": (*posthog.ServerClient)(nil), "no client": nil, "a client that breaks": breaking{},
		"one in front of a client": struct {
			posthog.EnqueueClient
			io.Closer
		}{open, open},
	} {
		if code := posthog.RunMain(client, func() int { return 3 }); code != 3 {
			t.Errorf("%s: got %d, want 3", name, code)
		}
		func() {
			defer func() {
				if value := recover(); value != "the end" {
					t.Errorf("%s: got the panic %v, want the function's own", name, value)
				}
			}()
			posthog.RunMain(client, func() int { panic("the end") })
		}()
	}
	if err := open.Enqueue(capture("e")); !errors.Is(err, posthog.ErrClosed) {
		t.Errorf("Enqueue after RunMain: got %v, want ErrClosed", err)
	}
}

// breaking is a client whose Close panics.
type breaking struct{ posthog.Client }

func (breaking) Close() error { panic("close") }
