package match_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// noon is when the tests of operators that compare ask.
var noon = time.Date(2026, time.March, 31, 12, 0, 0, 0, time.UTC)

// comparison is a question to an operator that compares numbers, dates or versions. Both sides are JSON.
type comparison struct {
	name, operator, property, operand string
	want                              match.Outcome
}

// compare asks all questions. Every one that is open has the same cause.
func compare(t *testing.T, zone *time.Location, open match.Cause, questions []comparison) {
	t.Helper()
	for _, q := range questions {
		got, cause := answer(t, q.operator, q.property, q.operand, zone, noon)
		wantCause := match.NoCause
		if q.want == match.Inconclusive {
			wantCause = open
		}
		if got != q.want || cause != wantCause {
			t.Errorf("%s: %s %s %s is %v for cause %d, want %v for cause %d",
				q.name, q.property, q.operator, q.operand, got, cause, q.want, wantCause)
		}
	}
}

// answer asks an operator. What it says when it is compiled and what it says when it is asked must agree.
func answer(t *testing.T, operator, property, operand string, zone *time.Location, now time.Time) (match.Outcome, match.Cause) {
	t.Helper()
	value, ok := match.ParseValue([]byte(property))
	if !ok {
		t.Fatalf("the property %s is not JSON", property)
	}
	test, cause := match.Compile(operator, json.RawMessage(operand), match.Options{Version: 1, Zone: zone})
	got, gotCause := test.Match(value, now)
	if cause != match.NoCause && (got != match.Inconclusive || gotCause != cause) {
		t.Errorf("%s %s does not compile for cause %d and answers %v for cause %d", operator, operand, cause, got, gotCause)
	}
	return got, gotCause
}

// quoted is a JSON string.
func quoted(t *testing.T, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// asked compiles an operator and makes a value, for tests that ask often.
func asked(t testing.TB, operator, operand string, property any) (match.Test, match.Value) {
	t.Helper()
	test, cause := match.Compile(operator, json.RawMessage(operand), match.Options{Version: 1, Zone: time.UTC})
	if cause != match.NoCause {
		t.Fatalf("%s %s does not compile for cause %d", operator, operand, cause)
	}
	return test, match.ValueOf(property)
}

func TestComparisonsNoAlloc(t *testing.T) {
	for _, c := range []struct {
		operator, operand string
		property          any
	}{
		{"gt", `"20"`, "100.5e1"},
		{"gt", `"20"`, 100},
		{"lte", `20`, 0.5},
		{"gt", `20`, "twenty"},
		{"not_between", `[10,"20"]`, uint64(1) << 63},
		{"is_date_before", `"2026-03-30"`, "2026-03-30T10:00:00.5+02:00"},
		{"is_date_before", `"-3m"`, "2026-03-30 10:00"},
		{"is_date_after", `"2026-03-30"`, 1774951200},
		{"is_date_exact", `"2026-03-30"`, "soon"},
		{"semver_gte", `"2.4.0"`, "v2.4"},
		{"semver_lt", `"2.4.0-rc.10"`, "2.4.0-rc.2+build.7"},
		{"semver_eq", `"2.4.0"`, 2.4},
		{"semver_neq", `"2"`, 2},
		{"semver_caret", `"2.4.0"`, "latest"},
		{"semver_wildcard", `"2.x"`, "2.4.9"},
	} {
		test, value := asked(t, c.operator, c.operand, c.property)
		if got := testing.AllocsPerRun(200, func() { test.Match(value, noon) }); got != 0 {
			t.Errorf("%v %s %s allocates %v times, want 0", c.property, c.operator, c.operand, got)
		}
	}
}

func BenchmarkComparisons(b *testing.B) {
	for _, c := range []struct {
		name, operator, operand string
		property                any
	}{
		{"a number", "gt", `"20"`, 100},
		{"a number in a string", "gt", `"20"`, "100.5"},
		{"an interval", "between", `[10,20]`, 15},
		{"a date", "is_date_before", `"2026-03-30"`, "2026-03-30"},
		{"a date with an offset", "is_date_before", `"2026-03-30"`, "2026-03-30T10:00:00.5+02:00"},
		{"a relative date", "is_date_before", `"-3m"`, "2026-03-30T10:00:00Z"},
		{"a version", "semver_gte", `"2.4.0"`, "v2.4.1"},
		{"a prerelease", "semver_gte", `"2.4.0-rc.2"`, "2.4.0-rc.10"},
		{"a version that is a number", "semver_gte", `"2.4.0"`, 2.4},
		{"a range", "semver_caret", `"2.4.0"`, "2.5.9"},
	} {
		test, value := asked(b, c.operator, c.operand, c.property)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				test.Match(value, noon)
			}
		})
	}
}
