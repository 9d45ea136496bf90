package compat

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// Want is the behaviour of a program.
type Want struct {
	// Args are its arguments.
	Args []string `json:"args"`
	// Exit is its exit status.
	Exit int `json:"exit"`
	// Stdout is all that it prints.
	Stdout string `json:"stdout"`
	// Events are all events that arrive, in any order.
	Events []Event `json:"events"`
	// Differs says why posthog-go itself behaves differently. Empty means that it does not.
	Differs string `json:"differs"`
}

// Event is an event that arrived, or what is wanted of one. An empty field of the latter means that anything will do.
type Event struct {
	Event      string `json:"event"`
	DistinctID string `json:"distinct_id"`
	UUID       string `json:"uuid"`
	// Timestamp is in UTC, in the form of time.RFC3339Nano.
	Timestamp string `json:"timestamp"`
	// Properties are those that matter; objects inside of them, too, may have more members than are wanted. Numbers are
	// of type json.Number.
	Properties map[string]any `json:"properties"`
	// Without names properties that must not be there.
	Without []string `json:"without"`
}

// Differences says in what a run is not as wanted.
func (w *Want) Differences(run Result, arrived []Event) []string {
	var found []string
	if run.Exit != w.Exit {
		found = append(found, fmt.Sprintf("exit status %d, want %d", run.Exit, w.Exit))
	}
	if run.Stdout != w.Stdout {
		found = append(found, fmt.Sprintf("printed %q, want %q", run.Stdout, w.Stdout))
	}
	arrived = slices.Clone(arrived)
	for i := range w.Events {
		want := &w.Events[i]
		at := slices.IndexFunc(arrived, want.matches)
		if at < 0 {
			found = append(found, "missing: "+want.text())
			continue
		}
		arrived = slices.Delete(arrived, at, at+1)
	}
	for i := range arrived {
		found = append(found, "unwanted: "+arrived[i].text())
	}
	if len(found) > 0 && run.Stderr != "" {
		found = append(found, "its log: "+run.Stderr)
	}
	return found
}

// text is the event in one line.
func (e *Event) text() string {
	properties, err := json.Marshal(e.Properties)
	if err != nil {
		properties = fmt.Append(nil, e.Properties)
	}
	return fmt.Sprintf("%s of %s, uuid %q, at %q, with %s without %q", e.Event, e.DistinctID, e.UUID, e.Timestamp, properties, e.Without)
}

// matches reports whether an event that arrived is as wanted.
func (e *Event) matches(got Event) bool {
	for _, pair := range [...][2]string{{e.Event, got.Event}, {e.DistinctID, got.DistinctID}, {e.UUID, got.UUID}, {e.Timestamp, got.Timestamp}} {
		if pair[0] != "" && pair[0] != pair[1] {
			return false
		}
	}
	for _, key := range e.Without {
		if _, present := got.Properties[key]; present {
			return false
		}
	}
	return contains(got.Properties, e.Properties)
}

// contains reports whether got has all that is wanted. Objects may have more members, and lists no more elements.
func contains(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		for key, value := range want {
			member, present := object[key]
			if !present || !contains(member, value) {
				return false
			}
		}
		return ok
	case []any:
		list, ok := got.([]any)
		return ok && len(list) == len(want) && every(list, want)
	default:
		return reflect.DeepEqual(got, want)
	}
}

// every reports whether each element of got has what is wanted of it.
func every(got, want []any) bool {
	for i := range want {
		if !contains(got[i], want[i]) {
			return false
		}
	}
	return true
}
