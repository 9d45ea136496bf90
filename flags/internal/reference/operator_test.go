package reference_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/reference"
)

// operatorVectors are comparisons with what comes out: yes, no or open. A property or an operand that is empty is
// absent, explicit is version 2 of the matching of properties, and the zone is UTC unless named.
var operatorVectors = []struct {
	operator, property, operand, want string
	explicit                          bool
	zone                              string
}{
	{"exact", `"Gold"`, `"gold"`, "yes", false, ""},
	{"exact", `"STRASSE"`, `"straße"`, "no", false, ""},
	{"exact", `"ÉCOLE"`, `"école"`, "yes", false, ""},
	{"exact", `"ΣΊΣΥΦΟΣ"`, `"σίσυφος"`, "yes", false, ""},
	{"exact", `"İzmir"`, `"izmir"`, "no", false, ""},
	{"exact", `"pro"`, `["free","PRO"]`, "yes", false, ""},
	{"exact", `25`, `"25"`, "yes", false, ""},
	{"exact", `25.0`, `"25"`, "no", false, ""},
	{"exact", `2.50`, `"2.5"`, "yes", false, ""},
	{"exact", `0.000001`, `"1e-6"`, "yes", false, ""},
	{"exact", `18446744073709551616`, `"1.8446744073709552e+19"`, "yes", false, ""},
	{"exact", `true`, `"TRUE"`, "yes", false, ""},
	{"exact", `1`, `true`, "no", false, ""},
	{"exact", `"yes"`, `false`, "yes", false, ""},
	{"exact", `"yes"`, `false`, "no", true, ""},
	{"is_not", `"yes"`, `false`, "yes", true, ""},
	{"exact", `null`, `false`, "yes", false, ""},
	{"exact", `null`, `false`, "no", true, ""},
	{"exact", `"false"`, `["true","false"]`, "yes", false, ""},
	{"exact", `"true"`, `["true","false"]`, "no", false, ""},
	{"exact", `"true"`, `["true","false"]`, "yes", true, ""},
	{"exact", `"x"`, `[]`, "no", false, ""},
	{"exact", `{"b":[1, 2],"a":null}`, `"{\"a\":null,\"b\":[1,2]}"`, "yes", false, ""},
	{"is_not", ``, `"gold"`, "open", false, ""},
	{"", `"gold"`, `"GOLD"`, "yes", false, ""},
	{"exact", `"gold"`, ``, "open", false, ""},
	{"is_set", `null`, ``, "yes", false, ""},
	{"is_set", ``, ``, "open", false, ""},
	{"is_not_set", `0`, ``, "no", false, ""},
	{"is_not_set", `null`, ``, "no", false, ""},
	{"is_not_set", ``, ``, "open", false, ""},
	{"icontains", `"Ada@Example.ORG"`, `"@example.org"`, "yes", false, ""},
	{"icontains", `"Ärger"`, `"är"`, "no", false, ""},
	{"not_icontains", `"Ärger"`, `"är"`, "yes", false, ""},
	{"icontains", `null`, `"ul"`, "yes", false, ""},
	{"icontains_multi", `"Acme GmbH"`, `["ltd","gmbh"]`, "yes", false, ""},
	{"not_icontains_multi", `"Acme GmbH"`, `["ltd","GMBH"]`, "no", false, ""},
	{"starts_with", `"EU-west"`, `"eu-"`, "yes", false, ""},
	{"not_starts_with", `"EU-west"`, `"us-"`, "yes", false, ""},
	{"ends_with", `"report.PDF"`, `".pdf"`, "yes", false, ""},
	{"not_ends_with", `"report.PDF"`, `".pdf"`, "no", false, ""},
	{"regex", `"build-1042"`, `"-10\\d\\d$"`, "yes", false, ""},
	{"regex", `"abc"`, `"a(?=b)"`, "open", false, ""},
	{"not_regex", `"abc"`, `"a(?=x)"`, "open", false, ""},
	{"regex", `"a(b"`, `"("`, "no", false, ""},
	{"not_regex", `"a(b"`, `"("`, "no", false, ""},
	{"not_regex", `"abc"`, `"^x"`, "yes", false, ""},
	{"regex", `"abc"`, `5`, "open", false, ""},
	{"gt", `"100"`, `"20"`, "yes", false, ""},
	{"lt", `".5"`, `"1."`, "yes", false, ""},
	{"lt", `"abc"`, `"5"`, "no", false, ""},
	{"gt", `5`, `"five"`, "open", false, ""},
	{"gt", `"0x10"`, `"1"`, "no", false, ""},
	{"gt", `"1_000"`, `"1"`, "no", false, ""},
	{"lt", `"1e999"`, `"5"`, "no", false, ""},
	{"gt", `9007199254740993`, `"9007199254740992"`, "no", false, ""},
	{"min", `10`, `"10"`, "yes", false, ""},
	{"max", `11`, `"10"`, "no", false, ""},
	{"gt", ``, `"1"`, "open", false, ""},
	{"between", `"15"`, `[10,"20"]`, "yes", false, ""},
	{"not_between", `"n/a"`, `[10,20]`, "no", false, ""},
	{"not_between", `15`, `[20,10]`, "open", false, ""},
	{"between", `5`, `[0,10,20]`, "open", false, ""},
	{"is_date_before", `"2026-03-30"`, `"-1d"`, "yes", false, ""},
	{"is_date_exact", `"2026-01-28T12:00:00Z"`, `"-2m"`, "yes", false, ""},
	{"is_date_exact", `"2026-01-31T12:00:00Z"`, `"-2m"`, "no", false, ""},
	{"is_date_after", `1774951200`, `"2026-03-31"`, "yes", false, ""},
	{"is_date_after", `1774951200.5`, `"2026-03-31"`, "no", false, ""},
	{"is_date_exact", `"2026-03-31T00:00:00-07:00"`, `"2026-03-31"`, "yes", false, "America/Los_Angeles"},
	{"is_date_before", `"2026-02-30"`, `"2026-03-01"`, "no", false, ""},
	{"is_date_before", `"2026-01-01"`, `"soon"`, "open", false, ""},
	{"is_date_before", `"2026-01-01"`, `"-10000d"`, "open", false, ""},
	{"is_date_before", `"2026-01-01"`, `"+1d"`, "open", false, ""},
	{"is_date_before", `true`, `"2026-01-01"`, "no", false, ""},
	{"is_date_exact", `"2026-03-08T02:30"`, `"2026-03-08"`, "open", false, "America/Los_Angeles"},
	{"semver_gte", `"v2.4"`, `"2.4.0"`, "yes", false, ""},
	{"semver_eq", `2.4`, `"2.4.0"`, "yes", false, ""},
	{"semver_gt", `"2.4.0"`, `"2.4.0-rc.2"`, "yes", false, ""},
	{"semver_lt", `"2.4.0-rc.2"`, `"2.4.0-rc.10"`, "yes", false, ""},
	{"semver_eq", `"2.4.0+x"`, `"2.4.0"`, "no", false, ""},
	{"semver_neq", `"latest"`, `"2.4.1"`, "no", false, ""},
	{"semver_gt", `"3.0.0"`, `"two"`, "open", false, ""},
	{"semver_eq", `"V2.4.0"`, `"2.4.0"`, "no", false, ""},
	{"semver_tilde", `"2.4.9"`, `"~2.4"`, "open", false, ""},
	{"semver_tilde", `"2.5.0"`, `"2"`, "no", false, ""},
	{"semver_caret", `"0.0.4"`, `"0.0.3"`, "no", false, ""},
	{"semver_caret", `"2.5.0-beta"`, `"2.4.0"`, "no", false, ""},
	{"semver_caret", `"2.4.0-rc.3"`, `"2.4.0-rc.1"`, "yes", false, ""},
	{"semver_wildcard", `"3.0.0"`, `"2.x.x"`, "no", false, ""},
	{"semver_wildcard", `"2.5.0"`, `"2.4"`, "yes", false, ""},
	{"semver_wildcard", `"0.9.0"`, `"0"`, "yes", false, ""},
	{"semver_wildcard", `"2.4.3"`, `"2.*.3"`, "open", false, ""},
	{"contains_any", `"x"`, `"x"`, "open", false, ""},
	{"flag_evaluates_to", `"x"`, `true`, "open", false, ""}}

