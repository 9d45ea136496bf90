package posthogtest_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestFlagCalledStatesWhatWasReported(t *testing.T) {
	t.Parallel()
	called := func(id, key, value string) string {
		return `{"event":"$feature_flag_called","distinct_id":"` + id + `","properties":{"$feature_flag":"` + key + `","$feature_flag_response":` + value + `}}`
	}
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(called("u", "nav", `"blue"`), called("u", "beta", "true"), called("u", "twice", "false"), called("v", "twice", "true"), event("page viewed", "u", 1)), 200)
	for name, c := range map[string]struct {
		state func(r *posthogtest.Recorder)
		want  string
	}{
		"a variant":            {func(r *posthogtest.Recorder) { r.FlagCalled("nav", "blue").DistinctID("u") }, ""},
		"true":                 {func(r *posthogtest.Recorder) { r.FlagCalled("beta", true) }, ""},
		"of one person of two": {func(r *posthogtest.Recorder) { r.For("v").FlagCalled("twice", true) }, ""},
		"another value":        {func(r *posthogtest.Recorder) { r.FlagCalled("nav", "red") }, "$feature_flag_response\"\n  want: \"red\"\n  got:  \"blue\""},
		"twice":                {func(r *posthogtest.Recorder) { r.FlagCalled("twice", true) }, `want exactly 1 $feature_flag_called of flag "twice", got 2`},
		"a flag nearly so":     {func(r *posthogtest.Recorder) { r.FlagCalled("nov", "blue").DistinctID("x") }, `nearest: flag "nav"`},
		"nothing of a person":  {func(r *posthogtest.Recorder) { r.For("w").FlagCalled("nav", "blue") }, `of flag "nav" of "w", got 0`},
	} {
		tb := new(fakeTB)
		c.state(s.Recorder(tb))
		switch {
		case c.want == "" && len(tb.errors) != 0:
			t.Errorf("%s: got errors %q, want none", name, tb.errors)
		case c.want != "" && (len(tb.errors) != 1 || !strings.Contains(tb.errors[0], c.want)):
			t.Errorf("%s: got errors %q, want one with %q", name, tb.errors, c.want)
		}
	}
}
