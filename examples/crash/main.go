// Command crash dies of concurrent map writes, which no code of a Go program
// learns of, and starts again: the second start reports what the first one died
// of, and what it did before. It needs no account; the service is one of its
// own.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// crashDir is the variable with the directory of crash files. The program that
// has it is the one that dies.
const crashDir = "SHOP_CRASH_DIR"

func main() {
	if dir := os.Getenv(crashDir); dir != "" {
		die(dir)
	}
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run starts a program that dies, and then a client that finds what it left.
func run(out io.Writer) error {
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	binary, err := os.Executable()
	if err != nil {
		return err
	}
	first := exec.CommandContext(context.Background(), binary)
	first.Env = append(os.Environ(), crashDir+"="+dir)
	fmt.Fprintln(out, "the first start:", first.Run()) // what it prints goes nowhere

	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		return err
	}
	defer server.Close()
	client, err := posthog.NewWithConfig("phc_crash", posthog.Config{
		Endpoint: server.URL(), Transport: server.Transport(),
		Crash: posthog.CrashConfig{Dir: dir},
	})
	if err != nil {
		return err
	}
	if err := client.Close(); err != nil { // which delivers the crash
		return err
	}
	for _, issue := range server.Issues() {
		e := issue.Events[0]
		frames := e.Exceptions()[0].Frames
		last := frames[len(frames)-1]
		fmt.Fprintf(out, "the second start reports: %s: %s (%s), in %s of the service %v\n",
			issue.Name, issue.Description, issue.Level, last.Function, e.Properties["service"])
		steps, _ := e.Properties["$exception_steps"].([]any)
		for _, step := range steps {
			if step, ok := step.(map[string]any); ok {
				fmt.Fprintln(out, "  before that it", step["$message"])
			}
		}
	}
	return nil
}

// die is the program that dies. It does not get as far as to a Close.
func die(dir string) {
	client, err := posthog.NewWithConfig("phc_crash", posthog.Config{
		DefaultEventProperties: posthog.Properties{"service": "shop"},
		Crash:                  posthog.CrashConfig{Dir: dir},
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	client.AddStep(ctx, "read the orders", posthog.Properties{"orders": 3})
	client.AddStep(ctx, "counted them", nil)

	runtime.GOMAXPROCS(2) // with one, no goroutine is interrupted in the middle of a write
	stock := map[int]int{}
	var counters sync.WaitGroup
	for tea := range 4 {
		counters.Go(func() { count(stock, tea) })
	}
	counters.Wait()
}

// count writes for ever into a map that others are writing to.
func count(stock map[int]int, tea int) {
	for n := 0; ; n++ {
		stock[tea] = n
	}
}
