package posthogtest_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestBodiesAreDecodedAsCaptureDoes(t *testing.T) {
	t.Parallel()
	one := `{"event":"a","distinct_id":"u","token":"phc_test"}`
	form := "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		method, path, contentType, encoding, body string
		status                                    int
		undone                                    string
		text                                      string // in a refusal
	}{
		"a batch":                                      {path: "/batch/", body: batch(event("a", "u", 1)), status: 200},
		"a batch without the final slash":              {path: "/batch", body: batch(event("a", "u", 1)), status: 200},
		"a batch under the name token":                 {path: "/batch", body: `{"token":"phc_test","batch":[{"event":"a","distinct_id":"u"}]}`, status: 200},
		"a list of events":                             {path: "/e/", body: "[" + one + "," + one + "]", status: 200},
		"one event":                                    {path: "/capture/", body: one, status: 200},
		"one event on the modern path":                 {path: "/i/v0/e", body: one, status: 200},
		"one event on /track":                          {path: "/track/", body: one, status: 200},
		"no content type is JSON":                      {path: "/e", body: one, status: 200},
		"any other content type is JSON":               {path: "/e", contentType: "text/plain", body: one, status: 200},
		"a form with a charset is JSON":                {path: "/e", contentType: form + "; charset=utf-8", body: one, status: 200},
		"gzip named by the query":                      {path: "/batch/?compression=gzip", body: zipped(batch(event("a", "u", 1))), status: 200, undone: "gzip"},
		"gzip named by the query in capitals":          {path: "/batch/?compression=GZIP-JS", body: zipped(batch(event("a", "u", 1))), status: 200, undone: "gzip"},
		"gzip named by the header":                     {path: "/batch/", encoding: "gzip", body: zipped(batch(event("a", "u", 1))), status: 200, undone: "gzip"},
		"gzip found by its first bytes":                {path: "/batch/", body: zipped(batch(event("a", "u", 1))), status: 200, undone: "gzip"},
		"gzip under a wrong name of another kind":      {path: "/batch/?compression=br", body: zipped(batch(event("a", "u", 1))), status: 200, undone: "gzip"},
		"gzip named but not there":                     {path: "/batch/?compression=gzip", body: batch(event("a", "u", 1)), status: 400, text: "not gzip"},
		"the query's compression wins over the header": {path: "/batch/?compression=base64", encoding: "gzip", body: base64Of(batch(event("a", "u", 1))), status: 200, undone: "base64"},
		"gzip cut short":                               {path: "/batch/", body: zipped(batch(event("a", "u", 1)))[:40], status: 400, text: "damaged", undone: ""},
		"a gzip header cut short":                      {path: "/batch/", body: "\x1f\x8b\x08", status: 400, text: "damaged"},
		"base64 named":                                 {path: "/batch/?compression=b64", body: base64Of(batch(event("a", "u", 1))), status: 200, undone: "base64"},
		"base64 unnamed":                               {path: "/e/", body: base64Of(one), status: 200, undone: "base64"},
		"base64 named but not there":                   {path: "/batch/?compression=base64", body: one, status: 400, text: "not base64"},
		"base64 around gzip":                           {path: "/batch/", body: base64Of(zipped(batch(event("a", "u", 1)))), status: 200, undone: "base64,gzip"},
		"base64 inside gzip on a legacy path":          {path: "/e/", body: zipped(base64Of(one)), status: 200, undone: "gzip,base64"},
		"base64 inside gzip on /batch":                 {path: "/batch/", body: zipped(base64Of(one)), status: 400, text: "not a JSON"},
		"lz64":                                         {path: "/e/?compression=lz64", body: "xyz", status: 400, text: "lz64"},
		"an unknown compression of plain text":         {path: "/batch/", encoding: "zstd", body: batch(event("a", "u", 1)), status: 200},
		"bytes that are no text":                       {path: "/batch/", encoding: "br", body: "\xff\xfe\xfd", status: 400, text: "UTF-8"},
		"a form":                                       {path: "/e/", contentType: form, body: "data=" + url.QueryEscape(one), status: 200},
		"a form in base64":                             {path: "/e/", contentType: form, body: "data=" + url.QueryEscape(base64Of(one)), status: 200, undone: "base64"},
		"a form in base64 whose plus signs were lost":  {path: "/e/", contentType: form, body: "data=" + base64Of(`{"event":"a>>>","distinct_id":"u","token":"phc_test"}`), status: 200, undone: "base64"},
		"a form that names its compression":            {path: "/e/", contentType: form, body: "compression=gzip&data=" + url.QueryEscape(base64Of(zipped(one))), status: 200, undone: "base64,gzip"},
		"a form with a wrong compression":              {path: "/e/", contentType: form, body: "compression=gzip&data=" + url.QueryEscape(one), status: 400, text: "not gzip"},
		"a form without data":                          {path: "/e/", contentType: form, body: "event=a", status: 400, text: "no data field"},
		"a broken form":                                {path: "/e/", contentType: form, body: "data=%zz", status: 400, text: "form cannot be parsed"},
		"a pixel":                                      {method: "GET", path: "/e/?data=" + url.QueryEscape(base64Of(one)), status: 200, undone: "base64"},
		"a data parameter wins over the body":          {path: "/e/?data=" + url.QueryEscape(base64Of(one)), body: "garbage", status: 200, undone: "base64"},
		"nothing at all":                               {path: "/e/", status: 400, text: "no payload"},
		"a pixel without data":                         {method: "GET", path: "/batch/", status: 400, text: "no payload"},
		"no JSON":                                      {path: "/batch/", body: "<xml/>", status: 400, text: "not a JSON"},
		"a JSON list cut short":                        {path: "/batch/", body: "[" + one, status: 400, text: "not JSON"},
		"a JSON string":                                {path: "/batch/", body: `"hello you"`, status: 400, text: "not a JSON"},
		"an empty batch":                               {path: "/batch/", body: batch(), status: 400, text: "empty"},
		"an empty list":                                {path: "/batch/", body: "[]", status: 400, text: "empty"},
		"a batch that is null":                         {path: "/batch/", body: `{"api_key":"phc_test","batch":null}`, status: 400, text: "not an array"},
		"a batch without a key":                        {path: "/batch/", body: `{"batch":[` + one + `]}`, status: 400, text: "no api_key"},
		"a batch whose key is a number":                {path: "/batch/", body: `{"api_key":7,"batch":[` + one + `]}`, status: 400, text: "api_key is 7"},
		"a batch whose sent_at is a number":            {path: "/batch/", body: `{"api_key":"phc_test","sent_at":7,"batch":[` + one + `]}`, status: 400, text: "sent_at is 7"},
		"a migration flag that is text":                {path: "/batch/", body: `{"api_key":"phc_test","historical_migration":"yes","batch":[` + one + `]}`, status: 400, text: "historical_migration"},
		"an engage object":                             {path: "/engage/", body: `{"$token":"phc_test","$distinct_id":"u","$set":{"plan":"pro"}}`, status: 200},
		"an engage object elsewhere":                   {path: "/e/", body: `{"$token":"phc_test","$distinct_id":"u","$set":{"plan":"pro"}}`, status: 400, text: "no batch and no event"},
		"field names in another case are other fields": {path: "/batch/", body: batch(`{"Event":"a","distinct_id":"u"}`), status: 400, text: "no name"},
		"an event that is no object":                   {path: "/batch/", body: batch(event("a", "u", 1), "7"), status: 400, text: "event 2 of 2: the event is 7"},
		"a long event that is no object":               {path: "/batch/", body: batch(`"` + strings.Repeat("é", 60) + `"`), status: 400, text: `the event is "` + strings.Repeat("é", 39) + "..., want an object"},
		"an event that is null":                        {path: "/batch/", body: batch("null"), status: 400, text: "want an object"},
		"success without a body, for beacons":          {path: "/e/?beacon=1", body: one, status: 204},
		"a refused beacon still explains itself":       {path: "/e/?beacon=1", body: "[]", status: 400, text: "empty"},
		"an unknown path":                              {path: "/nowhere", body: one, status: 404, text: "not found"},
		"a method that is not allowed":                 {method: "PUT", path: "/batch/", body: one, status: 405, text: "not allowed"},
		"a method that health paths lack":              {method: "POST", path: "/_readiness", status: 405, text: "not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := posthogtest.NewServer(t, nil)
			header := http.Header{}
			if c.contentType != "" {
				header.Set("Content-Type", c.contentType)
			}
			if c.encoding != "" {
				header.Set("Content-Encoding", c.encoding)
			}
			method := c.method
			if method == "" {
				method = http.MethodPost
			}
			got := call(t, s, method, c.path, header, c.body)
			if got.status != c.status {
				t.Fatalf("%s %s %q: got status %d (%s), want %d", method, c.path, c.body, got.status, got.body, c.status)
			}
			if want := map[bool]string{true: `{"status":"Ok"}`}[c.status == 200]; want != "" && got.body != want {
				t.Errorf("got body %q, want %q", got.body, want)
			}
			if !strings.Contains(got.body, c.text) {
				t.Errorf("got refusal %q, want one that contains %q", got.body, c.text)
			}
			stored := len(s.Events())
			if accepted := c.status/100 == 2; accepted != (stored > 0) {
				t.Errorf("got %d events stored after status %d", stored, c.status)
			}
			if c.status/100 != 2 {
				return
			}
			request := s.Requests()[0]
			if request.Encoding != c.undone {
				t.Errorf("got encoding %q, want %q", request.Encoding, c.undone)
			}
			if string(request.RawBody) != c.body || !strings.Contains(string(request.Body), `distinct_id"`) {
				t.Errorf("got raw body %q and body %q, want the bytes sent %q and their JSON", request.RawBody, request.Body, c.body)
			}
		})
	}
}

