package posthog_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// childEnv makes the test binary a program that uses the library and ends in
// the way that its value names. See the table in docs/guarantees.md.
const (
	childEnv = "HEDGEROW_TEST_END"
	hostEnv  = "HEDGEROW_TEST_HOST"
	// ordersEnv is what a child that is no example of an end has to do.
	ordersEnv = "HEDGEROW_TEST_ORDERS"
)

// The ends of children that have orders.
const (
	victimEnd  = "torture"
	stationEnd = "as told"
)

func TestMain(m *testing.M) {
	switch end := os.Getenv(childEnv); end {
	case "":
		letChildrenHear(os.Interrupt, syscall.SIGHUP)
		code := m.Run()
		removeCrashBuilds()
		os.Exit(code)
	case victimEnd:
		runVictim(os.Getenv(ordersEnv), os.Stdin, os.Stdout)
	case stationEnd:
		runStation(os.Getenv(ordersEnv), os.Stdin, os.Stdout)
	default:
		child(end)
	}
}

// letChildrenHear has children end of signals that this process was started to
// ignore, as it is by nohup, and by a script in the background. A signal that is
// caught is not ignored by what is started.
func letChildrenHear(signals ...os.Signal) {
	for _, s := range signals {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// child delivers events 0 to 9, leaves events 10 to 19 in the queue, says so,
// and ends. With a spool, it has tried to send the latter, too, and ends when
// its standard input does.
func child(end string) {
	if strings.HasPrefix(end, lifecycle) {
		endAsTold(end)
		return
	}
	if strings.HasPrefix(end, trouble) {
		getIntoTrouble(end == trouble+" in silence")
		return
	}
	if strings.HasPrefix(end, panicking) {
		panicAsTold(end, os.Getenv(hostEnv), os.Getenv(ordersEnv))
		return
	}
	spool := os.Getenv(ordersEnv)
	config := posthog.Config{
		Endpoint: os.Getenv(hostEnv), Interval: time.Hour, Logger: silent{}, Spool: posthog.SpoolConfig{Dir: spool},
	}
	if spool != "" {
		config.ShutdownTimeout = 50 * time.Millisecond
	}
	client, err := posthog.NewWithConfig("phc_test", config)
	if err != nil {
		panic(err)
	}
	enqueue := func(from, to int) {
		for i := from; i < to; i++ {
			if err := client.Enqueue(event(i)); err != nil {
				panic(err)
			}
		}
	}
	if strings.Contains(end, "deferred Close") {
		defer client.Close()
	}
	terminated := make(chan os.Signal, 1)
	if end == "SIGTERM with Close" {
		signal.Notify(terminated, syscall.SIGTERM)
	}
	if end == "SIGTERM with CloseOnSignal" {
		posthog.CloseOnSignal(client)
	}
	enqueue(0, 10)
	if err := client.Flush(context.Background()); err != nil {
		panic(err)
	}
	enqueue(10, 20)
	if spool != "" {
		go func() { _ = client.Flush(context.Background()) }() // it does not live to see the end
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	switch end {
	case "Close", "Close on a full disk":
		closeOrSpool(client)
	case "SIGTERM with Close":
		<-terminated
		closeOrSpool(client)
	case "a panic that is recovered":
		func() {
			defer func() { _ = recover() }()
			panic("not the end")
		}()
		closeOrSpool(client)
	case "panic", "panic with a deferred Close":
		panic("the end")
	case "os.Exit":
		os.Exit(3) //nolint:gocritic // that deferred calls do not run is what is tested
	case "return from RunMain":
		os.Exit(posthog.RunMain(client, func() int { return 0 }))
	case "panic in RunMain":
		posthog.RunMain(client, func() int { panic("the end") })
	case "kill -9", "SIGTERM", "SIGTERM with CloseOnSignal":
		select {}
	}
}

// closeOrSpool closes the client, and insists that every event is delivered or in
// its spool.
func closeOrSpool(client *posthog.ServerClient) {
	var undelivered *posthog.UndeliveredError
	if err := client.Close(); err != nil && (!errors.As(err, &undelivered) || undelivered.Spooled != undelivered.Events) {
		panic(err)
	}
}

// ends are the ends of a process, and how many of its 20 events survive each
// without a spool.
var ends = map[string]int{
	"Close":                       20,
	"Close on a full disk":        20,
	"SIGTERM with Close":          20,
	"SIGTERM with CloseOnSignal":  20,
	"return from RunMain":         20,
	"panic in RunMain":            20,
	"panic with a deferred Close": 20,
	"return with deferred Close":  20,
	"a panic that is recovered":   20,
	"return without Close":        10,
	"panic":                       10,
	"os.Exit":                     10,
	"kill -9":                     10,
	"SIGTERM":                     10,
}

// The table of docs/guarantees.md, proven by real processes against a real
// port: what survives which end. Proves ZIG-16, ZIG-20.
func TestWhatSurvivesTheEndOfTheProcess(t *testing.T) {
	t.Parallel()
	for end, survivors := range ends {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			server := listening(t)
			run(t, end, server, "")
			w := &world{T: t, server: server}
			w.wantRows(survivors)
		})
	}
}

// The same table's column for programs with a spool: whatever ends the process
// while PostHog is away, the next start delivers what was left, with the bytes
// that the first process tried to send. Proves ZIG-17, ZIG-20, ZIG-42.
func TestWhatSurvivesTheEndOfTheProcessWithASpool(t *testing.T) {
	t.Parallel()
	for end := range ends {
		if end == "Close on a full disk" {
			continue // TestTheSpoolSurvivesItsDisk has full disks
		}
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			server := listening(t)
			server.Inject(posthogtest.Fault{}, posthogtest.Fault{Status: 503, Persist: -1, Times: -1})
			spool := t.TempDir()
			run(t, end, server, spool)
			tried := bytesByName(t, server)
			server.ClearFaults()
			server.Reset()

			restart(t, server, spool)
			got := bytesByName(t, server)
			for i := range 20 {
				switch name := event(i).Event; {
				case got[name] == tried[name]:
				case i < 10 && got[name] == "": // the first process had delivered it
				default:
					t.Errorf("the first process sent %q, the next start %q", tried[name], got[name])
				}
			}
			if len(tried) != 20 || len(got) > 20 {
				t.Errorf("the first process sent %d events, the next start %d, want 20 and no others", len(tried), len(got))
			}
		})
	}
}

