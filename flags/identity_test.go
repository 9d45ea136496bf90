package flags_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// place is where the identifier of a flag's first condition is.
func place(t *testing.T, p *flags.Program, key string, s flags.Subject) float64 {
	t.Helper()
	e := p.Explain(key, &s)
	if len(e.Conditions) == 0 || e.Conditions[0].Rollout == nil || !e.Conditions[0].Rollout.Hashed {
		t.Fatalf("nothing was hashed:\n%s", e)
	}
	return e.Conditions[0].Rollout.Place
}

// Identifiers are hashed as the server receives them: of a long distinct id the first 200 characters, of bytes that are no
// UTF-8 the replacement character. The flag and the first identifier are those of the vector H34.
//
// Proves FL-01.
func TestIdentifiersAreHashedAsTheyArrive(t *testing.T) {
	t.Parallel()
	const long, cut, sent = 210, 200, "d��"
	p := compiled(t, document("", named("beta", list(half), ""),
		`{"key":"device","active":true,"bucketing_identifier":"device_id","filters":{"groups":[{"rollout_percentage":50}]}}`,
		`{"key":"first","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{"rollout_percentage":50}]}}`,
		named("company", list(half), `"aggregation_group_type_index":0`)))
	a := func(n int) string { return strings.Repeat("a", n) }
	first := func(id string) flags.Subject { return flags.Subject{HashIDs: map[string]string{"first": id}} }
	device := func(id string) flags.Subject { return flags.Subject{DeviceID: id} }
	if got := place(t, p, "beta", user(a(long))); got < 0.503669783815 || got > 0.503669783817 {
		t.Errorf("a distinct id of %d bytes is at %v, want 0.503669783816", long, got)
	}
	for name, test := range map[string]struct {
		key      string
		one, two flags.Subject
		same     bool
	}{
		"a long distinct id":                     {"beta", user(a(long)), user(a(cut)), true},
		"characters count, not bytes":            {"beta", user(strings.Repeat("é", long)), user(strings.Repeat("é", cut)), true},
		"bytes that are no UTF-8":                {"beta", user("d\xff\xfe"), user(sent), true},
		"the first distinct id is cut":           {"first", first(a(long)), first(a(cut)), true},
		"a device id is not cut":                 {"device", device(a(long)), device(a(cut)), false},
		"a device id is sent as a replacement":   {"device", device("d\xff\xfe"), device(sent), true},
		"the key of a group is not cut":          {"company", of(a(long)), of(a(cut)), false},
		"the key of a group is sent as one, too": {"company", of("d\xff\xfe"), of(sent), true},
		"a number is its text":                   {"company", of(uint8(7)), of("7"), true},
	} {
		if one, two := place(t, p, test.key, test.one), place(t, p, test.key, test.two); (one == two) != test.same {
			t.Errorf("%s: at %v and %v, want the same place: %t", name, one, two, test.same)
		}
	}
}

// Groups and devices have no experience that could be continued, and persons have it in a flag on groups, too.
//
// Proves FL-07.
func TestContinuityIsForPersons(t *testing.T) {
	t.Parallel()
	flag := func(members, filters string) string {
		return `{"flags":[{"key":"checkout-redesign","active":true,"ensure_experience_continuity":true` + members + `,"filters":{` + filters +
			`"groups":[{}]}}],"group_type_mapping":{"0":"company"}}`
	}
	onDevice := flags.Subject{DeviceID: "dev-5f1"}
	// user-1 is not within the half, user-2 is.
	mixed := `{"flags":[{"key":"checkout-redesign","active":true,"ensure_experience_continuity":true,"filters":{"aggregation_group_type_index":0,` +
		`"groups":[{"aggregation_group_type_index":null,"rollout_percentage":50}]}}],"group_type_mapping":{"0":"company"}}`
	first := user("user-1")
	first.HashIDs = map[string]string{redesign: "user-2"}
	ask(t, map[string]question{
		"a flag on persons": {flag("", ""), "", user("user-1"), "ExperienceContinuity"},
		"a flag on groups":  {flag("", `"aggregation_group_type_index":0,`), "", of("acme"), "true"},
		"a condition on persons, of a flag on groups": {
			mixed, "", flags.Subject{DistinctID: "user-1", Groups: of("acme").Groups}, "ExperienceContinuity",
		},
		"that one, with the first identifier": {mixed, "", first, "true"},
		"a flag on devices":                   {flag(`,"bucketing_identifier":"device_id"`, ""), "", onDevice, "true"},
	})
}

// Proves FL-29.
func TestAVariantWithoutANameIsNone(t *testing.T) {
	t.Parallel()
	ask(t, map[string]question{
		"by chance": {
			document("", named(redesign, list(all), `"multivariate":{"variants":[{"key":"","rollout_percentage":100}]},"payloads":{"":"1","true":"2"}`)), "",
			user("user-1"), "true condition_match 0 2",
		},
		"by its condition": {
			document("", named(redesign, list(given("100", `"variant":""`)), colours)), "", user("user-1"), `"blue"`,
		},
	})
}

// Thousands of filters, or of flags, on a cohort with thousands of properties are no millions of missing properties.
func TestMissingPropertiesAreKeptOnce(t *testing.T) { //nolint:paralleltest // it counts bytes
	const many = 2000
	var leaves, filters, flagged []string
	for i := range many {
		leaves = append(leaves, is(strings.Repeat("p", i+1), "x"))
		filters = append(filters, in("in", "9"))
	}
	p := compiled(t, document(cohorts(`"9":`+anyOf(leaves...)), named(redesign, list(given("100", "", filters...)), "")))
	s := user("user-1")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := p.Evaluate(redesign, &s)
	runtime.ReadMemStats(&after)
	if r.Inconclusive == nil || len(r.Inconclusive.MissingProperties) != many {
		t.Errorf("got %d missing properties, want %d", len(r.Inconclusive.MissingProperties), many)
	}
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 4<<20 {
		t.Errorf("%d bytes allocated, want less than 4 MB", bytes)
	}

	for i := range many {
		flagged = append(flagged, named("f"+strconv.Itoa(i), list(given("100", "", in("in", "9"))), ""))
	}
	p = compiled(t, document(cohorts(`"9":`+anyOf(leaves...)), flagged...))
	runtime.ReadMemStats(&before)
	all := p.EvaluateAll(&s, nil)
	runtime.ReadMemStats(&after)
	for _, r := range all {
		if r.Inconclusive == nil || len(r.Inconclusive.MissingProperties) != many {
			t.Fatalf("%s: got %s, want %d missing properties", r.Key, full(r), many)
		}
	}
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 4<<20 {
		t.Errorf("%d flags: %d bytes allocated, want less than 4 MB", many, bytes)
	}
}
