package posthog

import (
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// What somebody saw of a silent end is told, unless the file says more itself.
func TestAnEndThatSomebodySaw(t *testing.T) {
	t.Parallel()
	client, err := NewWithConfig("phc_test", Config{Logger: mute(), Interval: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	client.config.DisableSystemProperties = true
	const (
		text   = "panic: out of tea\n\ngoroutine 7 [running]:\nmain.main()\n\t/a.go:1 +0x1\n"
		fatal  = `{"event":"$exception","distinct_id":"u","uuid":"01990000-0000-7000-8000-000000000001"}`
		ended  = `{"ended":{"type":"process.killed","value":"by somebody","level":"fatal","signal":"SIGKILL"}}`
		always = `{"ended":{"type":"process.oom_kill","value":"by the kernel","level":"fatal","signal":"SIGKILL","always":true}}`
		exit   = `{"ended":{"type":"process.abrupt_exit","value":"with 0","level":"error","code":0}}`
	)
	for name, c := range map[string]struct {
		records   []string
		confirmed bool // there is a record that was
		text      string
		events    int    // records among them
		title     string // of the report; empty without one
	}{
		"an end":                          {records: []string{ended}, events: 1, title: "process.killed"},
		"an end after Close":              {records: []string{closedRecord, ended}, events: 1, title: "process.killed"},
		"an exit":                         {records: []string{exit}, events: 1, title: "process.abrupt_exit"},
		"after a fatal exception":         {records: []string{fatal, ended}, events: 1},
		"after one that was confirmed":    {records: []string{ended}, confirmed: true},
		"for want of memory, after it":    {records: []string{fatal, always}, events: 2, title: "process.oom_kill"},
		"for want of memory, confirmed":   {records: []string{always}, confirmed: true, events: 1, title: "process.oom_kill"},
		"and a text of the runtime":       {records: []string{always}, text: text, events: 1, title: "panic"},
		"and a text that nobody knows":    {records: []string{always}, text: "=0012", events: 1, title: "crash"},
		"two of them":                     {records: []string{ended, exit}, events: 1, title: "process.killed"},
		"none, as it was not to be told":  {},
		"no type":                         {records: []string{`{"ended":{"level":"fatal"}}`}},
		"no object":                       {records: []string{`{"ended":"x"}`, `{"ended":{"type":1}}`, `{"ended":{"type":"x"},"ended":null}`}},
		"no JSON":                         {records: []string{`{"ended":{`}},
		"an event that has such a member": {records: []string{`{"event":"$exception","distinct_id":"u","uuid":"01990000-0000-7000-8000-000000000001","ended":{"type":"x"}}`}, events: 1},
		"a level that nobody knows":       {records: []string{`{"ended":{"type":"x","level":"loud","code":3}}`}, events: 1, title: "x"},
		"a code that is none":             {records: []string{`{"ended":{"type":"x","level":"error","code":"3"}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			left := &file.Left{Header: file.Header{UUID: "01990000-0000-7000-8000-00000000dead"}, Text: []byte(c.text)}
			for _, record := range c.records {
				left.Records = append(left.Records, []byte(record))
			}
			if c.confirmed {
				left.Confirmed = [][]byte{[]byte(fatal)}
			}
			events := client.crashEvents(left)
			title := ""
			for _, e := range events {
				if e.report == nil {
					continue
				}
				title = e.report.list[0].Type
				if level := e.report.Level; level != LevelFatal && level != LevelError {
					t.Errorf("got level %q, want one that PostHog knows", level)
				}
				if signal, code := e.report.Properties["crash_signal"], e.report.Properties["crash_exit_code"]; strings.HasPrefix(title, "process.") &&
					(signal != nil) == (code != nil) {
					t.Errorf("got signal %v and exit code %v, want one of them", signal, code)
				}
			}
			if len(events) != c.events || title != c.title {
				t.Errorf("got %d events and %q, want %d and %q", len(events), title, c.events, c.title)
			}
		})
	}
}
