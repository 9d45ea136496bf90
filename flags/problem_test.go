package flags_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags"
)

func TestAProblemIsASentence(t *testing.T) {
	t.Parallel()
	for want, problem := range map[string]flags.Problem{
		`flag "a\"b": filters.groups is missing, want an array`: {Flag: `a"b`, Path: "filters.groups", Message: "is missing, want an array"},
		`flag "a": it depends on itself`:                        {Flag: "a", Message: "depends on itself"},
		`cohort "7": values[0] is null, want an object`:         {Cohort: "7", Path: "values[0]", Message: "is null, want an object"},
		`flags[3] is null, want an object`:                      {Path: "flags[3]", Message: "is null, want an object"},
	} {
		if got := problem.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
