package posthogtest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

const manyFlags = `
	{"key":"all","active":true,"evaluation_runtime":"all","filters":{"groups":[{}]}},
	{"key":"server","active":true,"evaluation_runtime":"server","filters":{"groups":[{}]}},
	{"key":"client","active":true,"evaluation_runtime":"client","filters":{"groups":[{}]}},
	{"key":"api","active":true,"evaluation_contexts":["api","docs"],"filters":{"groups":[{}]}},
	{"key":"inactive","active":false,"filters":{"groups":[{}]}},
	{"key":"deleted","active":true,"deleted":true,"filters":{"groups":[{}]}},
	{"key":"survey-targeting-x","active":true,"filters":{"groups":[{}]}},
	{"key":"device","active":true,"bucketing_identifier":"device_id","filters":{"groups":[{}]}},
	{"key":"after","active":true,"filters":{"groups":[{"properties":[{"key":"client","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":["client"]}]}]}}`

func TestWhichFlagsAreConsidered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, members string
		header        http.Header
		want          string
		billed        int
	}{
		"of a server":                      {members: `"evaluation_runtime":"server"`, want: "after all api server survey-targeting-x", billed: 1},
		"of a client":                      {members: `"evaluation_runtime":"client"`, want: "after all api client survey-targeting-x", billed: 1},
		"of who is of all kinds":           {members: `"evaluation_runtime":"all"`, want: "after all api survey-targeting-x", billed: 1},
		"of somebody unknown":              {header: http.Header{"User-Agent": {"wget"}}, want: "after all api survey-targeting-x", billed: 1},
		"of an SDK for servers":            {header: http.Header{"User-Agent": {"posthog-go/1.2"}}, want: "after all api server survey-targeting-x", billed: 1},
		"of a browser":                     {header: http.Header{"User-Agent": {"Mozilla/5.0"}}, want: "after all api client survey-targeting-x", billed: 1},
		"of what behaves like a browser":   {header: http.Header{"User-Agent": {"x"}, "Sec-Fetch-Mode": {"cors"}}, want: "after all api client survey-targeting-x", billed: 1},
		"of one context":                   {members: `"evaluation_runtime":"server","evaluation_contexts":["api"]`, want: "after all api server survey-targeting-x", billed: 1},
		"of another, by its former name":   {members: `"evaluation_runtime":"server","evaluation_environments":["app"]`, want: "after all server survey-targeting-x", billed: 1},
		"of no context in particular":      {members: `"evaluation_runtime":"server","evaluation_contexts":[]`, want: "after all api server survey-targeting-x", billed: 1},
		"surveys alone":                    {path: "/flags?v=2&only_evaluate_survey_feature_flags=true", want: "survey-targeting-x"},
		"those asked for":                  {members: `"flag_keys_to_evaluate":["all","nothing","inactive"]`, want: "all", billed: 1},
		"one that depends on another":      {members: `"evaluation_runtime":"server","flag_keys":["after"]`, want: "after", billed: 1},
		"a survey that is asked for":       {members: `"flag_keys_to_evaluate":["survey-targeting-x"]`, want: "survey-targeting-x"},
		"none asked for":                   {members: `"flag_keys_to_evaluate":[]`},
		"any asked for":                    {members: `"flag_keys_to_evaluate":null,"evaluation_runtime":"client"`, want: "after all api client survey-targeting-x", billed: 1},
		"with a device":                    {members: `"flag_keys":["device"],"$device_id":"d"`, want: "device", billed: 1},
		"with a device, by another name":   {members: `"flag_keys":["device"],"device_id":"d"`, want: "device", billed: 1},
		"with a device among properties":   {members: `"flag_keys":["device"],"person_properties":{"$device_id":"d"}`, want: "device", billed: 1},
		"no flags wanted":                  {members: `"disable_flags":true`},
		"a false parameter is none at all": {path: "/flags?v=2&only_evaluate_survey_feature_flags=false", members: `"flag_keys":["all"]`, want: "all", billed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			if err := s.LoadFlags(defined(manyFlags)); err != nil {
				t.Fatal(err)
			}
			path, members := c.path, c.members
			if path == "" {
				path = "/flags/?v=2"
			}
			if members != "" {
				members = "," + members
			}
			header := c.header.Clone()
			if header == nil {
				header = http.Header{"User-Agent": {"nothing known"}}
			}
			answered := readFlags(t, call(t, s, http.MethodPost, path, header, `{"token":"phc_test","distinct_id":"u"`+members+`}`))
			var got []string
			for key := range answered.Flags {
				if answered.value(key) == "true" {
					got = append(got, key)
				}
			}
			slices.Sort(got)
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("%s %s %v: got %s, want %s", path, c.members, c.header, text, c.want)
			}
			if got := s.BilledFlagRequests(); got != c.billed {
				t.Errorf("got %d billed, want %d", got, c.billed)
			}
		})
	}
}
