package reference_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags/internal/reference"
)

func TestCohorts(t *testing.T) {
	t.Parallel()
	const (
		notPro = `{"key":"plan","operator":"exact","value":"pro","negation":true}`
		other  = `{"type":"cohort","key":"id","value":10}`
		static = `{"type":"cohort","key":"id","value":77}`
	)
	of := func(kind, values string) string { return `{"type":"` + kind + `","values":[` + values + `]}` }
	paying, free, unknown := subject("user-1", "plan=pro"), subject("user-1", "plan=free"), subject("user-1")
	for _, c := range []struct {
		name, operator, cohort string
		subject                reference.Subject
		want                   string
	}{
		{"a member", "in", of("OR", of("AND", pro)), subject("user-1", "plan=PRO"), "yes"},
		{"no member", "in", of("OR", of("AND", pro)), free, "no"},
		{"not known", "in", of("OR", of("AND", pro)), unknown, "open"},
		{"not in, a member", "not_in", of("OR", of("AND", pro)), paying, "no"},
		{"not in, no member", "not_in", of("OR", of("AND", pro)), free, "yes"},
		{"not in, not known", "not_in", of("OR", of("AND", pro)), unknown, "open"},
		{"one of several is enough", "in", of("OR", pro+","+german), paying, "yes"},
		{"one of several is open", "in", of("OR", pro+","+german), free, "open"},
		{"all of several, one misses", "in", of("AND", pro+","+german), free, "no"},
		{"all of several, one is open", "in", of("AND", pro+","+german), paying, "open"},
		{"a negated leaf that misses matches", "in", of("OR", notPro), free, "yes"},
		{"a negated leaf that matches misses", "in", of("OR", notPro), paying, "no"},
		{"a negated leaf that is open stays open", "in", of("OR", notPro), unknown, "open"},
		{"a negated leaf with a bad operand is open", "in", of("AND", `{"key":"seats","operator":"between","value":[1,2,3],"negation":true}`), subject("user-1", "seats=2"), "open"},
		{"an unknown kind of group is open", "not_in", of("XOR", pro), paying, "open"},
		{"a cycle is open", "in", of("OR", other), paying, "open"},
		{"a static cohort beside a leaf that matches", "in", of("OR", static+","+pro), paying, "yes"},
		{"a static cohort beside a leaf that misses", "in", of("OR", static+","+pro), free, "open"},
		{"none of nothing", "in", of("OR", ""), paying, "no"},
		{"all of nothing", "in", of("AND", ""), paying, "yes"},
		{"no definition", "in", `{}`, paying, "open"},
		{"a leaf without a key beside one that matches", "in", of("OR", `{"operator":"exact","value":"x"},`+pro), paying, "yes"},
		{"a leaf without a key beside one that misses", "in", of("OR", `{"operator":"exact","value":"x"},`+pro), free, "open"},
		{"equality that is not explicit", "in", of("OR", `{"key":"plan","operator":"exact","value":false}`), subject("user-1", "plan=banana"), "yes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			filter := `{"type":"cohort","key":"id","value":9,"operator":"` + c.operator + `"}`
			document := `{"flags":[` + flag("f", "", where(filter)) + `,` + flag("g", company, where(filter)) + `],"group_type_mapping":{"0":"company"},
				"cohorts":{"9":` + c.cohort + `,"10":{"type":"AND","values":[{"type":"cohort","key":"id","value":"9"}]}}}`
			for _, key := range []string{"f", "g"} { // cohorts are about persons in flags on groups, too
				if got := short(reference.Evaluate([]byte(document), key, inGroup(c.subject, "acme"))); got != c.want {
					t.Errorf("flag %s: got %s, want %s, document %s", key, got, c.want, document)
				}
			}
		})
	}
}

func TestCallersKnowMemberships(t *testing.T) {
	t.Parallel()
	document := `{"flags":[` + flag("f", "", where(`{"type":"cohort","key":"id","value":77}`)) + `]}`
	s := subject("user-1")
	s.Cohorts = map[string]bool{"77": true}
	if got := short(reference.Evaluate([]byte(document), "f", s)); got != "yes" {
		t.Errorf("member of a static cohort: got %s, want yes", got)
	}
}
