package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An incident is what arrived of an error that was reported.
type incident struct {
	Titles     []string // of the error, and of those that it wraps
	Functions  []string // of the error's stack, the innermost one last
	Properties []string // names of what it was reported with, and of others
}

// complete says what is wrong if it is not the error that was reported, with its chain of so many, properties, and stack
// down to the function that reported it.
func (i incident) complete(title string, chain int) error {
	switch depth := len(i.Functions); {
	case len(i.Titles) != chain:
		return fmt.Errorf("a chain of %d arrived as %q", chain, i.Titles)
	case !strings.HasSuffix(i.Titles[0], title):
		return fmt.Errorf("an error of type %s arrived as %q", title, i.Titles)
	case depth < stackDepth || depth > stackDepth+1: // some count where the goroutine begins
		return fmt.Errorf("a stack of %d calls arrived as one of %d: %q", stackDepth, depth, i.Functions)
	case !strings.HasSuffix(i.Functions[depth-1], ".Report"):
		return fmt.Errorf("the stack does not end with Report: %q", i.Functions)
	}
	for name := range errorProperties(0) {
		if !slices.Contains(i.Properties, name) {
			return fmt.Errorf("property %s is missing among %q", name, i.Properties)
		}
	}
	return nil
}

// incidents reads a body of exceptions, as PostHog gets it.
func incidents(body []byte) ([]incident, error) {
	var sheet struct {
		Batch []struct {
			Event      string
			Properties map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &sheet); err != nil {
		return nil, fmt.Errorf("read what arrived: %w", err)
	}
	var found []incident
	for _, event := range sheet.Batch {
		if event.Event != "$exception" {
			return nil, fmt.Errorf("%s arrived, not an exception", event.Event)
		}
		var list []struct {
			Type       string
			Stacktrace struct{ Frames []struct{ Function string } }
		}
		if err := json.Unmarshal(event.Properties["$exception_list"], &list); err != nil {
			return nil, fmt.Errorf("read the exceptions that arrived: %w", err)
		}
		var i incident
		for _, e := range list {
			i.Titles = append(i.Titles, e.Type)
		}
		if len(list) > 0 {
			for _, frame := range list[0].Stacktrace.Frames {
				i.Functions = append(i.Functions, frame.Function)
			}
		}
		for name := range event.Properties {
			i.Properties = append(i.Properties, name)
		}
		found = append(found, i)
	}
	return found, nil
}
