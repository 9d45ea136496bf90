package posthogtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestHowAQuestionMayBeWritten(t *testing.T) {
	t.Parallel()
	good := question("u", "")
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for name, c := range map[string]struct {
		query, body string
		header      http.Header
		status      int
		want        string // in the answer
	}{
		"plain":                           {body: good, status: 200, want: `"nav":{`},
		"with a charset":                  {body: good, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, status: 200, want: `"nav":{`},
		"as text":                         {body: good, header: http.Header{"Content-Type": {"text/plain"}}, status: 200, want: `"nav":{`},
		"gzip by the query":               {query: "&compression=gzip", body: zipped(good), status: 200, want: `"nav":{`},
		"gzip by its other name":          {query: "&compression=gzip-js", body: zipped(good), status: 200, want: `"nav":{`},
		"gzip by the header":              {header: http.Header{"Content-Encoding": {"gzip"}}, body: zipped(good), status: 200, want: `"nav":{`},
		"gzip by itself":                  {body: zipped(good), status: 200, want: `"nav":{`},
		"base64 by the query":             {query: "&compression=base64", body: base64Of(good), status: 200, want: `"nav":{`},
		"base64 by itself":                {body: base64Of(good), status: 200, want: `"nav":{`},
		"gzip in base64":                  {body: base64Of(zipped(good)), status: 200, want: `"nav":{`},
		"a form":                          {header: form, body: "data=" + url.QueryEscape(base64Of(good)), status: 200, want: `"nav":{`},
		"an id that is a number":          {body: `{"token":"phc_test","distinct_id":7}`, status: 200, want: `"nav":{`},
		"another name for the key":        {body: `{"$token":"phc_test","distinct_id":"u"}`, status: 200, want: `"nav":{`},
		"numbers that JSON does not have": {body: `{"token":"phc_test","distinct_id":"NaN \" NaN","person_properties":{"a":NaN,"b":-Infinity,"c":Infinity}}`, status: 200, want: `"nav":{`},
		"bytes that are no text":          {body: `{"token":"phc_test","distinct_id":"` + "\xff" + `"}`, status: 200, want: `"nav":{`},
		"null members":                    {body: `{"token":"phc_test","distinct_id":"u","groups":null,"person_properties":null,"flag_keys_to_evaluate":null}`, status: 200, want: `"nav":{`},

		"nothing":                       {status: 400, want: "failed to decode request"},
		"no JSON":                       {body: "hello", status: 400, want: "failed to decode request"},
		"a list":                        {body: "[]", status: 400, want: "not a JSON object"},
		"an unknown compression":        {query: "&compression=lz64", body: good, status: 400, want: "unsupported compression: lz64"},
		"gzip that is none":             {query: "&compression=gzip", body: good, status: 400, want: "not gzip"},
		"damaged gzip":                  {body: zipped(good)[:30], status: 400, want: "gzip data is damaged"},
		"base64 that is none":           {query: "&compression=base64", body: good, status: 400, want: "not base64"},
		"a type of its own":             {header: http.Header{"Content-Type": {"application/xml"}}, body: good, status: 400, want: "unsupported content type: application/xml"},
		"a form without data":           {header: form, body: "a=b", status: 400, want: "no data field"},
		"a form with data that is text": {header: form, body: "data=" + url.QueryEscape("{}"), status: 400, want: "not base64"},
		"an id that is an object":       {body: `{"token":"phc_test","distinct_id":{}}`, status: 400, want: "distinct_id is {}"},
		"a null id":                     {body: `{"token":"phc_test","distinct_id":null}`, status: 400, want: "no distinct_id"},
		"groups that are a list":        {body: question("u", `"groups":[]`), status: 400, want: "groups is [], want an object"},
		"properties that are text":      {body: question("u", `"person_properties":"x"`), status: 400, want: "person_properties is"},
		"properties of a group, flat":   {body: question("u", `"group_properties":{"company":7}`), status: 400, want: "group_properties is"},
		"keys that are text":            {body: question("u", `"flag_keys_to_evaluate":"nav"`), status: 400, want: "flag_keys_to_evaluate is"},
		"a key that is a number":        {body: `{"token":7,"distinct_id":"u"}`, status: 400, want: "token is 7"},
		"a personal key":                {body: `{"token":"phx_test","distinct_id":"u"}`, status: 401, want: "personal API key"},
		"an empty key":                  {body: `{"token":"","distinct_id":"u"}`, status: 401, want: "empty"},
		"too much of it":                {body: good + strings.Repeat(" ", 2<<20), status: 400, want: "failed to decode request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			s.SetFlag("nav", true)
			got := call(t, s, http.MethodPost, "/flags/?v=2"+c.query, c.header, c.body)
			if got.status != c.status || !strings.Contains(got.body, c.want) {
				t.Errorf("%s: got %d %q, want %d and a text with %q", cut(c.body), got.status, cut(got.body), c.status, c.want)
			}
		})
	}
}

