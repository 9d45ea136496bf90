package posthogtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func identify(user, anonymous string) string {
	return fmt.Sprintf(`{"event":"$identify","distinct_id":%q,"properties":{"$anon_distinct_id":%q}}`, user, anonymous)
}

func alias(name, id, alias string) string {
	return fmt.Sprintf(`{"event":%q,"distinct_id":%q,"properties":{"alias":%q}}`, name, id, alias)
}

func TestSilentLossesAreNamed(t *testing.T) {
	t.Parallel()
	groups := func(types ...string) string {
		var pairs []string
		for _, groupType := range types {
			pairs = append(pairs, fmt.Sprintf("%q:%q", groupType, "k"))
		}
		return `{"event":"a","distinct_id":"u","properties":{"$groups":{` + strings.Join(pairs, ",") + `}}}`
	}
	for name, c := range map[string]struct {
		events []string
		want   []posthogtest.WarningKind
	}{
		"an identify":                             {events: []string{identify("u", "anon-1")}},
		"the same identify again":                 {events: []string{identify("u", "anon-1"), identify("u", "anon-1")}},
		"two devices of one user":                 {events: []string{identify("u", "anon-1"), identify("u", "anon-2")}},
		"an identify without an earlier id":       {events: []string{`{"event":"$identify","distinct_id":"u"}`}},
		"one device, then another user":           {events: []string{identify("u", "anon-1"), identify("v", "anon-1")}, want: []posthogtest.WarningKind{posthogtest.MergeOfIdentified}},
		"an identified user merged into another":  {events: []string{`{"event":"$identify","distinct_id":"u"}`, identify("v", "u")}, want: []posthogtest.WarningKind{posthogtest.MergeOfIdentified}},
		"an alias":                                {events: []string{alias("$create_alias", "u", "old")}},
		"an alias of an identified user":          {events: []string{identify("u", "anon"), alias("$create_alias", "v", "u")}, want: []posthogtest.WarningKind{posthogtest.MergeOfIdentified}},
		"a forced merge of an identified user":    {events: []string{identify("u", "anon"), alias("$merge_dangerously", "v", "u")}},
		"a merge carries identities along":        {events: []string{alias("$create_alias", "u", "old"), identify("old", "u")}},
		"an identify with an illegal id":          {events: []string{identify("u", "null")}, want: []posthogtest.WarningKind{posthogtest.IllegalMergeID}},
		"an identify of nobody":                   {events: []string{identify("Anonymous", "anon-1")}, want: []posthogtest.WarningKind{posthogtest.IllegalMergeID}},
		"an alias of a quoted illegal id":         {events: []string{alias("$create_alias", "u", `"undefined"`)}, want: []posthogtest.WarningKind{posthogtest.IllegalMergeID}},
		"an alias of a blank id":                  {events: []string{alias("$create_alias", "u", " ")}, want: []posthogtest.WarningKind{posthogtest.IllegalMergeID}},
		"an exact illegal id in another case":     {events: []string{alias("$create_alias", "u", "Null")}},
		"an ordinary event with an illegal id":    {events: []string{`{"event":"a","distinct_id":"anonymous"}`}},
		"a group":                                 {events: []string{`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"acme","$group_set":{"plan":"pro"}}}`}},
		"a group with null properties":            {events: []string{`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"acme","$group_set":null}}`}},
		"a group whose properties are a list":     {events: []string{`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"acme","$group_set":[]}}`}, want: []posthogtest.WarningKind{posthogtest.InvalidGroupSet}},
		"a group without a key":                   {events: []string{`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company"}}`}, want: []posthogtest.WarningKind{posthogtest.GroupKeyMissing}},
		"a group with a number as a key":          {events: []string{`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":7}}`}},
		"a group key of 401 characters":           {events: []string{`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"` + strings.Repeat("k", 401) + `"}}`}, want: []posthogtest.WarningKind{posthogtest.GroupKeyTooLong}},
		"five group types":                        {events: []string{groups("a", "b", "c"), groups("c", "d", "e")}},
		"a sixth group type":                      {events: []string{groups("a", "b", "c"), groups("d", "e"), groups("f")}, want: []posthogtest.WarningKind{posthogtest.TooManyGroupTypes}},
		"person properties on an exception":       {events: []string{`{"event":"$exception","distinct_id":"u","$set":{"plan":"pro"},"properties":{"$exception_list":[{"type":"T"}]}}`}, want: []posthogtest.WarningKind{posthogtest.SetOnException}},
		"an exception":                            {events: []string{raised("u", listed(`{"type":"T"}`))}},
		"a profile flag":                          {events: []string{`{"event":"a","distinct_id":"u","properties":{"$process_person_profile":false}}`}},
		"a profile flag that is text":             {events: []string{`{"event":"a","distinct_id":"u","properties":{"$process_person_profile":"false"}}`}, want: []posthogtest.WarningKind{posthogtest.ProfileFlagNotBoolean}},
		"a uuid that is none refuses the request": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			if len(c.events) == 0 {
				post(t, s, batch(`{"event":"a","distinct_id":"u","uuid":"x"}`), 400)
				c.want = []posthogtest.WarningKind{posthogtest.InvalidUUID}
			} else {
				post(t, s, batch(c.events...), 200)
			}
			if got := kinds(s); !slices.Equal(got, c.want) {
				t.Errorf("%v: got warnings %v, want %v", c.events, s.Warnings(), c.want)
			}
		})
	}
}

func TestAnEventThePipelineDropsIsNoRow(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"acme","$group_set":7}}`), 200)
	if events, rows := len(s.Events()), len(s.Rows()); events != 1 || rows != 0 {
		t.Errorf("got %d events and %d rows, want 1 and 0", events, rows)
	}
}

func TestAWarningTellsItsEvent(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(`{"event":"a","distinct_id":"u","uuid":"`+uuid(1)+`","timestamp":"soon"}`), 200)
	got := s.Warnings()[0]
	if got.Event != "a" || got.DistinctID != "u" || got.UUID != uuid(1) || got.Token != "phc_test" || got.Time.IsZero() {
		t.Errorf("got warning %+v, want its event's name, ids, key and time", got)
	}
	stored := s.Events()[0].Timestamp.Format("2006-01-02T15:04:05.999999999Z07:00")
	want := `ignored_invalid_timestamp: timestamp "soon" is stored as ` + stored + ` (event "a", distinct id "u", uuid ` + uuid(1) + `)`
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
