package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestFiguresReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		figure            figure
		cell, ratio, goal string
	}{
		"one round":                      {figure{Ours: series{2}, Theirs: series{16}}, "2", "1/8.0", ""},
		"bounds where rounds differ":     {figure{Ours: series{3, 1, 2}, Theirs: series{1}}, "2 (1 to 3)", "2.0x", ""},
		"no bounds where they do not":    {figure{Ours: series{1.01, 1.02}, Theirs: series{0}, Places: 1}, "1.0", "-", ""},
		"the middle of an even count":    {figure{Ours: series{1, 3}, Theirs: series{2}}, "2 (1 to 3)", "1.0x", ""},
		"thousands":                      {figure{Ours: series{1234567.25}, Theirs: series{0}, Places: 1}, "1,234,567.2", "-", ""},
		"a large ratio without decimals": {figure{Ours: series{1}, Theirs: series{2345}}, "1", "1/2,345", ""},
		"a negative number":              {figure{Ours: series{-123}, Theirs: series{0}}, "-123", "-", ""},
		"a ratio reached":                {figure{Ours: series{1}, Theirs: series{8}, Goal: goal{Text: "1/8", Ratio: 0.125}}, "1", "1/8.0", "1/8: met"},
		"a ratio missed":                 {figure{Ours: series{2}, Theirs: series{8}, Goal: goal{Text: "1/8", Ratio: 0.125}}, "2", "1/4.0", "1/8: missed"},
		"a bound kept":                   {figure{Ours: series{1}, Theirs: series{2}, Goal: goal{Text: "< 2", Below: 2}}, "1", "1/2.0", "< 2: met"},
		"a bound reached is missed":      {figure{Ours: series{2}, Theirs: series{2}, Goal: goal{Text: "< 2", Below: 2}}, "2", "1.0x", "< 2: missed"},
		"a share kept":                   {figure{Ours: series{90}, Theirs: series{100}, Goal: goal{Text: "90 %", Share: 0.9}}, "90", "1/1.1", "90 %: met"},
		"a share missed":                 {figure{Ours: series{89}, Theirs: series{100}, Goal: goal{Text: "90 %", Share: 0.9}}, "89", "1/1.1", "90 %: missed"},
		"a height exceeded":              {figure{Ours: series{3}, Goal: goal{Text: "> 2", Above: 2}}, "3", "-", "> 2: met"},
		"a height reached is missed":     {figure{Ours: series{2}, Goal: goal{Text: "> 2", Above: 2}}, "2", "-", "> 2: missed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := test.figure
			if cell, ratio, goal := f.Cell(f.Ours), f.RatioText(), f.GoalText(); cell != test.cell || ratio != test.ratio || goal != test.goal {
				t.Errorf("got %q, %q, %q, want %q, %q, %q, for %+v", cell, ratio, goal, test.cell, test.ratio, test.goal, f)
			}
		})
	}
}

func TestPercentilesArePickedFromSortedCalls(t *testing.T) {
	t.Parallel()
	took := make([]time.Duration, 1000)
	for i := range took {
		took[i] = time.Duration(1000-i) * time.Microsecond
	}
	if got, want := percentilesOf(took), (percentiles{501, 991, 1000, 1000}); got != want {
		t.Errorf("got %+v, want %+v, for 1 to 1000 microseconds", got, want)
	}
}

// sample is a report with a figure under every heading.
func sample() report {
	b := &bench{size: full, harness: 0.25}
	for _, bar := range bars {
		b.add(figure{Group: bar.group, Name: bar.name, Unit: "ms", Places: 1, Ours: series{1, 2, 3}, Theirs: series{10, 20, 30}})
	}
	b.add(figure{Group: groupSpool, Name: "Enqueue", Unit: "ns", Ours: series{2}, Theirs: series{1}})
	b.add(figure{Group: groupBacklog, Name: "until every event was delivered", Unit: "s", Places: 2, Ours: series{1.25}})
	for _, group := range []string{groupAnalytics, groupZstd, groupIsolation, groupSentry} {
		b.add(figure{Group: group, Name: "plain", Unit: "s", Ours: series{2}, Theirs: series{1}})
	}
	return report{Date: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Command: "go run .", Machine: machine{Processor: "P", Rival: "v1", Sentry: "v2"}, bench: b}
}

func TestTheReportHoldsEveryFigure(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	if err := sample().Table(&table); err != nil {
		t.Fatal(err)
	}
	page := string(sample().markdown())
	for _, group := range groups {
		if !strings.Contains(table.String(), group) || !strings.Contains(page, "\n## "+group+"\n") {
			t.Errorf("%q stands not in both the table and the page:\n%s\n%s", group, table.String(), page)
		}
	}
	for _, bar := range bars {
		row := "| " + bar.name + " | ms | 2.0 (1.0 to 3.0) | 20.0 (10.0 to 30.0) | 1/10.0 |"
		if !strings.Contains(page, row) {
			t.Errorf("the page lacks the row %q:\n%s", row, page)
		}
	}
}

func TestEveryGroupNamesWhatItCompares(t *testing.T) {
	t.Parallel()
	page := string(sample().markdown())
	for _, want := range []string{
		"## Enqueue\n", "| what | unit | hedgerow | posthog-go | ratio | goal |\n",
		"## With a spool\n", "| what | unit | spool | memory | ratio | goal |\n", "| Enqueue | ns | 2 | 1 | 2.0x |  |\n",
		"## A spool full of events\n", "| what | unit | 1,000,000 events | none | ratio | goal |\n", "| until every event was delivered | s | 1.25 | - | - |  |\n",
		"## An answer for each event\n", "| what | unit | analytics | batch | ratio | goal |\n",
		"## zstd\n", "| what | unit | zstd | gzip | ratio | goal |\n",
		"## Beside a large AI event\n", "| what | unit | beside one | alone | ratio | goal |\n",
		"## Exceptions, beside sentry-go\n", "sentry-go v2", "| what | unit | hedgerow | sentry-go | ratio | goal |\n",
	} {
		at := strings.Index(page, want)
		if at < 0 {
			t.Fatalf("the page lacks %q, or not in this place:\n%s", want, page)
		}
		page = page[at+len(want):]
	}
}

func TestTheChartIsWellFormedAndShowsEveryPair(t *testing.T) {
	t.Parallel()
	svg := string(sample().chart())
	if got, want := strings.Count(svg, "<rect"), 2+2*len(bars); got != want {
		t.Errorf("got %d rectangles, want %d", got, want)
	}
	if last := strconv.Itoa(chartTop + (len(bars)-1)*rowHeight); !strings.Contains(svg, `y="`+last+`"`) {
		t.Errorf("no bar stands at %s, where the last row belongs:\n%s", last, svg)
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("the chart is not XML: %v\n%s", err, svg)
		}
	}
}
