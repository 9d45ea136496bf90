package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
)

// report presents a finished run.
type report struct {
	Date    time.Time
	Command string
	Machine machine
	*bench
}

// inGroup returns the figures under a heading.
func (r report) inGroup(name string) []figure {
	var found []figure
	for _, f := range r.figures {
		if f.Group == name {
			found = append(found, f)
		}
	}
	return found
}

// columns are the titles of the two things that a group compares.
func (r report) columns(group string) (first, second string) {
	switch group {
	case groupSpool:
		return "spool", "memory"
	case groupAnalytics:
		return "analytics", "batch"
	case groupZstd:
		return "zstd", "gzip"
	case groupIsolation:
		return "beside one", "alone"
	case groupSentry:
		return "hedgerow", "sentry-go"
	case groupBacklog:
		return number(float64(r.size.held), 0) + " events", "none"
	default:
		return "hedgerow", "posthog-go"
	}
}

// Table writes the figures for a terminal.
func (r report) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, group := range groups {
		found := r.inGroup(group)
		if len(found) == 0 {
			continue
		}
		first, second := r.columns(group)
		fmt.Fprintf(t, "\n%s\tunit\t%s\t%s\tratio\tgoal\n", group, first, second)
		for _, f := range found {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\n", f.Name, f.Unit, f.Cell(f.Ours), f.Cell(f.Theirs), f.RatioText(), f.GoalText())
		}
	}
	if r.harness > 0 {
		fmt.Fprintf(t, "\nThe harness by itself takes %.2f processor seconds per million events, inside of both columns.\n", r.harness)
	}
	return t.Flush()
}

// Write replaces benchmarks.md and benchmarks.svg in a folder.
func (r report) Write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "benchmarks.md"), r.markdown(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "benchmarks.svg"), r.chart(), 0o644)
}

// markdown writes the page of the documentation.
func (r report) markdown() []byte {
	var page bytes.Buffer
	m := r.Machine
	fmt.Fprintf(&page, "# Benchmarks\n\n<!-- Written by `make bench`. Do not edit by hand. -->\n\n")
	fmt.Fprintf(&page, "This library next to posthog-go %s, doing the same work in one run.\n\n![Chart](benchmarks.svg)\n\n", m.Rival)
	fmt.Fprintf(&page, "| | |\n|---|---|\n| date | %s |\n| Go | %s |\n| processor | %s, %d cores |\n| memory | %s |\n| kernel | %s |\n| file system | %s |\n| command | `%s`, in `bench/` |\n\n",
		r.Date.UTC().Format(time.DateOnly), m.Go, m.Processor, m.Cores, m.Memory, m.Kernel, m.Disk, r.Command)
	fmt.Fprintf(&page, "Each cell is the median of %s, with the lowest and the highest in brackets. The ratio is the median of the\nfirst column over that of the second.\n", roundCount(r.size.rounds))
	for _, group := range groups {
		found := r.inGroup(group)
		if len(found) == 0 {
			continue
		}
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n", group, r.method(group))
		first, second := r.columns(group)
		fmt.Fprintf(&page, "| what | unit | %s | %s | ratio | goal |\n|---|---|---:|---:|---:|---|\n", first, second)
		for _, f := range found {
			fmt.Fprintf(&page, "| %s | %s | %s | %s | %s | %s |\n", f.Name, f.Unit, f.Cell(f.Ours), f.Cell(f.Theirs), f.RatioText(), f.GoalText())
		}
	}
	page.WriteString(closing)
	return page.Bytes()
}

// roundCount says how many rounds there were.
func roundCount(n int) string {
	if n == 1 {
		return "one round"
	}
	return fmt.Sprintf("%d rounds, in which the libraries took turns", n)
}
