package posthog_test

import (
	"bufio"
	"context"
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
)

func TestMain(m *testing.M) {
	if end := os.Getenv(childEnv); end != "" {
		child(end)
		return
	}
	os.Exit(m.Run())
}

// child delivers events 0 to 9, leaves events 10 to 19 in the queue, says so,
// and ends.
func child(end string) {
	if strings.HasPrefix(end, trouble) {
		getIntoTrouble(end == trouble+" in silence")
		return
	}
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint: os.Getenv(hostEnv), Interval: time.Hour, Logger: silent{},
	})
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
	enqueue(0, 10)
	if err := client.Flush(context.Background()); err != nil {
		panic(err)
	}
	enqueue(10, 20)
	fmt.Println("ready")
	switch end {
	case "Close", "Close on a full disk":
		if err := client.Close(); err != nil {
			panic(err)
		}
	case "SIGTERM with Close":
		<-terminated
		if err := client.Close(); err != nil {
			panic(err)
		}
	case "panic", "panic with a deferred Close":
		panic("the end")
	case "os.Exit":
		os.Exit(3) //nolint:gocritic // that deferred calls do not run is what is tested
	case "kill -9", "SIGTERM":
		select {}
	}
}

// The table of docs/guarantees.md, proven by real processes against a real
// port: what survives which end. Proves ZIG-16, ZIG-20.
func TestWhatSurvivesTheEndOfTheProcess(t *testing.T) {
	t.Parallel()
	for end, survivors := range map[string]int{
		"Close":                       20,
		"Close on a full disk":        20,
		"SIGTERM with Close":          20,
		"panic with a deferred Close": 20,
		"return with deferred Close":  20,
		"return without Close":        10,
		"panic":                       10,
		"os.Exit":                     10,
		"kill -9":                     10,
		"SIGTERM":                     10,
	} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			server, err := posthogtest.Start(posthogtest.Config{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			url, err := server.Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			run(t, end, url)
			w := &world{T: t, server: server}
			w.wantRows(survivors)
		})
	}
}

// childEnvironment is that of a child that ends as said.
func childEnvironment(end, url string) []string {
	return append(os.Environ(), childEnv+"="+end, hostEnv+"="+url)
}

// run runs the child to its end.
func run(t *testing.T, end, url string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	if end == "Close on a full disk" {
		// No file can grow: the client must not need one.
		command = exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 0; exec "$0"`, os.Args[0])
	}
	command.Env = childEnvironment(end, url)
	output, err := command.StdoutPipe()
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
	switch end {
	case "SIGTERM with Close", "SIGTERM":
		err = command.Process.Signal(syscall.SIGTERM)
	case "kill -9":
		err = command.Process.Kill()
	}
	if err != nil {
		t.Errorf("signalling the child: %v", err)
	}
	_, _ = io.Copy(io.Discard, lines)
	_ = command.Wait() // most ends are failures, as they should be
}
