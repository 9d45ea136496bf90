package posthogtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestProjectKeysAreJudgedByShape(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   string
		status int
		text   string
		token  string
	}{
		"any key of legal shape":               {body: `{"api_key":"whatever","batch":[{"event":"a","distinct_id":"u"}]}`, status: 200, token: "whatever"},
		"a key of 64 characters":               {body: `{"api_key":"` + strings.Repeat("k", 64) + `","batch":[{"event":"a","distinct_id":"u"}]}`, status: 200, token: strings.Repeat("k", 64)},
		"outer spaces are cut":                 {body: `{"api_key":" phc_test ","batch":[{"event":"a","distinct_id":"u"}]}`, status: 200, token: "phc_test"},
		"the wrapper's key wins":               {body: `{"api_key":"phc_test","batch":[{"event":"a","distinct_id":"u","token":"phc_other"}]}`, status: 200, token: "phc_test"},
		"a lone event's key in its properties": {body: `{"event":"a","distinct_id":"u","properties":{"token":"phc_test"}}`, status: 200, token: "phc_test"},
		"a lone event's $token":                {body: `{"event":"a","distinct_id":"u","$token":"phc_test"}`, status: 200, token: "phc_test"},
		"a lone event's api_key":               {body: `{"event":"a","distinct_id":"u","api_key":"phc_test"}`, status: 200, token: "phc_test"},
		"a list that agrees":                   {body: `[{"event":"a","distinct_id":"u","token":"phc_test"},{"event":"b","distinct_id":"u","api_key":"phc_test"}]`, status: 200, token: "phc_test"},
		"a list that disagrees":                {body: `[{"event":"a","distinct_id":"u","token":"phc_test"},{"event":"b","distinct_id":"u","token":"phc_other"}]`, status: 401, text: "different project keys"},
		"no key":                               {body: `{"event":"a","distinct_id":"u"}`, status: 401, text: "no project key"},
		"an empty key":                         {body: `{"api_key":" ","batch":[{"event":"a","distinct_id":"u"}]}`, status: 401, text: "empty"},
		"a personal key":                       {body: `{"api_key":"phx_secret","batch":[{"event":"a","distinct_id":"u"}]}`, status: 401, text: "personal API key"},
		"a key of 65 characters":               {body: `{"api_key":"` + strings.Repeat("k", 65) + `","batch":[{"event":"a","distinct_id":"u"}]}`, status: 401, text: "longer than 64"},
		"a key beyond ASCII":                   {body: `{"api_key":"phc_tést","batch":[{"event":"a","distinct_id":"u"}]}`, status: 401, text: "not ASCII"},
		"a key with NUL":                       {body: `{"api_key":"phc\u0000test","batch":[{"event":"a","distinct_id":"u"}]}`, status: 401, text: "NUL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			got := post(t, s, c.body, c.status)
			if !strings.Contains(got.body, c.text) {
				t.Errorf("got refusal %q, want one that contains %q", got.body, c.text)
			}
			if c.status == 200 && s.Events()[0].Token != c.token {
				t.Errorf("got token %q, want %q", s.Events()[0].Token, c.token)
			}
		})
	}
}

func TestOneBadEventRefusesItsWholeRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ event, text string }{
		"no name":                          {`{"distinct_id":"u"}`, "event 2 of 3: the event has no name"},
		"an empty name":                    {`{"event":"","distinct_id":"u"}`, "no name"},
		"a name that is a number":          {`{"event":7,"distinct_id":"u"}`, "event is 7, want a string"},
		"no distinct id":                   {`{"event":"a"}`, "no distinct id"},
		"a null distinct id":               {`{"event":"a","distinct_id":null}`, "no distinct id"},
		"a blank distinct id":              {`{"event":"a","distinct_id":"  "}`, "no distinct id"},
		"a malformed uuid":                 {`{"event":"a","distinct_id":"u","uuid":"1234"}`, `uuid "1234" is not a UUID`},
		"a uuid with a letter out of hex":  {`{"event":"a","distinct_id":"u","uuid":"0199c0de-0000-7000-8000-00000000000g"}`, "not a UUID"},
		"a uuid with misplaced hyphens":    {`{"event":"a","distinct_id":"u","uuid":"0199c0de0-000-7000-8000-000000000001"}`, "not a UUID"},
		"a uuid that is a number":          {`{"event":"a","distinct_id":"u","uuid":7}`, "uuid is 7"},
		"a timestamp that is a number":     {`{"event":"a","distinct_id":"u","timestamp":1700000000}`, "timestamp is 1700000000"},
		"an offset that is text":           {`{"event":"a","distinct_id":"u","offset":"1"}`, "offset is"},
		"properties that are a list":       {`{"event":"a","distinct_id":"u","properties":[]}`, "properties is [], want an object"},
		"properties that are null":         {`{"event":"a","distinct_id":"u","properties":null}`, "properties is null"},
		"$set that is text":                {`{"event":"a","distinct_id":"u","$set":"x"}`, `$set is "x"`},
		"a cookieless flag that is text":   {`{"event":"a","distinct_id":"u","properties":{"$cookieless_mode":"on"}}`, "$cookieless_mode"},
		"a token in an event, as a number": {`{"event":"a","distinct_id":"u","token":7}`, "token is 7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			got := post(t, s, batch(event("before", "u", 1), c.event, event("after", "u", 3)), 400)
			if !strings.Contains(got.body, c.text) {
				t.Errorf("got refusal %q, want one that contains %q", got.body, c.text)
			}
			s.Recorder(t).Empty()
			if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0].Detail, c.text) {
				t.Errorf("got warnings %v, want one that contains %q", w, c.text)
			}
		})
	}
}

func TestEventsAreNormalised(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 201)
	for name, c := range map[string]struct {
		event            string
		distinctID, uuid string
		warning          posthogtest.WarningKind
	}{
		"outer spaces of a distinct id stay":       {event: `{"event":"a","distinct_id":" u "}`, distinctID: " u "},
		"a distinct id with a dollar":              {event: `{"event":"a","$distinct_id":"u"}`, distinctID: "u"},
		"a distinct id in the properties":          {event: `{"event":"a","distinct_id":null,"properties":{"distinct_id":"u"}}`, distinctID: "u"},
		"a number in the properties":               {event: `{"event":"a","properties":{"distinct_id":17.0}}`, distinctID: "17.0"},
		"the top-level distinct id wins":           {event: `{"event":"a","distinct_id":"u","properties":{"distinct_id":"v"}}`, distinctID: "u"},
		"a number as a distinct id":                {event: `{"event":"a","distinct_id":9007199254740993}`, distinctID: "9007199254740993"},
		"a list as a distinct id":                  {event: `{"event":"a","distinct_id":[1, "x"]}`, distinctID: `[1,"x"]`},
		"NUL in a distinct id":                     {event: `{"event":"a","distinct_id":"u\u0000v"}`, distinctID: "u\uFFFDv"},
		"a lone surrogate in a distinct id":        {event: `{"event":"a","distinct_id":"u\ud800"}`, distinctID: "u\uFFFD"},
		"a distinct id of 200 characters stays":    {event: `{"event":"a","distinct_id":"` + long[:400] + `"}`, distinctID: long[:400]},
		"a distinct id of 201 characters is cut":   {event: `{"event":"a","distinct_id":"` + long + `"}`, distinctID: long[:400], warning: posthogtest.DistinctIDCut},
		"a uuid in capitals":                       {event: `{"event":"a","distinct_id":"u","uuid":"0199C0DE-0000-7000-8000-00000000000A"}`, distinctID: "u", uuid: "0199c0de-0000-7000-8000-00000000000a"},
		"a uuid without hyphens":                   {event: `{"event":"a","distinct_id":"u","uuid":"0199c0de00007000800000000000000a"}`, distinctID: "u", uuid: "0199c0de-0000-7000-8000-00000000000a"},
		"a uuid in braces":                         {event: `{"event":"a","distinct_id":"u","uuid":"{0199c0de-0000-7000-8000-00000000000a}"}`, distinctID: "u", uuid: "0199c0de-0000-7000-8000-00000000000a"},
		"a uuid as a URN":                          {event: `{"event":"a","distinct_id":"u","uuid":"urn:uuid:0199c0de-0000-7000-8000-00000000000a"}`, distinctID: "u", uuid: "0199c0de-0000-7000-8000-00000000000a"},
		"an empty uuid is replaced by version 7":   {event: `{"event":"a","distinct_id":"u","uuid":""}`, distinctID: "u"},
		"a null uuid is replaced by version 7":     {event: `{"event":"a","distinct_id":"u","uuid":null}`, distinctID: "u"},
		"fields the service does not know are let": {event: `{"event":"a","distinct_id":"u","type":"capture","library":7}`, distinctID: "u"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			post(t, s, batch(c.event), 200)
			got := s.Events()[0]
			if got.DistinctID != c.distinctID {
				t.Errorf("%s: got distinct id %q, want %q", c.event, got.DistinctID, c.distinctID)
			}
			if c.uuid != "" && got.UUID != c.uuid {
				t.Errorf("%s: got uuid %s, want %s", c.event, got.UUID, c.uuid)
			}
			if len(got.UUID) != 36 || got.UUID[14] != '7' || !strings.ContainsRune("89ab", rune(got.UUID[19])) {
				t.Errorf("%s: got uuid %q, want a version 7 uuid", c.event, got.UUID)
			}
			if string(got.Raw) != c.event {
				t.Errorf("got raw %s, want the bytes sent: %s", got.Raw, c.event)
			}
			var want []posthogtest.WarningKind
			if c.warning != "" {
				want = append(want, c.warning)
			}
			if kinds := kinds(s); fmt.Sprint(kinds) != fmt.Sprint(want) {
				t.Errorf("%s: got warnings %v, want %v", c.event, kinds, want)
			}
		})
	}
}

