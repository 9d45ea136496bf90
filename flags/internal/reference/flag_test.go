package reference_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/reference"
)

// Conditions and filters that the tables are made of.
const (
	everybody = `{}`
	half      = `{"rollout_percentage":50}`
	nobody    = `{"rollout_percentage":0}`
	pro       = `{"key":"plan","type":"person","operator":"exact","value":"pro"}`
	german    = `{"key":"country","type":"person","operator":"exact","value":"DE"}`
	thirds    = `"multivariate":{"variants":[{"key":"control","rollout_percentage":33},{"key":"blue","rollout_percentage":33},{"key":"green","rollout_percentage":34}]}`
	tens      = `"multivariate":{"variants":[{"key":"a","rollout_percentage":10},{"key":"b","rollout_percentage":20}]},"payloads":{"true":"plain"}`
	company   = `"aggregation_group_type_index":0`
	own       = `{"aggregation_group_type_index":0}`
	person    = `{"aggregation_group_type_index":null}`
)

// where is a condition for all whom the filters match.
func where(filters ...string) string {
	return `{"properties":[` + strings.Join(filters, ",") + `],"rollout_percentage":100}`
}

// flag is the definition of an active flag: what its filters have beside the conditions, and those.
func flag(key, filters string, conditions ...string) string {
	if filters != "" {
		filters += ","
	}
	return fmt.Sprintf(`{"key":%q,"active":true,"filters":{%s"groups":[%s]}}`, key, filters, strings.Join(conditions, ","))
}

// with adds members to the definition of a flag.
func with(members, flag string) string { return "{" + members + "," + flag[1:] }

func subject(id string, properties ...string) reference.Subject {
	s := reference.Subject{DistinctID: id, PersonProperties: map[string]any{}}
	for _, p := range properties {
		name, value, _ := strings.Cut(p, "=")
		s.PersonProperties[name] = value
	}
	return s
}

func inGroup(s reference.Subject, key any) reference.Subject {
	s.Groups = []reference.Group{{Type: "company", Key: key}}
	return s
}

func onDevice(s reference.Subject, device string) reference.Subject {
	s.DeviceID = device
	return s
}

