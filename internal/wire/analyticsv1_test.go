package wire_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/wire"
)

type object = map[string]any

// messages are one event of each kind, and one with everything that the endpoints treat differently.
func messages() []event.Draft {
	drafts := []event.Draft{
		{Event: "order paid", Properties: object{"amount": 12.5}, Groups: object{"company": "acme"}, SessionID: "s_9"},
		{Event: "page read", Context: object{"$window_id": "w_1"}, SessionID: "s_9", Personless: true},
		{Event: "nothing said", Reserved: []string{"$geoip_disable", "$is_server"}},
		{Event: "$identify", Owned: []event.Field{
			{Key: "$set", Value: object{"plan": "pro"}}, {Key: "$set_once", Value: object{"seen": "2026-01-01"}}, {Key: "$anon_distinct_id", Value: "a_1"},
		}},
		{Event: "$create_alias", Owned: []event.Field{{Key: "distinct_id", Value: "user_42"}, {Key: "alias", Value: "u_42"}}},
		{Event: "$groupidentify", Owned: []event.Field{
			{Key: "$group_type", Value: "company"}, {Key: "$group_key", Value: "acme"}, {Key: "$group_set", Value: object{"plan": "pro"}},
		}},
		{Event: "$set", Owned: []event.Field{{Key: "$set", Value: object{"plan": "pro"}}, {Key: "$unset", Value: []string{"trial"}}}},
		{Event: "$exception", Owned: []event.Field{
			{Key: "$exception_level", Value: "error"},
			{Key: "$exception_list", Value: []any{object{"type": "*url.Error"}}},
		}},
		{Event: "$feature_flag_called", Properties: object{"$feature_flag_response": true}, Owned: []event.Field{{Key: "$feature_flag", Value: "beta"}}},
		{Event: "$ai_generation", Properties: object{"$ai_input_tokens": 7}},
		{Event: "everything", Owned: []event.Field{
			{Key: "$cookieless_mode", Value: "True"}, {Key: "$ignore_sent_at", Value: 1}, {Key: "$process_person_profile", Value: false},
			{Key: "$product_tour_id", Value: "t_1"}, {Key: "$session_id", Value: "s \"9\""}, {Key: "$window_id", Value: "w_1"},
		}},
	}
	for i := range drafts {
		drafts[i].DistinctID, drafts[i].UUID, drafts[i].Timestamp = envelope.DistinctID, envelope.UUID, eventTime
		drafts[i].UUID[15] = byte(i)
	}
	return drafts
}

func TestEveryKindOfMessageInBothForms(t *testing.T) {
	t.Parallel()
	static, _ := event.NewStatic("hedgerow", "1.2.3", object{"$is_server": true, "$geoip_disable": true})
	legacy := wire.Batch{APIKey: "phc_test"}
	analytics := wire.BatchV1{CreatedAt: eventTime.Add(time.Second)}
	v0, v1 := legacy.AppendOpen(nil, eventTime.Add(time.Second)), analytics.AppendOpen(nil)
	for i, draft := range messages() {
		var encoder wire.Encoder
		record, tail := event.Append(nil, &encoder, &draft, static)
		if i > 0 {
			v0, v1 = append(v0, ','), append(v1, ',')
		}
		v0 = append(append(v0, '\n'), record...) // the space makes the file readable
		var ok bool
		if v1, ok = wire.AppendEventV1(append(v1, '\n'), record, tail); !ok {
			t.Fatalf("AppendEventV1(%s, %d) refuses the event", record, tail)
		}
	}
	v0, v1 = legacy.AppendClose(append(v0, '\n')), analytics.AppendClose(append(v1, '\n'))
	requireJSON(t, v0)
	requireJSON(t, v1)
	golden.Compare(t, "testdata/messages_v0.json", v0)
	golden.Compare(t, "testdata/messages_v1.json", v1)
}

