//go:build !race

package match_test

// The race detector makes sync.Pool forget at random, where regular expressions take their memory from; this gate
// runs without it.

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/match"
)

func TestTextComparisonsNoAlloc(t *testing.T) {
	for name, test := range tests(t) {
		for _, property := range []any{
			"Professional", "ada@Example.ORG", "ΌΣΟΣ İ", strings.Repeat("long ", 1000), strings.Repeat("Σ", 1000), true, nil,
			int64(1234567890123), 2.5, 1e300, json.Number("-1.25e-300"), uint64(1) << 63, float32(0.1), float32(1.25e-30),
		} {
			got := testing.AllocsPerRun(50, func() { test.Match(match.ValueOf(property), noon) })
			if got != 0 {
				t.Errorf("%s of %.20v allocates %v times, want 0", name, property, got)
			}
		}
	}
}
