package posthog

import (
	"bytes"
	"encoding/json"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/stack"
)

// processEnd is what a process ended by, if the runtime did not say so: what its
// supervisor saw. It is a record of the crash file.
type processEnd struct {
	Type   string `json:"type"`
	Value  string `json:"value"`
	Level  Level  `json:"level"`
	Signal string `json:"signal,omitempty"`
	Code   *int   `json:"code,omitempty"`   // it exited with
	Always bool   `json:"always,omitempty"` // although the process recorded fatal exceptions
}

// endRecord is the record of an end.
type endRecord struct {
	Ended *processEnd `json:"ended"`
}

// endRecordBegin is what such a record begins with, as no event does.
const endRecordBegin = `{"ended":{`

// record returns the end as it is in a crash file.
func (e *processEnd) record() []byte {
	record, _ := json.Marshal(endRecord{e}) // texts and numbers never fail
	return record
}

// seenEnd returns the end that somebody saw of the process that left wrote, and
// nil if nobody did.
func seenEnd(left *file.Left) *processEnd {
	for _, record := range left.Records {
		var r endRecord
		if bytes.HasPrefix(record, []byte(endRecordBegin)) && json.Unmarshal(record, &r) == nil && r.Ended != nil && r.Ended.Type != "" {
			return r.Ended
		}
	}
	return nil
}

// unseenEnd is the end of a process of which nobody knows more than that it has
// ended without a word.
func unseenEnd() *processEnd {
	return &processEnd{
		Type:  "process.abrupt_exit",
		Value: "the process ended without Close and without a word: by os.Exit, a return from main, kill -9, or for want of memory",
		Level: LevelError,
	}
}

// exception returns what PostHog is told of the end.
func (e *processEnd) exception() stack.Exception {
	return stack.Exception{
		Type: e.Type, Value: e.Value,
		Mechanism: stack.Mechanism{Type: "crash_reporter", Handled: new(false), Synthetic: new(true)},
	}
}

// describe adds to the properties of the exception what the end was.
func (e *processEnd) describe(properties Properties) {
	if e.Signal != "" {
		properties["crash_signal"] = e.Signal
	}
	if e.Code != nil {
		properties["crash_exit_code"] = *e.Code
	}
}