func TestBatchV1Frame(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 8, 22, 11, 15, 4, 900001999, time.FixedZone("", 7200))
	for name, tc := range map[string]struct {
		batch wire.BatchV1
		want  string
	}{
		"down to the microsecond, in UTC": {wire.BatchV1{CreatedAt: moment}, `{"created_at":"2026-08-22T09:15:04.900001Z","batch":[]}`},
		"history is mentioned when it is": {
			wire.BatchV1{CreatedAt: moment, Historical: true},
			`{"created_at":"2026-08-22T09:15:04.900001Z","historical_migration":true,"batch":[]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(tc.batch.AppendClose(tc.batch.AppendOpen(nil))); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// transcoded returns the event with these properties as the analytics endpoint gets it, without the root members that
// are copied. The special properties begin with the first of the members given as special.
func transcoded(t *testing.T, ordinary, special string) string {
	t.Helper()
	const open = `{"event":"a","properties":{`
	record := open + ordinary
	tail := len(record)
	if ordinary != "" && special != "" {
		record += ","
	}
	record += special + "}}"
	out, ok := wire.AppendEventV1([]byte("before "), []byte(record), tail)
	if !ok {
		t.Fatalf("AppendEventV1(%s, %d) refuses the event", record, tail)
	}
	requireJSON(t, out[len("before "):])
	return string(out[len("before "+open):])
}

func TestSpecialPropertiesMove(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ ordinary, special, want string }{
		"nothing to move":                   {`"a":1`, ``, `"a":1},"options":{}}`},
		"no properties at all":              {``, ``, `},"options":{}}`},
		"the library's name":                {`"a":1`, `"$lib":"x","$lib_version":"y"`, `"a":1},"options":{}}`},
		"the library's name alone":          {``, `"$lib":"x","$lib_version":"y"`, `},"options":{}}`},
		"an unusual library's name":         {`"a":1`, `"$lib":"x\"","$lib_version":"y"`, `"a":1},"options":{}}`},
		"an unusual version":                {`"a":1`, `"$lib":"x","$lib_version":"\u00e9"`, `"a":1},"options":{}}`},
		"more behind the library":           {`"a":1`, `"$lib":"x","$lib_version":"y","$session_id":"s"`, `"a":1},"session_id":"s","options":{}}`},
		"the distinct id":                   {`"alias":"b"`, `"distinct_id":"a"`, `"alias":"b"},"options":{}}`},
		"a session and a window":            {``, `"$window_id":"w","$session_id":"s"`, `},"session_id":"s","window_id":"w","options":{}}`},
		"a session with escapes":            {``, `"$session_id":"\"\\\u0041"`, `},"session_id":"\"\\\u0041","options":{}}`},
		"an empty session":                  {``, `"$session_id":""`, `},"options":{}}`},
		"a session that is a number":        {``, `"$session_id":7`, `},"options":{}}`},
		"a session that is null":            {``, `"$session_id":null`, `},"options":{}}`},
		"a session that is an object":       {``, `"$session_id":{"a":["}",{"$lib":"]"}]},"$window_id":"w"`, `},"window_id":"w","options":{}}`},
		"a window that is true":             {``, `"$window_id":true`, `},"options":{}}`},
		"a tour":                            {``, `"$product_tour_id":"t"`, `},"options":{"product_tour_id":"t"}}`},
		"a tour that is empty":              {``, `"$product_tour_id":""`, `},"options":{}}`},
		"a tour that is a number":           {``, `"$product_tour_id":1`, `},"options":{}}`},
		"all of the options":                {``, `"$product_tour_id":"t","$process_person_profile":false,"$ignore_sent_at":true,"$cookieless_mode":true`, `},"options":{"cookieless_mode":true,"disable_skew_correction":true,"process_person_profile":false,"product_tour_id":"t"}}`},
		"the second of two":                 {``, `"$session_id":"a","$session_id":"b"`, `},"session_id":"b","options":{}}`},
		"an ordinary one among them stays":  {`"a":1`, `"$session_id":"s","b":[1,{"c":"}"}],"$lib":"x"`, `"a":1,"b":[1,{"c":"}"}]},"session_id":"s","options":{}}`},
		"an ordinary one before all others": {``, `"b":2,"$lib":"x"`, `"b":2},"options":{}}`},
		"inside of an object they stay":     {`"$set":{"$session_id":"s","distinct_id":"d"}`, `"$lib":"x"`, `"$set":{"$session_id":"s","distinct_id":"d"}},"options":{}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := transcoded(t, tc.ordinary, tc.special); got != tc.want {
				t.Errorf("ordinary %s, special %s:\n got %s\nwant %s", tc.ordinary, tc.special, got, tc.want)
			}
		})
	}
}