// bytesByName returns the bytes of every event that the server has seen, after
// making sure that they were the same every time.
func bytesByName(t *testing.T, server *posthogtest.Server) map[string]string {
	t.Helper()
	raw := make(map[string]string)
	for _, e := range server.Events() {
		if earlier, again := raw[e.Name]; again && earlier != string(e.Raw) {
			t.Errorf("%s arrived as\n%s and as\n%s", e.Name, earlier, e.Raw)
		}
		raw[e.Name] = string(e.Raw)
	}
	return raw
}

// restart starts the program again, and closes its client.
func restart(t *testing.T, server *posthogtest.Server, spool string) {
	t.Helper()
	station := startStation(t, &station{Dir: spool, Host: server.URL()}, nil)
	station.do("flush")
	station.do("close")
}

// listening is a server on a port.
func listening(t *testing.T) *posthogtest.Server {
	t.Helper()
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	if _, err := server.Listen(""); err != nil {
		t.Fatal(err)
	}
	return server
}

// childCommand runs a child that has orders.
func childCommand(ctx context.Context, end, orders string) *exec.Cmd {
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(childEnvironment(end, ""), ordersEnv+"="+orders)
	return command
}

// childEnvironment is that of a child that ends as said, and without the second
// for which the race detector waits.
func childEnvironment(end, url string) []string {
	return append(os.Environ(), childEnv+"="+end, hostEnv+"="+url, "GORACE=atexit_sleep_ms=0")
}

// run runs the child to its end. With a spool, the child ends when the server has
// seen all of its events.
func run(t *testing.T, end string, server *posthogtest.Server, spool string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	if end == "Close on a full disk" {
		// No file can grow: the client must not need one.
		command = exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 0; exec "$0"`, os.Args[0])
	}
	command.Env = append(childEnvironment(end, server.URL()), ordersEnv+"="+spool)
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
	lines := bufio.NewReader(output)
	if line, err := lines.ReadString('\n'); err != nil || line != "ready\n" {
		t.Errorf("the child said %q, %v; want that it is ready", line, err)
	}
	if spool != "" {
		err = server.WaitEvents(t.Context(), 20)
	}
	_ = input.Close()
	switch {
	case err != nil:
		t.Errorf("waiting for the child's events: %v", err)
	case strings.HasPrefix(end, "SIGTERM"):
		err = command.Process.Signal(syscall.SIGTERM)
	case end == "kill -9":
		err = command.Process.Kill()
	}
	if err != nil {
		t.Errorf("signalling the child: %v", err)
	}
	_, _ = io.Copy(io.Discard, lines)
	_ = command.Wait() // most ends are failures, as they should be
}
