package posthogtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestWhatIsOneIssue(t *testing.T) {
	t.Parallel()
	own, other := goFrame("main.f", 1, true), goFrame("net/http.Get", 1, false)
	custom := func(more string) string {
		return `{"platform":"custom","lang":"go","function":"main.f","filename":"f.go","in_app":true` + more + `}`
	}
	native := func(function, more string) string {
		return `{"platform":"native","function":"` + function + `","filename":"f.go","in_app":true` + more + `}`
	}
	const addressed = `,"instruction_addr":"0x401000"`
	given := func(fingerprint, title string) string {
		return listed(`{"type":"`+title+`"}`, `"$exception_fingerprint":"`+fingerprint+`"`)
	}
	for name, c := range map[string]struct {
		a, b string
		one  bool
	}{
		"lines and messages do not count": {listed(stacked("T", "user 1", own)), listed(stacked("T", "user 2", goFrame("main.f", 9, true))), true},
		"types do":                        {listed(stacked("T", "", own)), listed(stacked("U", "", own)), false},
		"functions do":                    {listed(stacked("T", "", own)), listed(stacked("T", "", goFrame("main.g", 1, true))), false},
		"files do":                        {listed(stacked("T", "", own)), listed(stacked("T", "", strings.Replace(own, "f.go", "g.go", 1))), false},
		"the order of frames does":        {listed(stacked("T", "", own, goFrame("main.g", 1, true))), listed(stacked("T", "", goFrame("main.g", 1, true), own)), false},
		"frames of others do not, beside one's own":      {listed(stacked("T", "", other, own)), listed(stacked("T", "", own)), true},
		"without own frames, the outermost one does":     {listed(stacked("T", "", other, goFrame("log.Print", 1, false))), listed(stacked("T", "", other)), true},
		"and makes a difference":                         {listed(stacked("T", "", other)), listed(stacked("T", "", goFrame("log.Print", 1, false))), false},
		"without a stack, the message counts":            {listed(`{"type":"T","value":"user 1"}`), listed(`{"type":"T","value":"user 2"}`), false},
		"and the same one is the same":                   {listed(`{"type":"T","value":"user 1"}`), listed(`{"type":"T","value":"user 1"}`), true},
		"an empty stack is a stack":                      {listed(stacked("T", "user 1")), listed(stacked("T", "user 2")), true},
		"a null is none":                                 {listed(`{"type":"T","value":"user 1","stacktrace":null}`), listed(`{"type":"T","value":"user 2","stacktrace":null}`), false},
		"a wrapped error counts as well as the first":    {listed(stacked("T", "", own)), listed(stacked("T", "", own) + `,{"type":"U"}`), false},
		"a source line changes nothing":                  {listed(stacked("T", "", own)), listed(stacked("T", "", custom(`,"resolved":true,"context_line":"x"`))), true},
		"the module of a custom frame counts":            {listed(stacked("T", "", custom(`,"resolved":true`))), listed(stacked("T", "", custom(`,"resolved":true,"module":"main"`))), false},
		"the module of a go frame is not read":           {listed(stacked("T", "", own)), listed(stacked("T", "", strings.Replace(own, "{", `{"module":"main",`, 1))), true},
		"unresolved frames do not count beside resolved": {listed(stacked("T", "", own, native("main.g", addressed))), listed(stacked("T", "", own)), true},
		"but do where none is resolved":                  {listed(stacked("T", "", native("main.f", addressed), native("main.g", addressed))), listed(stacked("T", "", native("main.f", addressed))), false},
		"a custom frame is resolved only if it says so":  {listed(stacked("T", "", native("main.g", ""), custom(""))), listed(stacked("T", "", native("main.g", ""))), true},
		"a native frame without an address is resolved":  {listed(stacked("T", "", own, native("main.g", ""))), listed(stacked("T", "", own)), false},
		"resolved frames of others hide one's own":       {listed(stacked("T", "", other, native("main.g", addressed))), listed(stacked("T", "", other, native("main.h", addressed))), true},
		"a fingerprint is all that counts":               {given("checkout", "T"), given("checkout", "U"), true},
		"and another one is another issue":               {given("checkout", "T"), given("cart", "T"), false},
		"a long fingerprint counts to its end":           {given(strings.Repeat("x", 65)+"1", "T"), given(strings.Repeat("x", 65)+"2", "T"), false},
		"levels, steps and hints do not":                 {listed(stacked("T", "", own), `"$exception_level":"error"`), listed(stacked("T", "", own), `"$exception_level":"fatal","$issue_name":"I"`), true},
		"mechanisms, modules and goroutines do not":      {listed(stacked("T", "", own)), listed(strings.Replace(stacked("T", "", own), "{", `{"module":"m","thread_id":7,"mechanism":{"type":"panic"},`, 1)), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := raise(t, raised("u", c.a), raised("u", c.b))
			if issues := s.Issues(); (len(issues) == 1) != c.one || len(s.Rows()) != 2 {
				t.Errorf("%s and %s: got issues %+v, want one: %t", c.a, c.b, issues, c.one)
			}
		})
	}
}

