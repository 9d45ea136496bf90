package adapter_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestFlagAnswersWhatTheLibrarySays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.SetFlag("on", true)
		w.server.SetFlag("off", false)
		w.server.SetFlag("colour", "blue")
		w.post("/init?test_id=t-1", fill+`}`)
		for key, want := range map[string]any{"on": true, "off": false, "colour": "blue", "unheard-of": nil} {
			got := w.post("/get_feature_flag?test_id=t-1", `{"key":"`+key+`","distinct_id":"u","force_remote":true}`)
			if !reflect.DeepEqual(got, map[string]any{"success": true, "value": want}) {
				t.Errorf("flag %s: got %v, want success and %v", key, got, want)
			}
		}
		requests := w.server.FlagRequests()
		if len(requests) != 4 {
			t.Errorf("requests for 4 flags: got %d, want 4", len(requests))
		}
		for _, r := range requests {
			if got := r.Header.Get("X-Test-Id"); got != "t-1" {
				t.Errorf("X-Test-Id: got %q, want t-1", got)
			}
		}
		w.post("/flush?test_id=t-1", "")
		w.server.Recorder(t).FlagCalled("colour", "blue")
	})
}

func TestFlagWithoutAnAnswerIsNull(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]posthogtest.Fault{
		"an error that stays":         {Status: http.StatusBadGateway, Times: -1},
		"an error that is final":      {Status: http.StatusBadRequest},
		"an answer about other flags": {Status: http.StatusOK, Body: `{"status":1}`},
		"a server that hangs":         {Hang: true, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				fault.Path = posthogtest.RouteFlags
				w.server.Inject(fault)
				w.post("/init", fill+`}`)
				got := w.post("/get_feature_flag", `{"key":"f","distinct_id":"u"}`)
				if !reflect.DeepEqual(got, map[string]any{"success": true, "value": nil}) {
					t.Errorf("flag: got %v, want success and null", got)
				}
				if text, _ := w.state("")["last_error"].(string); text == "" {
					t.Error("last error: got none, want why there is no value")
				}
			})
		})
	}
}

// Proves FR-03: a question says for itself whether geography may be looked up, or else the client does.
func TestFlagGeoIP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		init, call string
		want       bool
	}{
		"nobody says":               {``, ``, false},
		"the client disables":       {`,"disable_geoip":true`, ``, true},
		"the call disables":         {``, `,"disable_geoip":true`, true},
		"the call enables":          {`,"disable_geoip":true`, `,"disable_geoip":false`, false},
		"the call does not say":     {`,"disable_geoip":true`, `,"disable_geoip":null`, true},
		"the call enables as usual": {``, `,"disable_geoip":false`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.post("/init", fill+c.init+`}`)
				w.post("/get_feature_flag", `{"key":"f","distinct_id":"u"`+c.call+`}`)
				if got := w.server.FlagRequests()[0].GeoIPDisable; got != c.want {
					t.Errorf("geoip_disable with %q of /init and %q of the call: got %v, want %v", c.init, c.call, got, c.want)
				}
			})
		})
	}
}

func TestFlagChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.post("/init", fill+`}`)
		w.post("/get_feature_flag", `{"key":"f","distinct_id":"u","groups":{"company":"acme","team":7},`+
			`"person_properties":{"large":9007199254740993,"exact":1.50,"deep":{"list":[1,null,"x"]}},`+
			`"group_properties":{"company":{"seats":9007199254740993}}}`)
		r := w.server.FlagRequests()[0]
		for name, c := range map[string]struct{ got, want any }{
			"groups": {r.Groups, map[string]any{"company": "acme", "team": json.Number("7")}},
			"properties of the person": {r.PersonProperties, map[string]any{
				"large": json.Number("9007199254740993"),
				"exact": json.Number("1.50"),
				"deep":  map[string]any{"list": []any{json.Number("1"), nil, "x"}},
			}},
			"properties of groups": {r.GroupProperties, map[string]map[string]any{"company": {"seats": json.Number("9007199254740993")}}},
			"keys":                 {r.Keys, []string{"f"}},
		} {
			if !reflect.DeepEqual(c.got, c.want) {
				t.Errorf("%s: got %#v, want %#v", name, c.got, c.want)
			}
		}
	})
}

func TestFlagRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(http.MethodPost, "/get_feature_flag", `{"key":"f","distinct_id":"u"}`, http.StatusConflict)
	w.post("/init", `{"host":"http://test-harness:8081"}`)
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"a question without a flag": {`{"distinct_id":"u"}`, http.StatusBadRequest},
		"a flag without a name":     {`{"key":" ","distinct_id":"u"}`, http.StatusBadRequest},
		"a question about nobody":   {`{"key":"f"}`, http.StatusUnprocessableEntity},
		"groups that are no map":    {`{"key":"f","distinct_id":"u","groups":[]}`, http.StatusBadRequest},
		"a text for a group":        {`{"key":"f","distinct_id":"u","group_properties":{"company":"acme"}}`, http.StatusBadRequest},
		"a text for true":           {`{"key":"f","distinct_id":"u","disable_geoip":"true"}`, http.StatusBadRequest},
		"a body that is not JSON":   {`key=f`, http.StatusBadRequest},
	} {
		if status, text := ask(w.adapter, http.MethodPost, "/get_feature_flag", c.body); status != c.want {
			t.Errorf("%s: got status %d with %s, want %d", name, status, text, c.want)
		}
	}
	if got := len(w.server.FlagRequests()); got != 0 {
		t.Errorf("requests for flags: got %d, want none", got)
	}
}

func TestResetEndsAQuestionThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Hang: true, Times: -1})
		w.post("/init", fill+`}`)
		answered := make(chan int)
		go func() {
			status, _ := ask(w.adapter, http.MethodPost, "/get_feature_flag", `{"key":"f","distinct_id":"u"}`)
			answered <- status
		}()
		synctest.Wait()
		began := time.Now()
		w.post("/reset", "")
		if status := <-answered; status != http.StatusConflict {
			t.Errorf("the question that was waiting: got status %d, want 409", status)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("reset: took %v, want no time at all", took)
		}
		<-time.After(time.Hour)
		if got := len(w.server.FlagRequests()); got != 1 {
			t.Errorf("requests for flags an hour after the reset: got %d, want the one before it", got)
		}
	})
}

// FuzzFlag states that whatever /get_feature_flag is given, it answers: with a value, or with the reason why not.
func FuzzFlag(f *testing.F) {
	for _, seed := range []string{
		`{"key":"test-flag","distinct_id":"u","force_remote":true}`,
		`{"key":"test-flag","distinct_id":"u","groups":{"company":{"deep":[]}},"group_properties":{"team":null}}`,
		`{"key":"test-flag","distinct_id":"u","person_properties":{"a":[{"b":1e999}]},"disable_geoip":null}`,
		`{"key":"\u0000","distinct_id":7}`, `{"key":"f"}`, `[]`, `null`, ``, `{}{}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWorld(t)
		w.server.SetFlag("test-flag", "blue")
		w.post("/init", `{"host":"http://test-harness:8081","flush_at":1000}`)
		status, text := ask(w.adapter, http.MethodPost, "/get_feature_flag", body)
		var got struct {
			Success bool
			Error   string
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%q: got %q, want a JSON object", body, text)
		}
		switch status {
		case http.StatusOK:
			if !got.Success {
				t.Errorf("%q: got %s, want success", body, text)
			}
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
			if got.Error == "" {
				t.Errorf("%q: got status %d without a reason, want one", body, status)
			}
		default:
			t.Errorf("%q: got status %d with %s, want 200, 400, 413 or 422", body, status, text)
		}
	})
}
