//go:build !race

package posthog_test

// The race detector makes sync.Pool forget at random; see noalloc_test.go.

import (
	"testing"

	"github.com/hedgerow/posthog"
)

// The gate of the hot path: a local answer that was reported before costs no allocation, whatever
// the question says.
func TestFlagChecksNoAlloc(t *testing.T) {
	client := offline(t, manyFlags(500))
	for name, question := range questions {
		for method, call := range map[string]func(){
			"FlagEnabled": func() { client.FlagEnabled(t.Context(), question, false) },
			"FlagVariant": func() { client.FlagVariant(t.Context(), question, "") },
		} {
			call() // the exposure
			if got := testing.AllocsPerRun(1000, call); got != 0 {
				t.Errorf("%s of %s allocates %v times, want 0", method, name, got)
			}
		}
	}
}

// Reading a snapshot costs none either, after the exposure.
func TestSnapshotReadsNoAlloc(t *testing.T) {
	client := offline(t, manyFlags(500))
	snapshot, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_1", PersonProperties: posthog.Properties{"plan": "pro"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(){
		"IsEnabled":      func() { snapshot.IsEnabled("flag-000") },
		"IsEnabledOr":    func() { snapshot.IsEnabledOr("flag-001", true) },
		"Variant":        func() { snapshot.Variant("flag-001") },
		"GetFlagPayload": func() { snapshot.GetFlagPayload("flag-001") },
		"Reason":         func() { snapshot.Reason("flag-002") },
	} {
		read()
		if got := testing.AllocsPerRun(1000, read); got != 0 {
			t.Errorf("%s allocates %v times, want 0", name, got)
		}
	}
}
