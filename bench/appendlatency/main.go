//go:build linux

// Command appendlatency measures what a caller pays for putting a record into a file: the time of single appends, and how
// long garbage collections take to stop the world meanwhile, while another process writes to the same disk and syncs it.
//
//	go run ./appendlatency [-dir folder] [-for 2s] [-rounds 3]
//
// It prints a table in Markdown, of the medians of the rounds. Each row of a round is measured in a process of its own. What
// it writes is bounded in time and in bytes, lies below the folder, and is gone when it ends. Times include the reading of
// the clock, and what else the machine does; the rows without a file show how much that is. It runs on Linux.
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

	"github.com/hedgerow/posthog/bench/internal/host"
)

func main() {
	if status, was := dispatch(os.Args[1:]); was {
		os.Exit(status)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "appendlatency:", err)
		os.Exit(1) //nolint:gocritic // the folder is removed by then
	}
}

// measure carries out the command line.
func measure(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	flags := flag.NewFlagSet("appendlatency", flag.ContinueOnError)
	flags.SetOutput(progress)
	parent := flags.String("dir", os.TempDir(), "a folder on the disk to measure")
	long := flags.Duration("for", 2*time.Second, "how long a round of one way lasts, at most")
	rounds := flags.Int("rounds", 3, "how often each way is measured, in turn")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(*parent, "appendlatency")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // what is left is empty
	var rows []row
	for _, pace := range []int{steady, flatOut} {
		for _, w := range ways {
			rows = append(rows, row{job: job{Dir: dir, Way: w, PerSecond: pace, Long: *long}})
		}
	}
	for round := range *rounds {
		for i := range rows {
			fmt.Fprintf(progress, "round %d: %s, %s\n", round+1, paceName(rows[i].PerSecond), rows[i].Way)
			if err := rows[i].measure(ctx); err != nil {
				return fmt.Errorf("%s, %s: %w", paceName(rows[i].PerSecond), rows[i].Way, err)
			}
		}
	}
	fmt.Fprintf(out, "Made by `%s`, %s, %s.\n\n", strings.Join(append([]string{"go run ./appendlatency"}, args...), " "), host.Kernel(), host.FileSystem(dir))
	printTable(out, rows)
	return nil
}
