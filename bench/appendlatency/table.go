//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// A row is one way at one pace, measured several times.
type row struct {
	job
	results  []result
	hammered blows
}

// measure starts the process that hammers the disk, and beside it the one that appends.
func (r *row) measure(ctx context.Context) error {
	other, err := startHammer(ctx, r.Dir)
	if err != nil {
		return err
	}
	appended, err := runChild[result](ctx, appendArgument, r.job)
	did, stopped := other.stop()
	if err := errors.Join(err, stopped); err != nil {
		return err
	}
	r.results = append(r.results, appended)
	r.hammered.add(did)
	return nil
}

// median is the middle one of a quantity's values.
func (r *row) median(of func(result) time.Duration) time.Duration {
	values := make([]time.Duration, len(r.results))
	for i := range r.results {
		values[i] = of(r.results[i])
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

// paceName says in words how fast records come.
func paceName(perSecond int) string {
	if perSecond == flatOut {
		return "flat out"
	}
	return fmt.Sprintf("%d a second", perSecond)
}

// columns are the quantities of a row.
var columns = []struct {
	title string
	of    func(result) time.Duration
}{
	{"p50", func(r result) time.Duration { return r.P50 }},
	{"p99", func(r result) time.Duration { return r.P99 }},
	{"p99.9", func(r result) time.Duration { return r.P999 }},
	{"p99.99", func(r result) time.Duration { return r.P9999 }},
	{"longest", func(r result) time.Duration { return r.Longest }},
	{"stop for GC, p99", func(r result) time.Duration { return r.PauseP99 }},
	{"stop for GC, longest", func(r result) time.Duration { return r.WorstPause }},
	{"longest wait for a file", func(r result) time.Duration { return r.LongestWait }},
}

// printTable writes the rows in Markdown.
func printTable(w io.Writer, rows []row) {
	titles, lines := "| pace | way | appends |", "|---|---|---:|"
	for _, c := range columns {
		titles += " " + c.title + " |"
		lines += "---:|"
	}
	fmt.Fprintf(w, "%s\n%s\n", titles, lines)
	var all blows
	for i := range rows {
		r := &rows[i]
		calls := r.median(func(r result) time.Duration { return time.Duration(r.Calls) })
		fmt.Fprintf(w, "| %s | %s | %d |", paceName(r.PerSecond), r.Way, int64(calls))
		for _, c := range columns {
			fmt.Fprintf(w, " %s |", short(r.median(c.of)))
		}
		fmt.Fprintln(w)
		all.add(r.hammered)
	}
	fmt.Fprintf(w, "\nMeanwhile the other process wrote %d MiB and synced them %d times; the longest sync took %s.\n",
		all.Bytes>>20, all.Syncs, short(all.Longest))
}

// short writes a duration with two or three digits.
func short(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < 10*time.Microsecond:
		return fmt.Sprintf("%.1f us", float64(d)/1e3)
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f us", float64(d)/1e3)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	default:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	}
}
