package posthogtest_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/posthogtest"
)

// locally is the value of a flag for a person as a client works it out from
// the definitions.
func locally(t *testing.T, s *posthogtest.Server, distinctID, key string) string {
	t.Helper()
	a := call(t, s, http.MethodGet, "/flags/definitions?token=phc_test", bearer("phs_test"), "")
	definitions, err := flags.Parse([]byte(a.body))
	if err != nil {
		t.Fatalf("got definitions %d %q: %v", a.status, a.body, err)
	}
	result := flags.Compile(definitions, flags.Options{}).Evaluate(key, &flags.Subject{DistinctID: distinctID})
	if result.Inconclusive != nil {
		return result.Inconclusive.String()
	}
	return fmt.Sprint(result.Value())
}

func TestFlagsAreWhatTheTestSays(t *testing.T) {
	t.Parallel()
	shares := []posthogtest.Variant{{Key: "a", Percent: 18.23}, {Key: "b", Percent: 11.77}, {Key: "c", Percent: 70}}
	for name, c := range map[string]struct {
		set    func(s *posthogtest.Server)
		values string // of user-1 to user-4
	}{
		"on for everybody":     {func(s *posthogtest.Server) { s.SetFlag("nav", true) }, "true true true true"},
		"off for everybody":    {func(s *posthogtest.Server) { s.SetFlag("nav", false) }, "false false false false"},
		"a variant":            {func(s *posthogtest.Server) { s.SetFlag("nav", "blue") }, "blue blue blue blue"},
		"nothing but a key":    {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav"}) }, "true true true true"},
		"a rollout":            {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav", Rollout: 70}) }, "true false true true"},
		"variants":             {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav", Variants: shares}) }, "a c b a"},
		"one of the variants":  {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav", Variants: shares, Value: "a"}) }, "a a a a"},
		"none of the variants": {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav", Variants: shares, Value: false}) }, "false false false false"},
		"a property that nobody has": {func(s *posthogtest.Server) {
			s.SetFlags(posthogtest.Flag{Key: "nav", Where: map[string]any{"distinct_id": "user-9"}})
		}, "false false false false"},
		"a property that some have": {func(s *posthogtest.Server) {
			s.SetFlags(posthogtest.Flag{Key: "nav", Where: map[string]any{"distinct_id": []string{"user-1", "user-3"}}})
		}, "true false true false"},
		"the last word counts":            {func(s *posthogtest.Server) { s.SetFlag("nav", "blue"); s.SetFlag("nav", false) }, "false false false false"},
		"one person has a new flag":       {func(s *posthogtest.Server) { s.SetFlagFor("user-1", "nav", "blue") }, "blue false false false"},
		"one person has none":             {func(s *posthogtest.Server) { s.SetFlag("nav", true); s.SetFlagFor("user-2", "nav", false) }, "true false true true"},
		"one person has another variant":  {func(s *posthogtest.Server) { s.SetFlag("nav", "red"); s.SetFlagFor("user-2", "nav", "blue") }, "red blue red red"},
		"a variant among those who go on": {func(s *posthogtest.Server) { s.SetFlag("nav", true); s.SetFlagFor("user-2", "nav", "blue") }, "true blue true true"},
		"several persons": {func(s *posthogtest.Server) {
			s.SetFlag("nav", "red")
			s.SetFlagFor("user-1", "nav", false)
			s.SetFlagFor("user-2", "nav", "blue")
			s.SetFlagFor("user-3", "nav", false)
			s.SetFlagFor("user-3", "nav", "green")
		}, "false blue green red"},
		"a value beside the variants": {func(s *posthogtest.Server) {
			s.SetFlags(posthogtest.Flag{Key: "nav", Value: "d", Variants: []posthogtest.Variant{{Key: "a"}}})
			s.SetFlagFor("user-1", "nav", true)
		}, "true d d d"},
		"the last word about a person": {func(s *posthogtest.Server) {
			s.SetFlagFor("user-1", "nav", "blue")
			s.SetFlagFor("user-2", "nav", true)
			s.SetFlagFor("user-1", "nav", "pink")
			s.SetFlagFor("user-2", "nav", false)
		}, "pink false false false"},
		"a flag set again forgets persons": {func(s *posthogtest.Server) { s.SetFlagFor("user-1", "nav", "blue"); s.SetFlag("nav", true) }, "true true true true"},
		"a flag deleted forgets persons": {func(s *posthogtest.Server) {
			s.SetFlagFor("user-1", "nav", true)
			s.DeleteFlag("nav")
			s.SetFlag("nav", false)
		}, "false false false false"},
		"a deleted flag is gone": {func(s *posthogtest.Server) { s.SetFlag("nav", true); s.DeleteFlag("nav") }, "absent absent absent absent"},
		"a person within a loaded definition": {func(s *posthogtest.Server) {
			_ = s.LoadFlags(defined(`{"id":9,"key":"nav","active":true,"filters":{"early_exit":true,"groups":[{"rollout_percentage":70},{}]}}`))
			s.SetFlagFor("user-2", "nav", true)
			s.SetFlagFor("user-1", "nav", false)
		}, "false true true true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			c.set(s)
			var remote, local []string
			for i := range 4 {
				id := fmt.Sprintf("user-%d", i+1)
				remote = append(remote, askFlags(t, s, question(id, "")).value("nav"))
				local = append(local, locally(t, s, id, "nav"))
			}
			if got := strings.Join(remote, " "); got != c.values {
				t.Errorf("the server says %s, want %s", got, c.values)
			}
			want := strings.ReplaceAll(c.values, "absent", "UnknownFlag")
			if got := strings.Join(local, " "); got != want {
				t.Errorf("the definitions say %s, want %s", got, want)
			}
		})
	}
}

func TestAPayloadIsJSONInAText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flag posthogtest.Flag
		want string
	}{
		"of true":               {posthogtest.Flag{Payload: map[string]int{"n": 1}}, `{"n":1}`},
		"of a value":            {posthogtest.Flag{Value: "blue", Payload: "<b>"}, `"<b>"`},
		"of a variant":          {posthogtest.Flag{Variants: []posthogtest.Variant{{Key: "a", Percent: 100, Payload: []int{1}}}}, `[1]`},
		"raw":                   {posthogtest.Flag{Payload: rawNumber("1.0")}, "1.0"},
		"none":                  {posthogtest.Flag{}, "none"},
		"none for who has none": {posthogtest.Flag{Value: false, Payload: 1}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			c.flag.Key = "nav"
			s.SetFlags(c.flag)
			got := "none"
			if p := askFlags(t, s, question("u", "")).Flags["nav"].Metadata.Payload; p != nil {
				got = *p
			}
			if got != c.want {
				t.Errorf("got payload %s, want %s", got, c.want)
			}
		})
	}
}

// rawNumber is JSON as it stands.
type rawNumber string

func (n rawNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func TestEveryChangeIsAnotherVersion(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	seen := map[string]string{}
	for i, c := range []struct {
		name        string
		change      func()
		id, version int64
	}{
		{"set", func() { s.SetFlag("nav", true) }, 1, 1},
		{"set to what it is", func() { s.SetFlag("nav", true) }, 1, 2},
		{"set for a person", func() { s.SetFlagFor("u", "nav", false) }, 1, 3},
		{"another flag set", func() { s.SetFlag("other", true) }, 1, 3},
		{"deleted and set", func() { s.DeleteFlag("nav"); s.SetFlag("nav", true) }, 3, 1},
		{"loaded", func() {
			_ = s.LoadFlags(defined(`{"id":70,"key":"nav","active":true,"version":8,"filters":{"groups":[{}]}}`))
		}, 70, 8},
		{"set after the load", func() { s.SetFlag("nav", "blue") }, 70, 9},
		{"set for a person then", func() { s.SetFlagFor("u", "nav", "red") }, 70, 10},
		{"a new one", func() { s.SetFlag("other", true); s.DeleteFlag("nav"); s.SetFlag("nav", true) }, 72, 1},
	} {
		c.change()
		got := askFlags(t, s, question("u", "")).Flags["nav"].Metadata
		if got.ID != c.id || got.Version != c.version {
			t.Errorf("%s: got id %d, version %d, want %d, %d", c.name, got.ID, got.Version, c.id, c.version)
		}
		etag := call(t, s, http.MethodGet, "/flags/definitions?token=phc_test", bearer("phs_test"), "").header.Get("ETag")
		if before, again := seen[etag]; again {
			t.Errorf("step %d, %s: got ETag %s, that of %s", i, c.name, etag, before)
		}
		seen[etag] = c.name
	}
}

func TestAFlagThatMakesNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(s *posthogtest.Server)
		want string
	}{
		"a value that is a number":    {func(s *posthogtest.Server) { s.SetFlag("nav", 7) }, `posthogtest: flag "nav": the value is 7, want true, false or the name of a variant`},
		"an empty variant":            {func(s *posthogtest.Server) { s.SetFlag("nav", "") }, `the value is ""`},
		"no key":                      {func(s *posthogtest.Server) { s.SetFlag("", true) }, "the key is empty"},
		"a rollout beyond 100":        {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav", Rollout: 101}) }, "the rollout is 101, want 0 to 100"},
		"a rollout that is no number": {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav", Rollout: math.NaN()}) }, "NaN"},
		"a negative share": {func(s *posthogtest.Server) {
			s.SetFlags(posthogtest.Flag{Key: "nav", Variants: []posthogtest.Variant{{Key: "a", Percent: -1}}})
		}, `the share of variant "a" is -1`},
		"a variant without a key": {func(s *posthogtest.Server) {
			s.SetFlags(posthogtest.Flag{Key: "nav", Variants: []posthogtest.Variant{{Percent: 1}}})
		}, "a variant has no key"},
		"a payload that is no JSON": {func(s *posthogtest.Server) { s.SetFlags(posthogtest.Flag{Key: "nav", Payload: func() {}}) }, "the payload of true"},
		"a property that is nothing": {func(s *posthogtest.Server) {
			s.SetFlags(posthogtest.Flag{Key: "nav", Where: map[string]any{"plan": nil}})
		}, "properties[0].value"},
		"the sixth group type": {func(s *posthogtest.Server) {
			for i := range 6 {
				s.SetFlags(posthogtest.Flag{Key: "nav", Group: fmt.Sprint("type", i)})
			}
		}, "sixth"},
		"a person without an id":      {func(s *posthogtest.Server) { s.SetFlagFor("", "nav", true) }, "the distinct id is empty"},
		"a person and no key":         {func(s *posthogtest.Server) { s.SetFlagFor("u", "", true) }, "the key is empty"},
		"a person's value of no type": {func(s *posthogtest.Server) { s.SetFlagFor("u", "nav", 1.5) }, `posthogtest: flag "nav" for "u": the value is 1.5`},
		"a person and an inactive flag": {func(s *posthogtest.Server) {
			_ = s.LoadFlags(defined(`{"key":"nav","filters":{}}`))
			s.SetFlagFor("u", "nav", true)
		}, "it is inactive"},
		"a person and a broken flag": {func(s *posthogtest.Server) {
			_ = s.LoadFlags(defined(`{"key":"nav","active":true}`))
			s.SetFlagFor("u", "nav", true)
		}, "no filters"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := new(fakeTB)
			s := posthogtest.NewServer(tb, nil)
			t.Cleanup(s.Close)
			c.set(s)
			if !strings.Contains(tb.fatal, c.want) {
				t.Errorf("got fatal %q, want one that contains %q", tb.fatal, c.want)
			}
		})
	}
}

func TestAFlagThatMakesNoSenseFailsWhereNoTestIsAsked(t *testing.T) {
	t.Parallel()
	s, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.SetFlags(posthogtest.Flag{Key: "nav", Rollout: -1}, posthogtest.Flag{Key: "fine"})
	s.SetFlagFor("u", "nav", true)
	got := askFlags(t, s, question("u", ""))
	if got.value("nav") != "failed" || got.value("fine") != "true" || !got.Errors {
		t.Errorf("got %+v, want nav failed, fine true, and errors", got)
	}
	flag, _ := s.Flags().Definitions().Flag("nav")
	if !strings.Contains(string(flag.Raw), "the rollout is -1") {
		t.Errorf("got definition %s, want it to say what is wrong", flag.Raw)
	}
}

func TestADocumentIsLoadedOrNothingChanges(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.SetFlag("nav", true)
	for _, document := range []string{"", "[]", `{"flags":{}}`} {
		if err := s.LoadFlags([]byte(document)); err == nil || !strings.HasPrefix(err.Error(), "posthogtest: load flags: ") {
			t.Errorf("LoadFlags(%q): got error %v, want one of the load", document, err)
		}
	}
	if got := askFlags(t, s, question("u", "")).value("nav"); got != "true" {
		t.Errorf("after failed loads: got %s, want true", got)
	}

	// As a cache of another library has it, with a mark in front.
	if err := s.LoadFlags([]byte("\ufeff" + `{"flags":[{"key":"b2b","active":true,"filters":{"aggregation_group_type_index":1,"groups":[{}]}},
		{"key":"twice","active":true,"filters":{"groups":[]}},{"key":"twice","active":true,"filters":{"groups":[{}]}},7],
		"groupTypeMapping":{"1":"company"},"minimalFlagCalledEvents":true}`)); err != nil {
		t.Fatal(err)
	}
	s.SetFlags(posthogtest.Flag{Key: "team", Group: "team"}, posthogtest.Flag{Key: "firm", Group: "company"})
	got := askFlags(t, s, question("u", `"groups":{"company":"acme","team":7}`))
	for key, want := range map[string]string{"nav": "absent", "b2b": "true", "twice": "true", "team": "true", "firm": "true"} {
		if got.value(key) != want {
			t.Errorf("got %s for %s, want %s", got.value(key), key, want)
		}
	}
	if types := s.Flags().Definitions().GroupTypes; !got.Minimal || fmt.Sprint(types) != "map[0:team 1:company]" {
		t.Errorf("got minimal %t and group types %v, want true and both types", got.Minimal, types)
	}
	if text := string(s.Flags().Definitions().JSON()); strings.Contains(text, "groupTypeMapping") || strings.Contains(text, "minimalFlag") {
		t.Errorf("got %s, want each member once", text)
	}
	s.SetFlagFor("u", "twice", false)
	if got := askFlags(t, s, question("u", "")).value("twice"); got != "false" {
		t.Errorf("got %s for a flag that is there twice and was set, want false", got)
	}
	s.DeleteFlag("twice")
	if got := askFlags(t, s, question("u", "")).value("twice"); got != "absent" {
		t.Errorf("got %s for a flag that was there twice and is deleted, want absent", got)
	}
	if problems := s.Flags().Problems(); len(problems) != 1 || !strings.Contains(problems[0].String(), "flags[1] is a number") {
		t.Errorf("got problems %v, want the one of the flag that is a number", problems)
	}
}

// A person has the value by a condition of their own, which is about persons
// even if the flag is about groups.
func TestAPersonHasAValueOfAFlagAboutGroups(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.SetFlags(posthogtest.Flag{Key: "f", Group: "company", Value: "red"})
	s.SetFlagFor("user-1", "f", "blue")
	s.SetFlagFor("user-2", "f", false)
	for id, want := range map[string]string{"user-1": "blue", "user-2": "false", "user-3": "red"} {
		if got := askFlags(t, s, question(id, `"groups":{"company":"acme"}`)).value("f"); got != want {
			t.Errorf("%s in a company: got %s, want %s", id, got, want)
		}
	}
	s.SetFlagFor("user-1", "f", "blue")
	s.SetFlagFor("user-4", "f", "blue")
	if flag, _ := s.Flags().Definitions().Flag("f"); len(flag.Variants) != 2 || len(flag.Conditions) != 3 {
		t.Errorf("got variants %v and %d conditions, want 2 and 3", flag.Variants, len(flag.Conditions))
	}
	for id, want := range map[string]string{"user-1": "blue", "user-3": "false"} {
		if got := askFlags(t, s, question(id, "")).value("f"); got != want {
			t.Errorf("%s on their own: got %s, want %s", id, got, want)
		}
	}
}
