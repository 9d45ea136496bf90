package main_test

import (
	"flag"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/conformance/adapter"
)

// test is one test of the harness, under the name that the harness gives it.
type test struct {
	name string
	play func(*play)
}

// suite is a suite of the harness for server SDKs.
type suite struct {
	name       string
	mode       posthog.CaptureMode // of the process that it is played against
	size       int                 // how many tests the harness reports
	categories []category
	// encodings says what compression means in the process that a test is played
	// against; gzip, unless it says otherwise.
	encodings map[string]posthog.CompressionMode
}

type category struct {
	name  string
	tests []test
	count int // in the harness
}

// suites are those that the adapter has the capabilities for. The harness leaves out what does not apply without saying
// so, and so the numbers are part of the result.
var suites = []*suite{
	{name: "capture", mode: posthog.CaptureModeLegacy, size: 30, categories: []category{
		{"format_validation", formatTests, 8},
		{"retry_behavior", retryTests, 9},
		{"deduplication", deduplicationTests, 6},
		{"compression", compressionTests, 1},
		{"batch_format", batchTests, 3},
		{"error_handling", errorTests, 3},
	}},
	{name: "capture_analytics_v1", mode: posthog.CaptureModeAnalyticsV1, size: 98, categories: []category{
		{"endpoint", endpointTests, 2},
		{"headers", headerTests, 7},
		{"body", bodyTests, 3},
		{"event_format", eventTests, 21},
		{"batch", analyticsBatchTests, 5},
		{"deduplication", deduplicationTests, 6},
		{"retry_headers", retryHeaderTests, 5},
		{"response_format", responseTests, 6},
		{"retry_behavior", analyticsRetryTests, 14},
		{"partial_results", partialTests, 13},
		{"compression", encodingTests, 6},
		{"error_handling", analyticsErrorTests, 1},
		{"options", optionTests, 6},
		{"geoip_and_historical", settingTests, 3},
	}, encodings: map[string]posthog.CompressionMode{
		"sends_deflate_when_enabled": posthog.CompressionDeflate,
		"sends_br_when_enabled":      posthog.CompressionBrotli,
		"sends_zstd_when_enabled":    posthog.CompressionZstd,
	}},
	{name: "capture_ai", mode: posthog.CaptureModeLegacy, size: 5, categories: []category{
		{"ai_capture", aiTests, 5},
	}},
	{name: "feature_flags", mode: posthog.CaptureModeLegacy, size: 17, categories: flagCategories},
	{name: "feature_flags_v1", mode: posthog.CaptureModeAnalyticsV1, size: 17, categories: flagCategories}, // the same
}

// flagCategories are those of the suite feature_flags, which the harness plays against every process.
var flagCategories = []category{
	{"request_payload", flagRequestTests, 10},
	{"request_lifecycle", flagLifecycleTests, 4},
	{"retry_behavior", flagRetryTests, 2},
	{"side_effect_events", flagEventTests, 1},
}

// concurrency is how many tests the harness runs at a time.
const concurrency = 10

// TestCapture plays the suites one test at a time, each in a world of its own. Proves HV0-1, HV0-2, HV0-3, HV0-4, HV0-5
// and HV0-6: of the suite capture, the categories retry_behavior and error_handling the first four, batch_format the
// fifth, and format_validation the last. Proves HV1-1, HV1-2, HV1-3, HV1-4, HV1-5, HV1-6, HV1-7 with the categories of
// capture_analytics_v1. Proves HAI-1 with capture_ai. Proves HFF-1, FR-01, FR-02, FR-03, FR-04, FR-05, FR-13 and FR-14
// with feature_flags.
func TestCapture(t *testing.T) {
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			ran := 0
			for _, category := range s.categories {
				t.Run(category.name, func(t *testing.T) {
					for _, test := range category.tests {
						t.Run(test.name, func(t *testing.T) {
							ran++
							synctest.Test(t, func(t *testing.T) {
								name := category.name + "/" + test.name
								for _, failure := range s.playAll(t, []string{name}, nil)[name] {
									t.Error(failure)
								}
							})
						})
					}
				})
				if len(category.tests) != category.count {
					t.Errorf("category %s: got %d tests, want %d", category.name, len(category.tests), category.count)
				}
			}
			if ran != s.size && wholeRun() {
				t.Errorf("tests that ran: got %d, want %d", ran, s.size)
			}
		})
	}
}

// TestCaptureInParallel plays each suite against one process, ten tests at a time, as the harness does; the tests of
// other encodings have processes of their own.
func TestCaptureInParallel(t *testing.T) {
	t.Parallel()
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				results := s.playAll(t, s.names(), nil)
				if len(results) != s.size {
					t.Errorf("tests that ran: got %d, want %d", len(results), s.size)
				}
				for name, failures := range results {
					for _, failure := range failures {
						t.Errorf("%s: %s", name, failure)
					}
				}
			})
		})
	}
}

// wholeRun reports whether all subtests run, rather than some that were asked for.
func wholeRun() bool { return !strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

// names returns the names of all tests, with their category.
func (s *suite) names() []string {
	var list []string
	for _, category := range s.categories {
		for _, test := range category.tests {
			list = append(list, category.name+"/"+test.name)
		}
	}
	return list
}

// playAll plays the named tests in the bubble of t against one adapter for each encoding, and returns the failures of
// each. A sabotage, if there is one, stands between the adapters and the world.
func (s *suite) playAll(t *testing.T, names []string, broken *sabotage) map[string][]string {
	t.Helper()
	ids := make([]string, len(names))
	for i, name := range names {
		ids[i] = "t-" + strings.ReplaceAll(name, "/", "-")
	}
	mock := newMock(t, ids...)
	handlers := make(map[posthog.CompressionMode]http.Handler)
	for _, name := range names {
		if encoding := s.encodings[bare(name)]; handlers[encoding] == nil {
			a := adapter.New(adapter.Config{Mode: s.mode, Compression: encoding, Transport: broken.between(mock)})
			t.Cleanup(a.Close)
			handlers[encoding] = broken.before(a, mock)
		}
	}

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
			p := &play{id: ids[i], mode: s.mode, adapter: handlers[s.encodings[bare(name)]], server: mock.tests[ids[i]]}
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				results[name] = p.failures
			}()
			s.find(name)(p)
		})
	}
	group.Wait()
	if stray := mock.stray.Requests(); len(stray) != 0 {
		t.Errorf("requests without the id of a test: got %d, want none; the first is %s", len(stray), stray[0].Body)
	}
	return results
}

// bare is a name without its category.
func bare(name string) string { return name[strings.Index(name, "/")+1:] }

// find returns the test of that name.
func (s *suite) find(name string) func(*play) {
	for _, category := range s.categories {
		for _, test := range category.tests {
			if category.name+"/"+test.name == name {
				return test.play
			}
		}
	}
	return func(p *play) { p.failf("no test is named %s", name) }
}