func kinds(s *posthogtest.Server) []posthogtest.WarningKind {
	var all []posthogtest.WarningKind
	for _, w := range s.Warnings() {
		all = append(all, w.Kind)
	}
	return all
}

func TestSizesBeyondTheLimitsAre413(t *testing.T) {
	t.Parallel()
	small := &posthogtest.Config{Limits: posthogtest.Limits{BatchBody: 1000, EventBody: 500, Decompressed: 5000, Event: 300}}
	padded := func(n int) string {
		e := `{"event":"a","distinct_id":"u","properties":{"p":""}}`
		return strings.Replace(e, `""`, `"`+strings.Repeat("x", n-len(e))+`"`, 1)
	}
	pad := func(body string, n int) string { return body + strings.Repeat(" ", n-len(body)) }
	for name, c := range map[string]struct {
		path, body   string
		status       int
		text         string
		stored, seen int
	}{
		"a batch body at the limit":           {path: "/batch/", body: pad(batch(event("a", "u", 1)), 1000), status: 200, stored: 1, seen: 1},
		"a batch body one byte over":          {path: "/batch/", body: pad(batch(event("a", "u", 1)), 1001), status: 413, text: "larger than 1000 bytes"},
		"a body on another path at the limit": {path: "/e/", body: pad(`{"event":"a","distinct_id":"u","token":"k"}`, 500), status: 200, stored: 1, seen: 1},
		"a body on another path one over":     {path: "/e/", body: pad(`{"event":"a","distinct_id":"u","token":"k"}`, 501), status: 413, text: "larger than 500 bytes"},
		"a decompressed body at the limit":    {path: "/batch/", body: zipped(pad(batch(event("a", "u", 1)), 5000)), status: 200, stored: 1, seen: 1},
		"a decompressed body one byte over":   {path: "/batch/", body: zipped(pad(batch(event("a", "u", 1)), 5001)), status: 413, text: "decompressed"},
		"an event at the limit":               {path: "/batch/", body: batch(padded(300)), status: 200, stored: 1, seen: 1},
		"an event one byte over":              {path: "/batch/", body: batch(padded(301)), status: 413, text: "maximum event size exceeded: 301 bytes", seen: 1},
		"the events before it are stored":     {path: "/batch/", body: batch(event("a", "u", 1), event("b", "u", 2), padded(301), event("c", "u", 3)), status: 413, text: "maximum event size exceeded", stored: 2, seen: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, small)
			got := call(t, s, http.MethodPost, c.path, nil, c.body)
			if got.status != c.status || !strings.Contains(got.body, c.text) {
				t.Errorf("got %d %q, want %d and a text that contains %q", got.status, got.body, c.status, c.text)
			}
			request := s.Requests()[0]
			if request.Stored != c.stored || len(s.Events()) != c.stored || len(request.Events) != c.seen {
				t.Errorf("got %d stored (%d by the request's count) of %d, want %d of %d",
					len(s.Events()), request.Stored, len(request.Events), c.stored, c.seen)
			}
		})
	}
}

