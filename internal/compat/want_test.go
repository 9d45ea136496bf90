package compat_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/compat"
)

// event is one event in JSON.
func event(t *testing.T, text string) compat.Event {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var e compat.Event
	if err := decoder.Decode(&e); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return e
}

func TestDifferencesNameWhatIsNotAsWanted(t *testing.T) {
	t.Parallel()
	const arrived = `{"event":"paid","distinct_id":"u_1","uuid":"7","properties":{"n":1,"o":{"a":1,"b":2},"l":[{"a":1,"b":2}]}}`
	tests := map[string]struct {
		want   string // of the event
		differ bool
	}{
		"the same":                               {arrived, false},
		"a name alone":                           {`{"event":"paid"}`, false},
		"another name":                           {`{"event":"sold"}`, true},
		"another person":                         {`{"event":"paid","distinct_id":"u_2"}`, true},
		"another uuid":                           {`{"event":"paid","uuid":"8"}`, true},
		"a time that is missing":                 {`{"event":"paid","timestamp":"2026-01-01T00:00:00Z"}`, true},
		"some properties":                        {`{"properties":{"n":1}}`, false},
		"a property of another value":            {`{"properties":{"n":2}}`, true},
		"a property of another type":             {`{"properties":{"n":"1"}}`, true},
		"a property that is missing":             {`{"properties":{"m":1}}`, true},
		"some members of an object":              {`{"properties":{"o":{"b":2}}}`, false},
		"another member of an object":            {`{"properties":{"o":{"b":3}}}`, true},
		"an object in the place of a number":     {`{"properties":{"n":{}}}`, true},
		"some members of an element":             {`{"properties":{"l":[{"a":1}]}}`, false},
		"another member of an element":           {`{"properties":{"l":[{"a":2}]}}`, true},
		"a shorter list":                         {`{"properties":{"l":[]}}`, true},
		"a property that must not be there, is":  {`{"without":["n"]}`, true},
		"a property that must not be there, not": {`{"without":["m"]}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := compat.Want{Events: []compat.Event{event(t, test.want)}}
			if got := want.Differences(compat.Result{}, []compat.Event{event(t, arrived)}); (len(got) > 0) != test.differ {
				t.Errorf("got differences %q, want any: %v, for %s", got, test.differ, test.want)
			}
		})
	}
}

func TestEveryEventIsWantedOnce(t *testing.T) {
	t.Parallel()
	paid, sold := compat.Event{Event: "paid"}, compat.Event{Event: "sold"}
	for name, test := range map[string]struct {
		want, arrived []compat.Event
		found         int
	}{
		"in any order":   {[]compat.Event{paid, sold}, []compat.Event{sold, paid}, 0},
		"one too few":    {[]compat.Event{paid, paid}, []compat.Event{paid}, 1},
		"one too many":   {[]compat.Event{paid}, []compat.Event{paid, paid}, 1},
		"one of another": {[]compat.Event{paid}, []compat.Event{sold}, 2},
	} {
		want := compat.Want{Events: test.want}
		if got := want.Differences(compat.Result{}, test.arrived); len(got) != test.found {
			t.Errorf("%s: got %q, want %d differences", name, got, test.found)
		}
	}
	want := compat.Want{Exit: 3, Stdout: "a"}
	if got := want.Differences(compat.Result{Stdout: "b"}, nil); !slices.Equal(got, []string{"exit status 0, want 3", `printed "b", want "a"`}) {
		t.Errorf("got %q, want a word about the exit status and one about the output", got)
	}
}