func TestOptionsAreTrueOrFalseOrAbsent(t *testing.T) {
	t.Parallel()
	const absent = ""
	for value, want := range map[string]string{
		`true`: "true", `false`: "false", `null`: absent,
		`1`: "true", `0`: "false", `-1`: "true", `-0`: "false", `0.0`: "false", `0.001`: "true", `0e7`: "false", `0E-7`: "false",
		`1e-400`: "true", `-2.5E+3`: "true", `12345678901234567890123`: "true",
		`"true"`: "true", `"TRUE"`: "true", `"  True\t"`: "true", `"1"`: "true", `"\u00a01\n"`: "true", `"\u0074rue"`: "true",
		`"false"`: "false", `"False"`: "false", `"0"`: "false", `" 0 "`: "false",
		`""`: absent, `"yes"`: absent, `"2"`: absent, `"1.0"`: absent, `"fal` + "\u017f" + `e"`: absent, `"null"`: absent, `"t"`: absent,
		`{}`: absent, `{"true":true}`: absent, `[true]`: absent, `[]`: absent,
	} {
		for property, option := range map[string]string{
			"$cookieless_mode": "cookieless_mode", "$ignore_sent_at": "disable_skew_correction", "$process_person_profile": "process_person_profile",
		} {
			expected := `},"options":{}}`
			if want != absent {
				expected = `},"options":{"` + option + `":` + want + `}}`
			}
			if got := transcoded(t, "", `"`+property+`":`+value); got != expected {
				t.Errorf("%s of %s: got %s, want %s", property, value, got, expected)
			}
		}
	}
}

func TestSpecialKnowsItsProperties(t *testing.T) {
	t.Parallel()
	for i, key := range wire.SpecialProperties {
		if got := wire.Special(key); got != i {
			t.Errorf("Special(%q) = %d, want %d", key, got, i)
		}
	}
	for _, key := range []string{"", "$", "lib", "$libs", "$session_i", "session_id", "Distinct_id", "$distinct_id", "$set", "$groups"} {
		if got := wire.Special(key); got != -1 {
			t.Errorf("Special(%q) = %d, want -1", key, got)
		}
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	t.Parallel()
	const whole = `{"event":"a","properties":{"a":1,"$lib":"x"}}`
	tail := len(`{"event":"a","properties":{"a":1`)
	for name, tc := range map[string]struct {
		record string
		tail   int
	}{
		"nothing":                          {``, 0},
		"no object":                        {`[]`, 0},
		"an object that is not closed":     {`{"event":"a"`, 0},
		"no properties":                    {`{"event":"a","more":{}}`, 0},
		"properties that are a list":       {`{"event":"a","properties":[{}]}`, 0},
		"properties that are not the last": {`{"properties":{"a":1},"event":{"b":{}}}`, 0},
		"a separator of another kind":      {`{"event":"a";"properties":{}}`, 0},
		"a negative tail":                  {whole, -1},
		"a tail behind the event":          {whole, len(whole)},
		"a tail far behind the event":      {whole, len(whole) + 100},
		"a tail in the midst of a key":     {whole, tail + 3},
		"an event that is cut off":         {whole[:len(whole)-1], tail},
		"a member without a value":         {`{"event":"a","properties":{"a":1,"$lib":}}`, tail},
		"a member without a colon":         {`{"event":"a","properties":{"a":1,"$lib"}}`, tail},
		"two members without a comma":      {`{"event":"a","properties":{"a":1,"$lib":"x""b":1}}`, tail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := wire.AppendEventV1([]byte("before"), []byte(tc.record), tc.tail); ok || string(got) != "before" {
				t.Errorf("AppendEventV1(%s, %d) = %s, %v, want nothing appended and false", tc.record, tc.tail, got, ok)
			}
		})
	}
}
