package main_test

import (
	"flag"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/conformance/adapter"
)

// test is one test of the harness, under the name that the harness gives it.
type test struct {
	name string
	play func(*play)
}

// suite is the harness's suite "capture" for server SDKs.
var suite = []struct {
	category string
	tests    []test
	count    int // in the harness
}{
	{"format_validation", formatTests, 8},
	{"retry_behavior", retryTests, 9},
	{"deduplication", deduplicationTests, 6},
	{"compression", compressionTests, 1},
	{"batch_format", batchTests, 3},
	{"error_handling", errorTests, 3},
}

// size is how many tests the harness reports for the suite. It leaves out what does not apply without saying so, and so
// the number is part of the result.
const size = 30

// concurrency is how many tests the harness runs at a time.
const concurrency = 10

// TestCapture plays the suite one test at a time, each in a world of its own. Proves HV0-1, HV0-2, HV0-3, HV0-4, HV0-5
// and HV0-6: the categories retry_behavior and error_handling the first four, batch_format the fifth, and
// format_validation the last.
func TestCapture(t *testing.T) {
	ran := 0
	for _, category := range suite {
		t.Run(category.category, func(t *testing.T) {
			for _, test := range category.tests {
				t.Run(test.name, func(t *testing.T) {
					ran++
					synctest.Test(t, func(t *testing.T) {
						name := category.category + "/" + test.name
						for _, failure := range playAll(t, []string{name}, nil)[name] {
							t.Error(failure)
						}
					})
				})
			}
		})
		if len(category.tests) != category.count {
			t.Errorf("category %s: got %d tests, want %d", category.category, len(category.tests), category.count)
		}
	}
	if ran != size && wholeRun() {
		t.Errorf("tests that ran: got %d, want %d", ran, size)
	}
}

// TestCaptureInParallel plays the whole suite against one adapter, ten tests at a time, as the harness does.
func TestCaptureInParallel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		results := playAll(t, names(), nil)
		if len(results) != size {
			t.Errorf("tests that ran: got %d, want %d", len(results), size)
		}
		for name, failures := range results {
			for _, failure := range failures {
				t.Errorf("%s: %s", name, failure)
			}
		}
	})
}

// wholeRun reports whether all subtests run, rather than some that were asked for.
func wholeRun() bool { return !strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

// names returns the names of all tests, with their category.
func names() []string {
	var list []string
	for _, category := range suite {
		for _, test := range category.tests {
			list = append(list, category.category+"/"+test.name)
		}
	}
	return list
}

// playAll plays the named tests in the bubble of t against one adapter, and returns the failures of each. A sabotage, if
// there is one, stands between the adapter and the world.
func playAll(t *testing.T, names []string, s *sabotage) map[string][]string {
	t.Helper()
	ids := make([]string, len(names))
	for i, name := range names {
		ids[i] = "t-" + strings.ReplaceAll(name, "/", "-")
	}
	mock := newMock(t, ids...)
	a := adapter.New(adapter.Config{Transport: s.between(mock)})
	defer a.Close()
	handler := s.before(a, mock)

	var (
		group   sync.WaitGroup
		mu      sync.Mutex // guards results
		results = make(map[string][]string)
		places  = make(chan struct{}, concurrency)
	)
	for i, name := range names {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			p := &play{id: ids[i], adapter: handler, server: mock.tests[ids[i]]}
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				results[name] = p.failures
			}()
			find(name)(p)
		})
	}
	group.Wait()
	if stray := mock.stray.Requests(); len(stray) != 0 {
		t.Errorf("requests without the id of a test: got %d, want none; the first is %s", len(stray), stray[0].Body)
	}
	return results
}

// find returns the test of that name.
func find(name string) func(*play) {
	for _, category := range suite {
		for _, test := range category.tests {
			if category.category+"/"+test.name == name {
				return test.play
			}
		}
	}
	return func(p *play) { p.failf("no test is named %s", name) }
}
