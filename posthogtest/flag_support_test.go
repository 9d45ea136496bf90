package posthogtest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

var asJSON = http.Header{"Content-Type": {"application/json"}}

// question asks about the flags of somebody; members are added to the body.
func question(distinctID, members string) string {
	if members != "" {
		members = "," + members
	}
	return `{"token":"phc_test","distinct_id":"` + distinctID + `","evaluation_runtime":"server"` + members + `}`
}

// record is what an answer says about one flag.
type record struct {
	Enabled bool
	Variant *string
	Failed  bool
	Reason  struct {
		Code           string
		ConditionIndex *int `json:"condition_index"`
		Description    string
	}
	Metadata struct {
		ID, Version   int64
		Payload       *string
		HasExperiment *bool `json:"has_experiment"`
	}
}

// flagsOf is what an answer says about flags.
type flagsOf struct {
	Flags        map[string]record
	Errors       bool     `json:"errorsWhileComputingFlags"`
	QuotaLimited []string `json:"quotaLimited"`
	RequestID    string   `json:"requestId"`
	EvaluatedAt  int64    `json:"evaluatedAt"`
	Minimal      bool     `json:"minimalFlagCalledEvents"`
}

// value is the value of a flag as text, "absent" and "failed" included.
func (f flagsOf) value(key string) string {
	r, ok := f.Flags[key]
	switch {
	case !ok:
		return "absent"
	case r.Failed:
		return "failed"
	case r.Enabled && r.Variant != nil:
		return *r.Variant
	case r.Enabled:
		return "true"
	}
	return "false"
}

// askFlags asks /flags/?v=2 and expects an answer.
func askFlags(t *testing.T, s *posthogtest.Server, body string) flagsOf {
	t.Helper()
	a := call(t, s, http.MethodPost, "/flags/?v=2", asJSON, body)
	return readFlags(t, a)
}

func readFlags(t *testing.T, a answer) flagsOf {
	t.Helper()
	var f flagsOf
	if err := json.Unmarshal([]byte(a.body), &f); a.status != 200 || err != nil || f.Flags == nil {
		t.Fatalf("got %d %q, want 200 and flags (%v)", a.status, a.body, err)
	}
	return f
}

// load gives a server the flags of a file in testdata/flags.
func load(t *testing.T, s *posthogtest.Server, file string) {
	t.Helper()
	document, err := os.ReadFile("testdata/flags/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.LoadFlags(document); err != nil {
		t.Fatal(err)
	}
}

// defined is a document with these flags, each as JSON.
func defined(flags string) []byte {
	return []byte(`{"flags":[` + flags + `],"group_type_mapping":{"0":"company"},"cohorts":{}}`)
}

// bearer is a header with a secret key, and others as names and values.
func bearer(key string, more ...string) http.Header {
	h := http.Header{"Authorization": {"Bearer " + key}}
	for i := 0; i < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}
