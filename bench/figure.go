package main

import (
	"slices"
	"strconv"
)

// series is one quantity as measured in each round.
type series []float64

// Median is the middle value, or 0 if there is none.
func (s series) Median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// seriesOf picks one quantity out of the results of all rounds.
func seriesOf[T any](results []T, of func(T) float64) series {
	s := make(series, len(results))
	for i, r := range results {
		s[i] = of(r)
	}
	return s
}

// A goal is what this library is meant to reach. The zero value is no goal.
type goal struct {
	Text  string
	Ratio float64 // the median is at most this share of the other one
	Share float64 // the median is at least this share of the other one
	Below float64 // the median is less than this
	Above float64 // the median is more than this
}

// A figure is one quantity, measured in the same rounds for both things that its group compares.
type figure struct {
	Group  string // the heading it stands under
	Name   string
	Unit   string
	Places int // decimals worth showing
	Ours   series
	Theirs series // empty where there is nothing to compare with
	Goal   goal
}

// Ratio is the first median over the second. It is 0 if the second is 0.
func (f figure) Ratio() float64 {
	if f.Theirs.Median() == 0 {
		return 0
	}
	return f.Ours.Median() / f.Theirs.Median()
}

// Met reports whether the goal is reached. A figure without a goal has met it.
func (f figure) Met() bool {
	switch {
	case f.Goal.Ratio > 0:
		return f.Ratio() <= f.Goal.Ratio
	case f.Goal.Share > 0:
		return f.Ratio() >= f.Goal.Share
	case f.Goal.Below > 0:
		return f.Ours.Median() < f.Goal.Below
	case f.Goal.Above > 0:
		return f.Ours.Median() > f.Goal.Above
	default:
		return true
	}
}

// RatioText writes the ratio as people say it: "1/8.3" or "5.2x".
func (f figure) RatioText() string {
	switch r := f.Ratio(); {
	case r == 0:
		return "-"
	case r < 0.01:
		return "1/" + number(1/r, 0)
	case r < 0.95:
		return "1/" + strconv.FormatFloat(1/r, 'f', 1, 64)
	default:
		return strconv.FormatFloat(r, 'f', 1, 64) + "x"
	}
}

// GoalText names the goal and says whether it is reached.
func (f figure) GoalText() string {
	switch {
	case f.Goal.Text == "":
		return ""
	case f.Met():
		return f.Goal.Text + ": met"
	default:
		return f.Goal.Text + ": missed"
	}
}

// Cell writes a series as its median, followed by its bounds where rounds differ.
func (f figure) Cell(s series) string {
	if len(s) == 0 {
		return "-"
	}
	median := number(s.Median(), f.Places)
	low, high := number(slices.Min(s), f.Places), number(slices.Max(s), f.Places)
	if low == high {
		return median
	}
	return median + " (" + low + " to " + high + ")"
}

// number writes a number with a fixed count of decimals and commas between thousands.
func number(v float64, places int) string {
	text := strconv.FormatFloat(v, 'f', places, 64)
	end := len(text)
	if places > 0 {
		end -= places + 1
	}
	start := 0
	if v < 0 {
		start = 1
	}
	for at := end - 3; at > start; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
