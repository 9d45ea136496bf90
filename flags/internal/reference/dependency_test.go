package reference_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/reference"
)

// on is a filter on the value of a flag.
func on(key, value, chain string) string {
	return fmt.Sprintf(`{"type":"flag","key":%q,"operator":"flag_evaluates_to","value":%s,"dependency_chain":%s}`, key, value, chain)
}

func TestDependencies(t *testing.T) {
	t.Parallel()
	on2 := func(value string) string { return flag("top", "", where(on("dep", value, `["dep"]`))) }
	yes, no, blue := flag("dep", "", everybody), flag("dep", "", nobody), flag("dep", thirds, `{"variant":"blue"}`)
	unresolved := flag("dep", "", where(pro))
	off := strings.Replace(yes, "true", "false", 1)
	for _, c := range []struct {
		name, top, dependency string
		subject               reference.Subject
		want                  string
	}{
		{"true of true", on2("true"), yes, subject("user-1"), "yes"},
		{"true of a variant", on2("true"), blue, subject("user-1"), "yes"},
		{"true of false", on2("true"), no, subject("user-1"), "no"},
		{"false of true", on2("false"), yes, subject("user-1"), "no"},
		{"false of a variant", on2("false"), blue, subject("user-1"), "no"},
		{"false of false", on2("false"), no, subject("user-1"), "yes"},
		{"a variant of itself", on2(`"blue"`), blue, subject("user-1"), "yes"},
		{"a variant in another case", on2(`"Blue"`), blue, subject("user-1"), "no"},
		{"a variant of plain true", on2(`"blue"`), yes, subject("user-1"), "no"},
		{"a flag that is off is false", on2("false"), off, subject("user-1"), "yes"},
		{"a flag that does not exist", flag("top", "", where(on("ghost", "true", `["ghost"]`))), yes, subject("user-1"), "open"},
		{"an empty chain", flag("top", "", where(on("dep", "true", `[]`))), yes, subject("user-1"), "open"},
		{"the flag itself", flag("top", "", where(on("top", "true", `["top"]`))), yes, subject("user-1"), "open"},
		{"a flag that is open", on2("true"), unresolved, subject("user-1"), "open"},
		{"an open flag beside a filter that misses", flag("top", "", where(on("dep", "true", `["dep"]`), german)), unresolved, subject("user-1", "country=FR"), "no"},
		{"another operator", flag("top", "", where(`{"type":"flag","key":"dep","operator":"exact","value":true,"dependency_chain":["dep"]}`)), yes, subject("user-1"), "open"},
		{"a chain of two", flag("top", "", where(on("dep", "false", `["base","dep"]`))), flag("base", "", nobody) + "," + flag("dep", "", where(on("base", "true", `["base"]`))), subject("user-1"), "yes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			document := `{"flags":[` + c.top + `,` + c.dependency + `]}`
			if got := short(reference.Evaluate([]byte(document), "top", c.subject)); got != c.want {
				t.Errorf("got %s, want %s, document %s", got, c.want, document)
			}
		})
	}
}

func TestTheServerCallsFlagsWithAMissingDependencyOff(t *testing.T) {
	t.Parallel()
	document := `{"flags":[` + flag("top", "", everybody, where(on("dep", "true", `["dep"]`))) + `,` +
		flag("dep", "", where(on("ghost", "true", `["ghost"]`)), everybody) + `]}`
	s := subject("user-1")
	s.Complete = true
	for _, key := range []string{"top", "dep"} {
		// Who does not know everything does not know that the flag is missing there, too.
		if got := reference.Evaluate([]byte(document), key, subject("user-1")); got.Why != reference.MissingDependency {
			t.Errorf("flag %s, not complete: got %+v, want it open for MissingDependency", key, got)
		}
		got := reference.Evaluate([]byte(document), key, s)
		if !got.Conclusive || got.Enabled || got.Reason != "missing_dependency" || got.ConditionIndex != -1 {
			t.Errorf("flag %s: got %+v, want off for missing_dependency", key, got)
		}
	}
}
