package wire_test

import (
	"encoding/json"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/wire"
)

// of two maps, as a caller with a map type of its own hands them over.
func groupProperties(groups map[string]properties) iter.Seq2[string, map[string]any] {
	return func(yield func(string, map[string]any) bool) {
		for _, groupType := range slices.Sorted(maps.Keys(groups)) {
			if !yield(groupType, groups[groupType]) {
				return
			}
		}
	}
}

func flagsRequest(t *testing.T, r wire.FlagsRequest) (body []byte, losses []wire.Loss) {
	t.Helper()
	var e wire.Encoder
	body = wire.AppendFlagsRequest(nil, &e, r)
	requireJSON(t, body)
	return body, e.Losses()
}

// Proves FR-02, FR-03, FR-04.
func TestFlagsRequestBodies(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]wire.FlagsRequest{
		"everything": {
			Token: "phc_test", DistinctID: "zoë \"9\"\n", DeviceID: "d-77",
			Groups:           map[string]any{"company": "c-3"},
			PersonProperties: map[string]any{"seats": []any{1, 2.5, "a", nil}},
			GroupProperties: groupProperties(map[string]properties{
				"company": {"plan": map[string]any{"name": "pro"}}, "team": nil, "office": {"floor": 3},
			}),
			GeoIPDisable: true, Keys: []string{"new-nav", "old-nav"}, EvaluationContexts: []string{"checkout"},
		},
		"nothing":    {Token: "phc_test", DistinctID: "u-9"},
		"one_key":    {Token: "phc_test", DistinctID: "u-9", Keys: []string{"new-nav"}, Groups: map[string]any{"company": 12}},
		"no_keys":    {Token: "phc_test", DistinctID: "u-9", Keys: []string{}, EvaluationContexts: []string{}},
		"empty_maps": {Token: "phc_test", DistinctID: "u-9", Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: groupProperties(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, losses := flagsRequest(t, r)
			if losses != nil {
				t.Errorf("%+v: losses %v, want none", r, losses)
			}
			golden.Compare(t, "testdata/flags_request_"+name+".json", body)
		})
	}
}

// Proves CAP-16 for the properties that flags are asked with.
func TestABadValueIsLostAloneInAFlagsRequest(t *testing.T) {
	t.Parallel()
	f := func() {}
	body, losses := flagsRequest(t, wire.FlagsRequest{
		Token: "phc_test", DistinctID: "u-\xff",
		Groups:           map[string]any{"company": f, "team": "t-1"},
		PersonProperties: map[string]any{"plan": map[string]any{"call": f, "name": "pro"}, "share": math.NaN()},
		GroupProperties:  groupProperties(map[string]properties{"company": {"call": f}, "team": {"seats": 3}}),
	})
	want := map[string]any{
		"token": "phc_test", "distinct_id": "u-\ufffd", "geoip_disable": false, "evaluation_runtime": "server",
		"groups":            map[string]any{"team": "t-1"},
		"person_properties": map[string]any{"plan": map[string]any{"name": "pro"}, "share": nil},
		"group_properties":  map[string]any{"company": map[string]any{}, "team": map[string]any{"seats": 3.0}},
	}
	if got := decode(t, body); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	const reason = "func has no JSON form"
	lost := []wire.Loss{
		{Key: "groups.company", Reason: reason},
		{Key: "person_properties.plan.call", Reason: reason},
		{Key: "group_properties.company.call", Reason: reason},
	}
	if !slices.Equal(losses, lost) {
		t.Errorf("losses\n%v\nwant\n%v", losses, lost)
	}
}

func TestFlagsRequestNoAlloc(t *testing.T) {
	r := wire.FlagsRequest{
		Token: "phc_test", DistinctID: "u-9", DeviceID: "d-77", Groups: map[string]any{"company": "c-3"},
		PersonProperties: small5(), Keys: []string{"new-nav"},
	}
	var e wire.Encoder
	buffer := make([]byte, 0, 4096)
	if got := testing.AllocsPerRun(100, func() {
		e.Reset()
		buffer = wire.AppendFlagsRequest(buffer[:0], &e, r)
	}); got != 0 {
		t.Errorf("encoding %+v allocates %v times, want 0", r, got)
	}
}

func FuzzFlagsRequest(f *testing.F) {
	f.Add("u-9", "company", "c-3", "plan", "pro", true)
	f.Add("\xff\"\\\n", "", "\x00", "\u2028", "", false)
	f.Fuzz(func(t *testing.T, distinctID, groupType, group, key, value string, disable bool) {
		body, _ := flagsRequest(t, wire.FlagsRequest{
			Token: "phc_test", DistinctID: distinctID, DeviceID: group, GeoIPDisable: disable,
			Groups: map[string]any{groupType: group}, PersonProperties: map[string]any{key: value},
			GroupProperties: groupProperties(map[string]properties{groupType: {key: value}}),
			Keys:            []string{key, value}, EvaluationContexts: []string{groupType},
		})
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		for _, name := range []string{"groups", "person_properties", "group_properties"} {
			if len(members[name]) < 2 || members[name][0] != '{' {
				t.Errorf("%s = %s, want an object", name, members[name])
			}
		}
	})
}
