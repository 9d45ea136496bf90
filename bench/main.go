// Command bench compares this library with posthog-go, and with sentry-go where errors are reported, on the same machine,
// with the same work, in one run.
//
//	go run . [-rounds n] [-only micro,e2e,latency,memory,close,size,spool,backlog,protocols,isolation,flags,flagcalls,exceptions] [-short] [-write]
//
// It prints a table. With -write it also replaces ../docs/benchmarks.md and its chart. The libraries take turns, so that
// noise of the machine falls on both. Servers, and whatever is judged by its processor time or memory, run in processes
// of their own, which the program starts from itself. Wherever the server answers, the run fails if a single event is lost
// or repeated. Spools lie in the temporary folder: set TMPDIR to measure another disk. It reads /proc, and so needs Linux.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	if status, was := dispatch(os.Args[1:]); was {
		os.Exit(status)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := compare(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to clean up
	}
}

// compare carries out the command line.
func compare(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	short := flags.Bool("short", false, "measure little, to see that everything works")
	rounds := flags.Int("rounds", 0, "how often each library is measured (default 3, with -short 1)")
	only := flags.String("only", "", "the measurements to take, separated by commas (default all)")
	write := flags.Bool("write", false, "replace ../docs/benchmarks.md and ../docs/benchmarks.svg")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{ctx: ctx, size: full, progress: progress}
	if *short {
		b.size = brief
	}
	if *rounds > 0 {
		b.size.rounds = *rounds
	}
	var named []string
	if *only != "" {
		named = strings.Split(*only, ",")
	}
	if err := b.run(named); err != nil {
		return err
	}
	r := report{Date: time.Now(), Command: strings.Join(append([]string{"go run ."}, args...), " "), Machine: thisMachine(os.TempDir()), bench: b}
	if err := r.Table(out); err != nil || !*write {
		return err
	}
	return r.Write("../docs")
}