func TestTextIsLeftAloneWhereNumbersAreReplaced(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	askFlags(t, s, `{"token":"phc_test","distinct_id":"NaN \" NaN \\","person_properties":{"a":NaN,"b":"Infinity"}}`)
	q := s.FlagRequests()[0]
	if q.DistinctID != `NaN " NaN \` || q.PersonProperties["a"] != nil || q.PersonProperties["b"] != "Infinity" {
		t.Errorf("got id %q and properties %v, want the id as sent, null and text", q.DistinctID, q.PersonProperties)
	}
}

func TestTheServerNamesARequest(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	first, second := askFlags(t, s, question("u", "")).RequestID, askFlags(t, s, question("u", "")).RequestID
	if len(first) != 36 || first == second {
		t.Errorf("got %q and %q, want a new uuid each time", first, second)
	}
}

// FuzzFlags asks with any bytes under any hints and checks what may never
// happen: an answer out of the table, or one that is no JSON.
func FuzzFlags(f *testing.F) {
	for _, seed := range []struct{ query, contentType, encoding, body string }{
		{"v=2", "application/json", "", question("u", `"person_properties":{"plan":"pro","n":NaN},"groups":{"company":7}`)},
		{"v=1&compression=gzip", "application/json", "gzip", zipped(question("u", `"flag_keys":["nav"]`))},
		{"v=3", "application/x-www-form-urlencoded", "", "data=" + url.QueryEscape(base64Of(question("", `"$device_id":"d"`)))},
		{"", "text/plain", "", base64Of(question("\xff", `"group_properties":{"company":{"seats":1e9}},"evaluation_contexts":["a"]`))},
		{"config=1&only_evaluate_survey_feature_flags=1", "", "", `{"$token":"t","$distinct_id":-0,"ip_address":"::1","$anon_distinct_id":"x"}`},
	} {
		f.Add(seed.query, seed.contentType, seed.encoding, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, query, contentType, encoding string, body []byte) {
		s := posthogtest.NewServer(t, nil)
		if err := s.LoadFlags(defined(manyFlags + "," + ifPerson("pro", "plan", "icontains", `"pro"`))); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/flags/", "/decide"} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
			request.URL = &url.URL{Path: path, RawQuery: query}
			request.Header = http.Header{"Content-Type": {contentType}, "Content-Encoding": {encoding}}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, request)
			switch w.Code {
			case 200:
				if !json.Valid(w.Body.Bytes()) {
					t.Errorf("got %q, want JSON", w.Body)
				}
			case 400, 401, 413:
				if w.Body.Len() == 0 {
					t.Errorf("got status %d without a word", w.Code)
				}
			default:
				t.Errorf("got status %d: %s", w.Code, w.Body)
			}
		}
		if n := len(s.FlagRequests()); n != 2 {
			t.Errorf("got %d requests on record, want 2", n)
		}
	})
}