func TestAnEngageObjectBecomesAnIdentify(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	call(t, s, http.MethodPost, "/engage", nil, `{"$token":"phc_test","$distinct_id":"u","$set":{"plan":"pro"}}`)
	s.Recorder(t).Event("$identify").DistinctID("u").Set("plan", "pro")
}

func TestHealthPathsAnswerText(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	for path, want := range map[string]string{"/": "capture", "/_readiness": "ready", "/_liveness/": "ok"} {
		if got := call(t, s, http.MethodGet, path, nil, ""); got.status != 200 || got.body != want {
			t.Errorf("GET %s: got %d %q, want 200 %q", path, got.status, got.body, want)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("got %d requests recorded for health paths, want 0", n)
	}
}

func TestPreflightMirrorsTheCaller(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Inject(posthogtest.Fault{Status: 503})
	got := call(t, s, http.MethodOptions, "/e/", http.Header{
		"Origin":                         {"https://app.example.com"},
		"Access-Control-Request-Headers": {"x-one, x-two"},
	}, "")
	if got.status != 200 || got.body != `{"status":"Ok"}` {
		t.Errorf("got %d %q, want 200 and success: preflight meets no fault", got.status, got.body)
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":      "https://app.example.com",
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Headers":     "x-one, x-two",
		"Access-Control-Allow-Methods":     "GET, POST, OPTIONS",
	} {
		if got := got.header.Get(name); got != want {
			t.Errorf("got %s: %q, want %q", name, got, want)
		}
	}
}