func TestTheDefaultLimitsAreProductions(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	big := func(n int) string {
		e := `{"event":"a","distinct_id":"u","token":"k","properties":{"p":""}}`
		return strings.Replace(e, `""`, `"`+strings.Repeat("x", n-len(e))+`"`, 1)
	}
	for _, c := range []struct {
		path   string
		body   string
		status int
	}{
		{"/e/", big(1_000_000), 200},
		{"/e/", big(1_000_001), 413},
		{"/e/", strings.Repeat("<", 2<<20), 400},
		{"/e/", strings.Repeat("<", 2<<20+1), 413},
		{"/batch/", strings.Repeat("<", 20<<20), 400},
		{"/batch/", strings.Repeat("<", 20<<20+1), 413},
	} {
		// Straight into the handler: tens of megabytes need no network.
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.path, strings.NewReader(c.body)))
		if w.Code != c.status {
			t.Errorf("%s with %d bytes: got status %d (%s), want %d", c.path, len(c.body), w.Code, cut(w.Body.String()), c.status)
		}
	}
}

func TestTopLevelPersonPropertiesJoinTheOthers(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(`{"event":"a","distinct_id":"u","$set":{"plan":"pro","age":7},"$set_once":null,
		"properties":{"$set":{"plan":"free","city":"Oslo"}}}`), 200)
	s.Recorder(t).Event("a").
		Property("$set", map[string]any{"plan": "pro", "age": 7, "city": "Oslo"}).
		NoProperty("$set_once")
}

func TestABodyThatStopsIs408(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	w := httptest.NewRecorder()
	body := io.MultiReader(strings.NewReader(`{"event":`), iotest.ErrReader(io.ErrUnexpectedEOF))
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/e/", body))
	if w.Code != http.StatusRequestTimeout || w.Body.String() != "the request body ended early" {
		t.Errorf("got %d %q, want 408 and a sentence", w.Code, w.Body)
	}
}

func TestPerformanceEventsAreAcceptedAndNotKept(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(event("$performance_event", "u", 1)), 200)
	s.Inject(posthogtest.Fault{Status: 503, Persist: -1})
	post(t, s, batch(event("$performance_event", "u", 1)), 503)
	s.Recorder(t).Empty()
}

func TestANegativeSettingIsAnError(t *testing.T) {
	t.Parallel()
	for _, config := range []posthogtest.Config{
		{Keep: -1},
		{Limits: posthogtest.Limits{BatchBody: -1}},
		{Limits: posthogtest.Limits{Event: -1}},
	} {
		if s, err := posthogtest.Start(config); err == nil {
			s.Close()
			t.Errorf("Start(%+v): got no error", config)
		}
		tb := new(fakeTB)
		if s := posthogtest.NewServer(tb, &config); s != nil || tb.fatal == "" {
			t.Errorf("NewServer(%+v): got server %v and fatal %q, want nil and a text", config, s, tb.fatal)
		}
	}
}
