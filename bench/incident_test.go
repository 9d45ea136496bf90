package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// whole is what arrives of a failure that is reported.
func whole() incident {
	functions := make([]string, stackDepth)
	for i := range functions {
		functions[i] = fmt.Sprintf("main.f%d", i)
	}
	functions[stackDepth-1] = "main.ourReporter.Report"
	return incident{Titles: []string{"main.chargeError", "main.tableError"}, Functions: functions, Properties: []string{"$lib", "tenant", "order", "total"}}
}

func TestAnErrorThatDidNotArriveWholeFailsTheRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*incident)
		want   string // of the error; "" for none
	}{
		"everything":                        {func(*incident) {}, ""},
		"the goroutine's beginning as well": {func(i *incident) { i.Functions = slices.Insert(i.Functions, 0, "runtime.goexit") }, ""},
		"nothing":                           {func(i *incident) { *i = incident{} }, "a chain of 2 arrived"},
		"no chain":                          {func(i *incident) { i.Titles = i.Titles[:1] }, "a chain of 2 arrived"},
		"another error":                     {func(i *incident) { i.Titles[0] = "main.tableError" }, "of type chargeError arrived"},
		"a call less":                       {func(i *incident) { i.Functions = i.Functions[1:] }, "arrived as one of 31"},
		"no stack":                          {func(i *incident) { i.Functions = nil }, "arrived as one of 0"},
		"calls of the library":              {func(i *incident) { i.Functions = append(i.Functions, "posthog.capture") }, "does not end with Report"},
		"a property less":                   {func(i *incident) { i.Properties = i.Properties[:3] }, "property total is missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := whole()
			test.change(&i)
			err := i.complete("chargeError", 2)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q, for %+v", err, test.want, i)
			}
		})
	}
}

func TestExceptionsAreReadFromABody(t *testing.T) {
	t.Parallel()
	body := `{"batch":[{"event":"$exception","properties":{"tenant":"t","$exception_list":[
		{"type":"A","stacktrace":{"frames":[{"function":"main.main"},{"function":"main.f"}]}},
		{"type":"B","stacktrace":{"frames":[{"function":"main.g"}]}}]}}]}`
	found, err := incidents([]byte(body))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %+v and %v, want one exception, of %s", found, err, body)
	}
	i := found[0]
	slices.Sort(i.Properties)
	if got, want := fmt.Sprint(i.Titles, i.Functions, i.Properties), "[A B] [main.main main.f] [$exception_list tenant]"; got != want {
		t.Errorf("got %s, want %s, of %s", got, want, body)
	}
	for _, body := range []string{`{`, `{"batch":[{"event":"other"}]}`, `{"batch":[{"event":"$exception","properties":{}}]}`} {
		if found, err := incidents([]byte(body)); err == nil {
			t.Errorf("got %+v, want an error, for %s", found, body)
		}
	}
}

// Each asking is about what came since the one before.
func TestTheSinkShowsASample(t *testing.T) {
	t.Parallel()
	var s sink
	ask := func() string {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", samplePath, nil))
		if got := w.Body.Bytes(); !json.Valid(got) {
			t.Errorf("got %q, want JSON", got)
		}
		return w.Body.String()
	}
	send := func(body string) {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "POST", "/batch/", strings.NewReader(body)))
	}
	first, second, third := eventsBody(1), eventsBody(2), eventsBody(3)
	got := []string{ask()}
	send(first)
	send(second)
	got = append(got, ask(), ask())
	send(`{}`)
	send(third)
	got = append(got, ask())
	if want := []string{"null", first, "null", third}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
