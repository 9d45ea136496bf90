package flags_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// Proves C-20.
func TestAnEnrollmentThatIsNotKnown(t *testing.T) {
	t.Parallel()
	const document = `{"flags":[{"key":"early","active":true,"filters":{"feature_enrollment":true,"groups":[{"rollout_percentage":100}]}}]}`
	definitions, err := flags.Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	unknown := flags.Subject{DistinctID: "user-1"}
	out := flags.Subject{DistinctID: "user-1", PersonProperties: map[string]any{"$feature_enrollment/early": false}}

	if got := flags.Compile(definitions, flags.Options{}).Evaluate("early", &unknown); got.Inconclusive == nil {
		t.Errorf("got %v by default, want it inconclusive", got.Value())
	}
	assuming := flags.Compile(definitions, flags.Options{AssumeNotEnrolled: true})
	if got := assuming.Evaluate("early", &unknown); got.Value() != true || got.Reason != flags.ReasonConditionMatch {
		t.Errorf("got %v, %s when assumed not to be enrolled, want true by a condition", got.Value(), got.Reason)
	}
	if got := assuming.Evaluate("early", &out); got.Value() != false || got.Reason != flags.ReasonSuperCondition {
		t.Errorf("got %v, %s for somebody who opted out, want false by that", got.Value(), got.Reason)
	}
	if text := assuming.Explain("early", &unknown).String(); strings.Contains(text, "MissingEnrollment") {
		t.Errorf("the explanation calls the enrollment missing:\n%s", text)
	}
}
