package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the test binary stand in for the processes that a comparison starts of itself.
func TestMain(m *testing.M) {
	if status, was := dispatch(os.Args[1:]); was {
		os.Exit(status)
	}
	os.Exit(m.Run())
}

func TestAShortRunLosesNothingAndMeasuresEverything(t *testing.T) {
	t.Parallel()
	b := &bench{ctx: t.Context(), size: brief, progress: t.Output()}
	if err := b.run([]string{"micro", "e2e", "latency", "memory", "close", "spool", "backlog", "protocols", "isolation", "flags", "flagcalls", "exceptions"}); err != nil {
		t.Fatalf("run: got %v, want no error", err)
	}
	seen := map[string]int{}
	for _, f := range b.figures {
		seen[f.Group]++
		alone := (f.Group == groupBacklog || f.Group == groupFlags || f.Group == groupExceptions) && len(f.Theirs) == 0
		if len(f.Ours) != brief.rounds || len(f.Theirs) != brief.rounds && !alone {
			t.Errorf("%s, %s: got %d and %d rounds, want %d of each", f.Group, f.Name, len(f.Ours), len(f.Theirs), brief.rounds)
		}
		if strings.HasSuffix(f.Name, "lost") || strings.HasSuffix(f.Name, "duplicates") {
			if f.Ours.Median() != 0 || f.Theirs.Median() != 0 {
				t.Errorf("%s, %s: got %v and %v, want 0 and 0", f.Group, f.Name, f.Ours, f.Theirs)
			}
		}
		if f.Name == "events refused for lack of room" && (f.Ours.Median() <= 0 || f.Theirs.Median() != 0) {
			t.Errorf("%s, %s: got %v and %v, want more than 0, or the goal could not be missed, and 0", f.Group, f.Name, f.Ours, f.Theirs)
		}
		if f.Name == "bytes the queue says it holds" && f.Ours.Median() > float64(brief.bound)/(1<<20) {
			t.Errorf("%s, %s: got %v, want at most %d bytes", f.Group, f.Name, f.Ours, brief.bound)
		}
		if strings.HasSuffix(f.Name, "processor time") && (f.Ours.Median() <= 0 || f.Theirs.Median() <= 0) {
			t.Errorf("%s, %s: got %v and %v, want more than 0", f.Group, f.Name, f.Ours, f.Theirs)
		}
	}
	for _, bar := range bars {
		if bar.group != groupSize && !slices.ContainsFunc(b.figures, func(f figure) bool { return f.Group == bar.group && f.Name == bar.name }) {
			t.Errorf("the chart shows %s, %s, and there is no such figure", bar.group, bar.name)
		}
	}
	for group, want := range map[string]int{groupMicro: 24, groupStream: 40, groupLatency: 8, groupMemory: 7, groupClose: 2, groupSpool: 41, groupBacklog: 11, groupAnalytics: 6, groupZstd: 3, groupIsolation: 2, groupFlags: 36, groupFlagCalls: 16, groupExceptions: 20, groupSentry: 7} {
		if seen[group] != want {
			t.Errorf("%s: got %d figures, want %d", group, seen[group], want)
		}
	}
}

func TestALossOrADuplicateFailsTheRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tally tally
		fails bool
	}{
		"each event once":                            {tally{Events: 3, Distinct: 3}, false},
		"an event is missing":                        {tally{Events: 2, Distinct: 2}, true},
		"an event came twice":                        {tally{Events: 4, Distinct: 3}, true},
		"an event came twice and another is missing": {tally{Events: 3, Distinct: 2}, true},
		"a body cannot be read":                      {tally{Events: 3, Distinct: 3, Unreadable: 1}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := test.tally.complete(hedgerow{}, 3); (err != nil) != test.fails {
				t.Errorf("complete of %+v with 3 accepted: got %v, want an error: %t", test.tally, err, test.fails)
			}
		})
	}
}

func TestAnUnknownPartIsRefused(t *testing.T) {
	t.Parallel()
	var out, progress bytes.Buffer
	if err := compare(t.Context(), []string{"-only", "everything"}, &out, &progress); err == nil {
		t.Errorf("got no error and %q, want a complaint about the unknown part", out.String())
	}
}

func TestAJobThatCannotRunSaysWhy(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ input, want string }{
		"a broken order":     {`{`, "unexpected EOF"},
		"an unknown library": {`{"Kind":"memory","Library":"other"}`, `no library is called "other"`},
		"an unknown kind":    {`{"Kind":"other","Library":"harness"}`, `no job is called "other"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			status := serveJob(strings.NewReader(test.input), &out, &errs)
			if status != 1 || !strings.Contains(errs.String(), test.want) || out.Len() > 0 {
				t.Errorf("got status %d, output %q, error %q, want status 1 and %q, for %s", status, out.String(), errs.String(), test.want, test.input)
			}
		})
	}
}