func TestAnIssueIsMadeOfItsEvents(t *testing.T) {
	t.Parallel()
	at := func(e, clock string) string { return strings.Replace(e, "10:00:00", clock, 1) }
	again := strings.Replace(at(raised("u", listed(stacked("T", "third"))), "09:30:00"), "{", `{"uuid":"`+uuid(1)+`",`, 1)
	s := raise(t,
		at(raised("u", listed(stacked("T", "first"), `"$exception_level":"warning"`)), "09:00:00"),
		at(raised("v", listed(stacked("U", "other"))), "08:00:00"),
		`{"event":"other","distinct_id":"w","properties":`+listed(`{"type":"T"}`)+`}`,
		at(raised("v", listed(stacked("T", "second"), `"$exception_level":"fatal","$issue_name":"late"`)), "08:30:00"),
		again, again,
	)
	issues := s.Issues()
	if len(issues) != 2 || issues[0].Name != "U" || issues[1].Name != "T" {
		t.Fatalf("got issues %+v, want U, then T", issues)
	}
	is := issues[1]
	if is.Description != "first" || is.Level != "warning" || len(is.Fingerprint) != 128 || len(is.Events) != 3 ||
		!slices.Equal(is.DistinctIDs, []string{"u", "v"}) {
		t.Errorf("got %+v, want what the first of its 3 events says", is)
	}
	first, last := time.Date(1999, 11, 20, 8, 30, 0, 0, time.UTC), time.Date(1999, 11, 20, 9, 30, 0, 0, time.UTC)
	if !is.First.Equal(first) || !is.Last.Equal(last) {
		t.Errorf("got %s to %s, want %s to %s", is.First, is.Last, first, last)
	}
	post(t, s, strings.Replace(batch(raised("u", listed(stacked("T", "")))), "phc_test", "phc_other", 1), 200)
	s.Recorder(t).IssueCount(3) // projects share none
	s.Recorder(t).For("v").IssueCount(2)
	s.Recorder(t).For("v").Issue("late").Count(1)
	s.Recorder(t).For("w").IssueCount(0)
}

func TestFingerprintsOfApplications(t *testing.T) {
	t.Parallel()
	for fingerprint, want := range map[string]string{
		"checkout":              "checkout",
		strings.Repeat("x", 64): strings.Repeat("x", 64),
		strings.Repeat("x", 65): "460d9da1179e60cf8ee45d2c687e45c963611cdf87d24f006e503608ddf286344cffdc6d4ecdc58ee6b0aa83dad625629e4bb0c22b0161135ea53597a4106850",
	} {
		s := raise(t, raised("u", listed(`{"type":"T"}`, `"$exception_fingerprint":"`+fingerprint+`"`)))
		if got := s.Issues()[0].Fingerprint; got != want {
			t.Errorf("%s: got %s, want %s", fingerprint, got, want)
		}
	}
}