func TestOperators(t *testing.T) {
	t.Parallel()
	for _, c := range operatorVectors {
		name := fmt.Sprintf("%s of %s against %s explicit %t zone %s is %s", c.operator, c.property, c.operand, c.explicit, c.zone, c.want)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filter := map[string]any{"key": "p", "type": "person"}
			if c.operator != "" {
				filter["operator"] = c.operator
			}
			if c.operand != "" {
				filter["value"] = json.RawMessage(c.operand)
			}
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			s := reference.Subject{
				DistinctID: "user-1", Now: time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), Location: zone,
				PersonProperties: map[string]any{},
			}
			if c.property != "" {
				s.PersonProperties["p"] = literal(t, c.property)
			}
			version := 1
			if c.explicit {
				version = 2
			}
			document := fmt.Sprintf(`{"flags":[{"key":"f","active":true,"filters":{"groups":[{"properties":[%s]}]}}],
				"property_matching_version":%d}`, encoded(t, filter), version)
			if got := short(reference.Evaluate([]byte(document), "f", s)); got != c.want {
				t.Errorf("got %s, want %s, document %s", got, c.want, document)
			}
		})
	}
}

// short is an answer as the tables write it.
func short(a reference.Answer) string {
	switch {
	case !a.Conclusive:
		return "open"
	case a.Variant != "":
		return a.Variant
	case a.Enabled:
		return "yes"
	default:
		return "no"
	}
}

// literal decodes JSON without losing how its numbers are written.
func literal(t *testing.T, document string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("decode %s: %v", document, err)
	}
	return value
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	document, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}
