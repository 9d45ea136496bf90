package posthogtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// ifPerson is a flag, as JSON, that is on where a property of the person is so.
func ifPerson(key, property, operator, value string) string {
	return `{"key":"` + key + `","active":true,"filters":{"groups":[{"properties":[` +
		`{"key":"` + property + `","type":"person","operator":"` + operator + `","value":` + value + `}]}]}}`
}

// A person is what their events made of them, and what the question says.
func TestAFlagSeesWhatIsKnownOfThePerson(t *testing.T) {
	t.Parallel()
	const about = `,"uuid":"0199c0de-0000-7000-8000-000000000009","properties":`
	events := func(all ...string) []string { return all }
	for name, c := range map[string]struct {
		events []string
		flag   string
		ask    string
		path   string
		want   string
	}{
		"nothing is known":                        {nil, ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "false"},
		"what is not known is not set":            {nil, ifPerson("f", "plan", "is_not_set", `null`), question("u", ""), "", "true"},
		"$set":                                    {events(`{"event":"a","distinct_id":"u","properties":{"$set":{"plan":"pro"}}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "true"},
		"the last $set":                           {events(`{"event":"a","distinct_id":"u","$set":{"plan":"free"}}`, `{"event":"a","distinct_id":"u","$set":{"plan":"pro"}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "true"},
		"the first $set_once":                     {events(`{"event":"a","distinct_id":"u","$set_once":{"plan":"pro"}}`, `{"event":"a","distinct_id":"u","$set_once":{"plan":"free"}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "true"},
		"$unset":                                  {events(`{"event":"a","distinct_id":"u","$set":{"plan":"pro"}}`, `{"event":"a","distinct_id":"u","properties":{"$unset":["plan"]}}`), ifPerson("f", "plan", "is_set", `null`), question("u", ""), "", "false"},
		"another person":                          {events(`{"event":"a","distinct_id":"v","$set":{"plan":"pro"}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "false"},
		"another project":                         {events(`{"event":"a","distinct_id":"u","$set":{"plan":"pro"}}`), ifPerson("f", "plan", "exact", `"pro"`), strings.Replace(question("u", ""), "phc_test", "phc_other", 1), "", "false"},
		"an event without a person":               {events(`{"event":"a","distinct_id":"u","properties":{"$set":{"plan":"pro"},"$process_person_profile":false}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "false"},
		"an exception sets nothing":               {events(`{"event":"$exception","distinct_id":"u","$set":{"plan":"pro"},"properties":{"$exception_list":[{"type":"T"}]}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "false"},
		"an event that is lost":                   {events(`{"event":"$groupidentify","distinct_id":"u","properties":{"$set":{"plan":"pro"},"$group_set":7}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "false"},
		"the id of before":                        {events(`{"event":"a","distinct_id":"anon","$set":{"plan":"pro"}}`, `{"event":"$identify","distinct_id":"u","properties":{"$anon_distinct_id":"anon"}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "", "true"},
		"the id of before, asked about":           {events(`{"event":"$identify","distinct_id":"u","properties":{"$anon_distinct_id":"anon","$set":{"plan":"pro"}}}`), ifPerson("f", "plan", "exact", `"pro"`), question("anon", ""), "", "true"},
		"what was known wins when two are one":    {events(`{"event":"a","distinct_id":"anon","$set":{"plan":"pro"}}`, `{"event":"$identify","distinct_id":"u","$set":{"plan":"free"}}`, `{"event":"$create_alias","distinct_id":"u","properties":{"alias":"anon"}}`), ifPerson("f", "plan", "exact", `"free"`), question("u", ""), "", "true"},
		"the question wins":                       {events(`{"event":"a","distinct_id":"u","$set":{"plan":"free"}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", `"person_properties":{"plan":"pro"}`), "", "true"},
		"the question adds":                       {events(`{"event":"a","distinct_id":"u","$set":{"plan":"pro"}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", `"person_properties":{"seats":1}`), "", "true"},
		"nothing but the question":                {events(`{"event":"a","distinct_id":"u","$set":{"plan":"pro"}}`), ifPerson("f", "plan", "exact", `"pro"`), question("u", ""), "/flags?v=2&only_use_override_person_properties=true", "false"},
		"numbers keep their digits":               {nil, ifPerson("f", "n", "exact", `9007199254740993`), question("u", `"person_properties":{"n":9007199254740993}`), "", "true"},
		"the first value is the current":          {events(`{"event":"a","distinct_id":"u","$set":{"$browser":"Firefox"}}`), ifPerson("f", "$initial_browser", "exact", `"Firefox"`), question("u", ""), "", "true"},
		"the first campaign is the current":       {nil, ifPerson("f", "$initial_utm_source", "exact", `"news"`), question("u", `"person_properties":{"utm_source":"news"}`), "", "true"},
		"the first value if there is one":         {events(`{"event":"a","distinct_id":"u","$set":{"$browser":"Firefox","$initial_browser":"Lynx"}}`), ifPerson("f", "$initial_browser", "exact", `"Lynx"`), question("u", ""), "", "true"},
		"a property of the caller's is no first":  {nil, ifPerson("f", "$initial_plan", "is_not_set", `null`), question("u", `"person_properties":{"plan":"pro"}`), "", "true"},
		"when the person came":                    {events(`{"event":"a","distinct_id":"u","timestamp":"1999-11-20T09:00:00Z"}`, `{"event":"b","distinct_id":"u","timestamp":"1999-11-20T08:00:00Z"}`), strings.Replace(ifPerson("f", "created_at", "is_date_before", `"1999-11-20T08:30:00Z"`), `"person"`, `"person_metadata"`, 1), question("u", ""), "", "true"},
		"when the person came as somebody else":   {events(`{"event":"a","distinct_id":"anon","timestamp":"1999-11-20T08:00:00Z"}`, `{"event":"$identify","distinct_id":"u","timestamp":"1999-11-20T09:00:00Z","properties":{"$anon_distinct_id":"anon"}}`), strings.Replace(ifPerson("f", "created_at", "is_date_before", `"1999-11-20T08:30:00Z"`), `"person"`, `"person_metadata"`, 1), question("u", ""), "", "true"},
		"nobody came":                             {nil, strings.Replace(ifPerson("f", "created_at", "is_not_set", `null`), `"person"`, `"person_metadata"`, 1), question("u", ""), "", "true"},
		"what time it is":                         {nil, ifPerson("f", "joined", "is_date_after", `"-7d"`), question("u", `"person_properties":{"joined":"1999-11-14"}`), "", "true"},
		"a property by the address":               {nil, ifPerson("f", "$geoip_country_code", "exact", `"NO"`), question("u", `"ip_address":"192.0.2.1"`), "", "true"},
		"by no address":                           {nil, ifPerson("f", "$geoip_country_code", "is_not_set", `null`), question("u", `"ip_address":"192.0.2.1","geoip_disable":true`), "", "true"},
		"what the question says of the place":     {nil, ifPerson("f", "$geoip_country_code", "exact", `"SE"`), question("u", `"ip_address":"192.0.2.1","person_properties":{"$geoip_country_code":"SE"}`), "", "true"},
		"a resend says nothing new":               {events(`{"event":"a","distinct_id":"u"`+about+`{"$set":{"plan":"pro"}}}`, `{"event":"b","distinct_id":"u","$set":{"plan":"free"}}`, `{"event":"a","distinct_id":"u"`+about+`{"$set":{"plan":"pro"}}}`), ifPerson("f", "plan", "exact", `"free"`), question("u", ""), "", "true"},
		"long ids are cut":                        {events(`{"event":"a","distinct_id":"` + strings.Repeat("ü", 201) + `","$set":{"plan":"pro"}}`), ifPerson("f", "plan", "exact", `"pro"`), question(strings.Repeat("ü", 205), ""), "", "true"},
		"an empty id is somebody":                 {nil, ifPerson("f", "plan", "is_not_set", `null`), question("", ""), "", "true"},
		"an id that is a number, by another name": {events(`{"event":"a","distinct_id":7,"$set":{"plan":"pro"}}`), ifPerson("f", "plan", "exact", `"pro"`), `{"api_key":"phc_test","$distinct_id":7,"$properties":{}}`, "", "true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{Geo: func(ip string) map[string]any {
				if ip != "192.0.2.1" {
					return nil
				}
				return map[string]any{"$geoip_country_code": "NO"}
			}})
			for _, e := range c.events {
				post(t, s, batch(e), 200)
			}
			if err := s.LoadFlags(defined(c.flag)); err != nil {
				t.Fatal(err)
			}
			path := c.path
			if path == "" {
				path = "/flags/?v=2"
			}
			got := readFlags(t, call(t, s, http.MethodPost, path, asJSON, c.ask))
			if got.value("f") != c.want {
				t.Errorf("%s of %s: got %s (%+v), want %s", c.flag, c.ask, got.value("f"), got.Flags["f"].Reason, c.want)
			}
		})
	}
}

func TestAFlagSeesWhatIsKnownOfTheGroup(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.SetFlags(posthogtest.Flag{Key: "f", Group: "company", Where: map[string]any{"plan": "pro"}})
	identify := func(company, set string) {
		post(t, s, batch(`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":`+company+`,"$group_set":`+set+`}}`), 200)
	}
	identify(`"acme"`, `{"plan":"pro","seats":1}`)
	identify(`"acme"`, `{"seats":2}`)
	identify(`7`, `{"plan":"pro"}`)
	identify(`"free"`, `{"plan":"free"}`)
	for name, c := range map[string]struct{ members, want string }{
		"no group":                      {``, "false no_group_type"},
		"a group":                       {`"groups":{"company":"acme"}`, "true condition_match"},
		"a group whose key is a number": {`"$groups":{"company":7}`, "true condition_match"},
		"a group of another type":       {`"groups":{"team":"acme"}`, "false no_group_type"},
		"a group that is unknown":       {`"groups":{"company":"other"}`, "false no_condition_match"},
		"a group that is otherwise":     {`"groups":{"company":"free"}`, "false no_condition_match"},
		"what the question says wins":   {`"groups":{"company":"free"},"group_properties":{"company":{"plan":"pro"}}`, "true condition_match"},
		"of another group, nothing":     {`"groups":{"company":"free"},"group_properties":{"team":{"plan":"pro"}}`, "false no_condition_match"},
	} {
		got := askFlags(t, s, question("u", c.members))
		if text := got.value("f") + " " + got.Flags["f"].Reason.Code; text != c.want {
			t.Errorf("%s: got %s, want %s", name, text, c.want)
		}
	}
}

func TestNothingIsKnownOfWhoStandsForNobody(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	for i, id := range []string{"system", "u"} {
		e := strings.Replace(event("a", id, i), `"n":`, `"$set":{"plan":"pro"},"n":`, 1)
		if got := report(t, s, sheet(e)); got.status != 200 {
			t.Fatalf("got %d %s, want 200", got.status, got.body)
		}
	}
	s.SetFlags(posthogtest.Flag{Key: "f", Where: map[string]any{"plan": "pro"}})
	for id, want := range map[string]string{"system": "false", "u": "true"} {
		if got := askFlags(t, s, question(id, "")).value("f"); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}

func TestNothingIsKnownOfTheSixthGroupType(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	for i := range 6 {
		post(t, s, batch(fmt.Sprintf(`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"t%d","$group_key":"g","$group_set":{"plan":"pro"}}}`, i)), 200)
	}
	s.SetFlags(
		posthogtest.Flag{Key: "fifth", Group: "t4", Where: map[string]any{"plan": "pro"}},
		posthogtest.Flag{Key: "sixth", Group: "t5", Where: map[string]any{"plan": "pro"}})
	got := askFlags(t, s, question("u", `"groups":{"t4":"g","t5":"g"}`))
	if got.value("fifth") != "true" || got.value("sixth") != "false" {
		t.Errorf("got %s and %s, want true and false", got.value("fifth"), got.value("sixth"))
	}
}

func TestAPersonKeepsTheValueOfBefore(t *testing.T) {
	t.Parallel()
	// In 50 percent: user-2 and user-3; not in them: user-1 and user-4.
	split := defined(`{"key":"split","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{"rollout_percentage":50}]}}`)
	identify := `{"event":"$identify","distinct_id":"user-2","properties":{"$anon_distinct_id":"user-1"}}`
	for name, c := range map[string]struct {
		before []string // questions and events
		ask    string
		want   string
	}{
		"somebody new":                    {nil, question("user-2", ""), "true"},
		"somebody who was somebody else":  {nil, question("user-2", `"$anon_distinct_id":"user-1"`), "false"},
		"and is asked about without that": {[]string{question("user-2", `"$anon_distinct_id":"user-1"`)}, question("user-2", ""), "false"},
		"asked about first, told later":   {[]string{question("user-2", "")}, question("user-2", `"$anon_distinct_id":"user-1"`), "true"},
		"the other was asked about first": {[]string{question("user-1", "")}, question("user-4", `"$anon_distinct_id":"user-1"`), "false"},
		"two who became one":              {[]string{question("user-1", ""), identify}, question("user-2", ""), "false"},
		"the other had become another":    {[]string{question("user-1", ""), strings.Replace(identify, "user-2", "user-3", 1)}, question("user-2", `"$anon_distinct_id":"user-3"`), "false"},
		"another project does not matter": {[]string{strings.Replace(question("user-2", `"$anon_distinct_id":"user-1"`), "phc_test", "phc_x", 1)}, question("user-2", ""), "true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			if err := s.LoadFlags(split); err != nil {
				t.Fatal(err)
			}
			for _, text := range c.before {
				if strings.Contains(text, `"event"`) {
					post(t, s, batch(text), 200)
				} else {
					askFlags(t, s, text)
				}
			}
			if got := askFlags(t, s, c.ask).value("split"); got != c.want {
				t.Errorf("after %q, %s: got %s, want %s", c.before, c.ask, got, c.want)
			}
			s.Reset()
			if got := askFlags(t, s, question("user-2", "")).value("split"); got != "true" {
				t.Errorf("after Reset: got %s, want true", got)
			}
		})
	}
}

func TestAStaticCohortIsWhatTheTestSays(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	if err := s.LoadFlags(defined(`{"key":"f","active":true,"filters":{"groups":[{"properties":[{"key":"id","type":"cohort","operator":"in","value":7}]}]}}`)); err != nil {
		t.Fatal(err)
	}
	got := askFlags(t, s, question("u", ""))
	if got.value("f") != "failed" || !strings.Contains(got.Flags["f"].Reason.Description, "UnknownCohort") {
		t.Errorf("of a cohort that nobody knows: got %+v, want a failure that says so", got)
	}
	s.SetCohort(7, "u", "anon")
	post(t, s, batch(`{"event":"$identify","distinct_id":"v","properties":{"$anon_distinct_id":"anon"}}`), 200)
	for id, want := range map[string]string{"u": "true", "v": "true", "anon": "true", "w": "false"} {
		if got := askFlags(t, s, question(id, "")).value("f"); got != want {
			t.Errorf("of %s: got %s, want %s", id, got, want)
		}
	}
	s.SetCohort(7)
	if got := askFlags(t, s, question("u", "")).value("f"); got != "false" {
		t.Errorf("of an empty cohort: got %s, want false", got)
	}
}

func TestTheAddressOfAQuestion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		members, forwarded, remote, want string
	}{
		"in the body":            {`"ip_address":"192.0.2.1"`, "192.0.2.2", "192.0.2.3:7", "192.0.2.1"},
		"of the first of a line": {"", "192.0.2.2, 192.0.2.9", "192.0.2.3:7", "192.0.2.2"},
		"of the connection":      {"", "", "192.0.2.3:7", "192.0.2.3"},
		"without a port":         {"", "", "pipe", "pipe"},
	} {
		asked := ""
		s := posthogtest.NewServer(t, &posthogtest.Config{Geo: func(ip string) map[string]any {
			asked = ip
			return nil
		}})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/flags/?v=2", strings.NewReader(question("u", c.members)))
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 || asked != c.want {
			t.Errorf("%s: got %d and the address %q, want 200 and %q", name, w.Code, asked, c.want)
		}
	}
}
