package main

import (
	"bytes"
	"fmt"
)

// bars are the figures that the chart shows, each with what it says about them.
var bars = []struct{ group, name, caption string }{
	{groupMicro, "small5, 1 goroutine", "Enqueue, five properties"},
	{groupStream, "plain, 1 producer: processor time", "Processor time, plain"},
	{groupStream, "gzip, 1 producer: processor time", "Processor time, gzip"},
	{groupStream, "plain, 8 producers: peak memory", "Peak memory, 8 producers"},
	{groupLatency, "server hanging: p99.9", "Enqueue p99.9, server hanging"},
	{groupMemory, "memory of the process", "Memory, server hanging"},
	{groupClose, fmt.Sprintf("Close with %d events to send", pendingEvents), "Close with events left"},
	{groupFlags, "cohort, one of 500, 1 goroutine", "A flag with a cohort"},
	{groupFlagCalls, "mixed, a snapshot of 500", "A snapshot of 500 flags"},
	{groupExceptions, "CaptureException", "An error with 32 calls"},
	{groupSize, "growth of a stripped program", "Growth of a program"},
}

// The chart's measures, in pixels.
const (
	chartWidth = 760
	chartTop   = 44
	rowHeight  = 46
	barHeight  = 14
	barLeft    = 230
	barRoom    = 330
)

// style colours the chart for light and for dark pages.
const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.ours { fill: #2a7f4f; } .theirs { fill: #9aa4ae; } .caption { text-anchor: end; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .ours { fill: #4fc07f; } .theirs { fill: #6e7781; } }
</style>
`

// chart draws a pair of bars for each chosen figure; the longer one of a pair fills the row. Shorter is better.
func (r report) chart() []byte {
	var rows bytes.Buffer
	count := 0
	for _, bar := range bars {
		for _, f := range r.inGroup(bar.group) {
			if f.Name == bar.name {
				drawRow(&rows, chartTop+count*rowHeight, bar.caption, f)
				count++
			}
		}
	}
	var svg bytes.Buffer
	height := chartTop + count*rowHeight
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="hedgerow and posthog-go compared, shorter bars are better">`+"\n",
		chartWidth, height, chartWidth, height)
	svg.WriteString(style)
	fmt.Fprintf(&svg, `<rect class="ours" x="%d" y="12" width="14" height="14"/><text x="%d" y="24">hedgerow</text>`+"\n", barLeft, barLeft+20)
	fmt.Fprintf(&svg, `<rect class="theirs" x="%d" y="12" width="14" height="14"/><text x="%d" y="24">posthog-go %s; shorter is better</text>`+"\n",
		barLeft+110, barLeft+130, r.Machine.Rival)
	rows.WriteTo(&svg) //nolint:errcheck // a buffer takes everything
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}

// drawRow draws one pair of bars with its caption and numbers.
func drawRow(w *bytes.Buffer, y int, caption string, f figure) {
	ours, theirs := f.Ours.Median(), f.Theirs.Median()
	longest := max(ours, theirs)
	width := func(v float64) float64 {
		if longest <= 0 {
			return 1
		}
		return max(1, v/longest*barRoom)
	}
	fmt.Fprintf(w, `<text class="caption" x="%d" y="%d">%s</text>`+"\n", barLeft-12, y+barHeight+4, caption)
	for i, bar := range []struct {
		class string
		value float64
		note  string
	}{{"ours", ours, " (" + f.RatioText() + ")"}, {"theirs", theirs, ""}} {
		top := y + i*(barHeight+2)
		fmt.Fprintf(w, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d"/>`, bar.class, barLeft, top, width(bar.value), barHeight)
		fmt.Fprintf(w, `<text x="%.1f" y="%d">%s %s%s</text>`+"\n", barLeft+width(bar.value)+6, top+barHeight-2, number(bar.value, f.Places), f.Unit, bar.note)
	}
}