func TestFlags(t *testing.T) {
	t.Parallel()
	const key = "checkout-redesign"
	one, two := subject("user-1"), subject("user-2")
	byDevice := `"bucketing_identifier":"device_id"`
	for _, c := range []struct {
		name, flag string
		subject    reference.Subject
		want       string
	}{
		{"a flag that is off is false in spite of continuity", `{"key":"f","active":false,"ensure_experience_continuity":true,"filters":{"groups":[{}]}}`, one, "no"},
		{"no conditions match nobody", flag(key, ""), one, "no"},
		{"no filters and no rollout match everybody", flag(key, "", `{"rollout_percentage":null}`), one, "yes"},
		{"above the rollout is out", flag(key, "", half), one, "no"},
		{"below the rollout is in", flag(key, "", half), two, "yes"},
		{"a later condition answers for an open one", flag(key, "", where(pro), everybody), one, "yes"},
		{"an open condition stays open", flag(key, "", where(pro), nobody), one, "open"},
		{"a condition that misses is not open", flag(key, "", where(pro), nobody), subject("user-1", "plan=free"), "no"},
		{"early exit ends at the first rollout that excludes", flag(key, `"early_exit":true`, half, everybody), one, "no"},
		{"without it the next condition counts", flag(key, "", half, everybody), one, "yes"},
		{"filters that miss are no exit", flag(key, `"early_exit":true`, `{"properties":[`+pro+`],"rollout_percentage":0}`, everybody), subject("user-1", "plan=free"), "yes"},
		{"an exit after an open condition is open", flag(key, `"early_exit":true`, where(pro), half, everybody), one, "open"},
		{"a filter that misses decides over an open one", flag(key, "", where(pro, german)), subject("user-1", "country=FR"), "no"},
		{"an open filter beside one that matches is open", flag(key, "", where(pro, german)), subject("user-1", "country=DE"), "open"},
		{"a condition names a variant", flag(key, thirds, `{"variant":"green"}`), one, "green"},
		{"a variant that does not exist is drawn", flag(key, thirds, `{"variant":"ghost"}`), one, "blue"},
		{"and for another person", flag(key, thirds, `{"variant":"ghost"}`), two, "blue"},
		{"conditions with a variant do not come first", flag(key, thirds, everybody, `{"variant":"green"}`), one, "blue"},
		{"past the last variant is plain true", flag(key, tens, everybody), one, "yes"},
		{"a group is hashed by its key", flag("beta", company, `{"rollout_percentage":75}`), inGroup(one, "acme"), "yes"},
		{"also by a number", flag("beta", company, `{"rollout_percentage":75}`), inGroup(one, 7), "no"},
		{"a flag on groups is open without one", flag(key, company, everybody), one, "open"},
		{"so it is without the group's properties", flag(key, company, where(`{"key":"seats","operator":"gt","value":10}`)), inGroup(one, "acme"), "open"},
		{"a group type without a name is open", flag(key, `"aggregation_group_type_index":4`, everybody), inGroup(one, "acme"), "open"},
		{"a condition on groups is passed over without one", flag(key, "", own, person), one, "yes"},
		{"and misses when the rest does", flag(key, "", own, `{"aggregation_group_type_index":null,"properties":[`+pro+`]}`), subject("user-1", "plan=free"), "no"},
		{"a condition on persons in a flag on groups", flag(key, company, `{"aggregation_group_type_index":null,"properties":[`+pro+`]}`), subject("user-1", "plan=pro"), "yes"},
		{"a device is hashed by its id", with(byDevice, flag("beta", "", `{"rollout_percentage":25}`)), onDevice(one, "dev-5f1"), "yes"},
		{"nothing stands in for the device", with(byDevice, flag("beta", "", `{"rollout_percentage":25}`)), one, "open"},
		{"groups need no device", with(byDevice, flag("beta", "", person, own)), inGroup(one, "acme"), "yes"},
		{"a person opted in", flag(key, `"feature_enrollment":true`, nobody), subject("user-1", "$feature_enrollment/"+key+"=true"), "yes"},
		{"a person opted out", flag(key, `"feature_enrollment":true`, everybody), subject("user-1", "$feature_enrollment/"+key+"=false"), "no"},
		{"it is not known whether", flag(key, `"feature_enrollment":true`, everybody), one, "open"},
		{"held out", flag(key, `"holdout":{"id":7,"exclusion_percentage":20}`, everybody), one, "holdout-7"},
		{"not held out", flag(key, `"holdout":{"id":7,"exclusion_percentage":20}`, everybody), subject("user-5"), "yes"},
		{"continuity is the server's", with(`"ensure_experience_continuity":true`, flag(key, "", everybody)), one, "open"},
		{"so is metadata", flag(key, "", where(`{"key":"created_at","type":"person_metadata","operator":"is_set"}`)), one, "open"},
		{"an unknown operator is open", flag(key, "", where(`{"key":"plan","operator":"future_op","value":1}`)), subject("user-1", "plan=x"), "open"},
		{"a fractional rollout is in", flag("frac-rollout", "", `{"rollout_percentage":0.1}`), subject("user-147271"), "yes"},
		{"a fractional rollout is out", flag("frac-rollout", "", `{"rollout_percentage":0.1}`), subject("user-177597"), "no"},
		{"rules of version 2 are open", flag(key, `"version":2`, everybody), one, "open"},
		{"a rollout that is a text makes the flag unreadable", flag(key, "", `{"rollout_percentage":"50"}`), one, "open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			document := `{"flags":[` + c.flag + `],"group_type_mapping":{"0":"company"}}`
			decoded, err := reference.Decode([]byte(document))
			if err != nil {
				t.Fatalf("decode %s: %v", document, err)
			}
			if got := short(decoded.Evaluate(decoded.Keys()[0], c.subject)); got != c.want {
				t.Errorf("got %s, want %s, document %s", got, c.want, document)
			}
		})
	}
}