func TestStatementsAboutIssues(t *testing.T) {
	t.Parallel()
	s := raise(t,
		raised("u", listed(stacked("shop.PayError", "declined", goFrame("main.pay", 1, true)), `"$exception_level":"error"`)),
		raised("v", listed(stacked("shop.PayError", "refused", goFrame("main.pay", 2, true)))),
		raised("v", listed(stacked("shop.CartError", "empty"), `"$exception_fingerprint":"cart"`)),
		raised("x", listed(`{"type":"E","value":"1"}`)), raised("x", listed(`{"type":"E","value":"2"}`)))
	good := s.Recorder(t)
	good.IssueCount(4)
	if got := good.Issue("shop.PayError").Count(2).Description("declined").Level("error").DistinctIDs("v", "u").Issue(); len(got.Events) != 2 {
		t.Errorf("got issue %+v, want 2 events", got)
	}
	good.Issue("shop.CartError").Count(1).Fingerprint("cart").Level("")

	const all = "  issues:\n    1. \"shop.PayError\" (2 events), grouped by [\"shop.PayError\",\"f.go\",\"main.pay\"]\n" +
		"    2. \"shop.CartError\" (1 event), grouped by [\"cart\"]\n" +
		"    3. \"E\" (1 event), grouped by [\"E\",\"1\"]\n    4. \"E\" (1 event), grouped by [\"E\",\"2\"]\n"
	for name, c := range map[string]struct {
		state func(r *posthogtest.Recorder)
		want  string
	}{
		"a name that is nearly one": {func(r *posthogtest.Recorder) { r.Issue("shop.PayErrors").Count(7).Level("x") },
			"want exactly 1 issue \"shop.PayErrors\", got 0\n  nearest: \"shop.PayError\"\n" + all},
		"a wrong number of issues": {func(r *posthogtest.Recorder) { r.IssueCount(1) }, "want 1 issue, got 4\n" + all},
		"a name that two have":     {func(r *posthogtest.Recorder) { r.Issue("E") }, "want exactly 1 issue \"E\", got 2\n" + all},
		"issues of one who has one": {func(r *posthogtest.Recorder) { r.For("u").IssueCount(2) },
			"want 2 issues of \"u\", got 1\n  issues:\n    1. \"shop.PayError\" (1 event), grouped by [\"shop.PayError\",\"f.go\",\"main.pay\"]\n"},
		"issues of one who has none": {func(r *posthogtest.Recorder) { r.For("w").Issue("shop.PayError") },
			"want exactly 1 issue \"shop.PayError\" of \"w\", got 0\n  nothing of \"w\" arrived (5 events of others did)\n"},
		"a wrong number of events": {func(r *posthogtest.Recorder) { r.Issue("shop.PayError").Count(3) }, "issue \"shop.PayError\": number of events\n  want: 3\n  got:  2\n"},
		"another description":      {func(r *posthogtest.Recorder) { r.Issue("shop.PayError").Description("refused") }, "issue \"shop.PayError\": description\n  want: refused\n  got:  declined\n"},
		"another level":            {func(r *posthogtest.Recorder) { r.Issue("shop.PayError").Level("fatal") }, "issue \"shop.PayError\": level\n  want: fatal\n  got:  error\n"},
		"another fingerprint":      {func(r *posthogtest.Recorder) { r.Issue("shop.CartError").Fingerprint("shop") }, "issue \"shop.CartError\": fingerprint\n  want: shop\n  got:  cart\n"},
		"other people":             {func(r *posthogtest.Recorder) { r.Issue("shop.PayError").DistinctIDs("u") }, "issue \"shop.PayError\": distinct ids\n  want: [\"u\"]\n  got:  [\"u\", \"v\"]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := new(fakeTB)
			c.state(s.Recorder(tb))
			if !slices.Equal(tb.errors, []string{c.want}) {
				t.Errorf("got failures:\n%q\nwant:\n%q", tb.errors, c.want)
			}
		})
	}
}

func TestManyIssuesAreListedInPart(t *testing.T) {
	t.Parallel()
	var events []string
	for n := range 22 {
		events = append(events, raised("u", listed(fmt.Sprintf(`{"type":"T%d","value":%q}`, n, strings.Repeat("v", 300)))))
	}
	tb := new(fakeTB)
	raise(t, events...).Recorder(tb).IssueCount(1)
	if got := tb.errors[0]; !strings.Contains(got, "    20. ") || !strings.HasSuffix(got, "    ... and 2 more\n") || len(got) > 20*400 {
		t.Errorf("got %s\nwant 20 of 22, shortened", got)
	}
}
