package main

import (
	"fmt"

	"github.com/hedgerow/posthog"
)

// tuned is this repository's library with a protocol and a compression of its own.
type tuned struct {
	mode        posthog.CaptureMode
	compression posthog.CompressionMode
}

// The ways of sending.
var (
	batchPlain     = tuned{posthog.CaptureModeLegacy, posthog.CompressionNone}
	batchGzip      = tuned{posthog.CaptureModeLegacy, posthog.CompressionGzip}
	analyticsPlain = tuned{posthog.CaptureModeAnalyticsV1, posthog.CompressionNone}
	analyticsGzip  = tuned{posthog.CaptureModeAnalyticsV1, posthog.CompressionGzip}
	analyticsZstd  = tuned{posthog.CaptureModeAnalyticsV1, posthog.CompressionZstd}
)

// Name implements contender.
func (c tuned) Name() string { return fmt.Sprintf("hedgerow, %v, %v", c.mode, c.compression) }

// Open implements contender.
func (c tuned) Open(s settings) (client, error) {
	config := s.config()
	config.CaptureMode, config.Compression = c.mode, c.compression
	opened, err := posthog.NewWithConfig(projectKey, config)
	if err != nil {
		return nil, err
	}
	return hedgerowClient{opened}, nil
}

// protocols compares the endpoint that answers for each event with the one that does not, and zstd with gzip.
func (b *bench) protocols() error {
	for _, c := range []struct {
		group, title  string
		first, second tuned
		target        goal // of processor time
	}{
		{groupAnalytics, "plain", analyticsPlain, batchPlain, goal{Text: "1.1 times", Ratio: 1.1}},
		{groupAnalytics, "gzip", analyticsGzip, batchGzip, goal{Text: "1.1 times", Ratio: 1.1}},
		{groupZstd, "", analyticsZstd, analyticsGzip, goal{}},
	} {
		b.sayf("%s: %s", c.group, c.title)
		first, second, err := inTurns(b.size.rounds, contender(c.first), contender(c.second), func(library contender) (streamResult, error) {
			return b.stream(library, false, 1)
		})
		if err != nil {
			return err
		}
		title := c.title
		if title != "" {
			title += ": "
		}
		add := func(name, unit string, places int, target goal, of func(streamResult) float64) {
			b.add(figure{
				Group: c.group, Name: title + name, Unit: unit, Places: places, Goal: target,
				Ours: seriesOf(first, of), Theirs: seriesOf(second, of),
			})
		}
		million := float64(b.size.streamed) / 1e6
		add("processor time", "s per million", 2, c.target, func(r streamResult) float64 { return r.CPU / million })
		add("throughput", "events/s", 0, goal{}, func(r streamResult) float64 { return float64(r.Events) / r.Seconds })
		add("on the wire", "bytes per event", 1, goal{}, func(r streamResult) float64 { return float64(r.WireBytes) / float64(r.Events) })
	}
	return nil
}
