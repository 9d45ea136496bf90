package reference_test

import (
	"bytes"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/reference"
)

// A generator is worth what it generates: every cause and every reason comes up often, and so do answers.
func TestGeneratedCasesAreBalanced(t *testing.T) {
	t.Parallel()
	const documents, subjects = 400, 4
	answers, conclusive, enabled, variants, payloads := 0, 0, 0, 0, 0
	reasons, whys := map[string]int{}, map[reference.Why]int{}
	for seed := range uint64(documents) {
		c := reference.Generate(seed, subjects)
		document, err := reference.Decode(c.Document)
		if err != nil {
			t.Fatalf("seed %d: decode %s: %v", seed, c.Document, err)
		}
		for _, s := range c.Subjects {
			for _, key := range append(document.Keys(), "no-such-flag") {
				a := document.Evaluate(key, s)
				answers++
				reasons[a.Reason]++
				whys[a.Why]++
				conclusive += bit(a.Conclusive)
				enabled += bit(a.Enabled)
				variants += bit(a.Variant != "")
				payloads += bit(a.Payload != "")
			}
		}
	}
	for _, c := range []struct {
		name        string
		count, want int
	}{
		{"conclusive", conclusive, answers / 3},
		{"inconclusive", answers - conclusive, answers / 4},
		{"enabled", enabled, answers / 6},
		{"variants", variants, answers / 20},
		{"payloads", payloads, answers / 40},
	} {
		if c.count < c.want {
			t.Errorf("%s: got %d of %d answers, want at least %d", c.name, c.count, answers, c.want)
		}
	}
	for _, reason := range []string{
		"super_condition_value", "holdout_condition_value", "condition_match", "out_of_rollout_bound", "no_condition_match",
		"no_group_type", "flag_disabled", "missing_dependency",
	} {
		if reasons[reason] < 30 {
			t.Errorf("reason %s: got %d of %d answers, want at least 30", reason, reasons[reason], answers)
		}
	}
	for why := reference.UnknownFlag; why <= reference.MissingProperty; why++ {
		if why != reference.PatternLimit && whys[why] < 10 { // that one needs an engine with limits
			t.Errorf("%s: got %d of %d answers, want at least 10", why, whys[why], answers)
		}
	}
}

func TestSeedsGenerateTheSameCase(t *testing.T) {
	t.Parallel()
	first, again, other := reference.Generate(7, 1), reference.Generate(7, 1), reference.Generate(8, 1)
	if !bytes.Equal(first.Document, again.Document) {
		t.Errorf("seed 7: got %s and %s, want the same", first.Document, again.Document)
	}
	if bytes.Equal(first.Document, other.Document) {
		t.Errorf("seeds 7 and 8: got the same document %s", other.Document)
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
