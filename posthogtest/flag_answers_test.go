package posthogtest_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/posthogtest"
)

// Each kind of answer about flags as it is on the wire, but for the order of
// the headers.
func TestAnswersAboutFlags(t *testing.T) {
	t.Parallel()
	pro := question("u", `"person_properties":{"plan":"pro"}`)
	for file, c := range map[string]struct {
		method, path, body string
		header             http.Header
		quota              bool
		faults             []posthogtest.Fault
	}{
		"flags_v1":            {path: "/flags/?v=1", body: pro},
		"flags_v2":            {path: "/flags/?v=2", body: pro},
		"flags_v3":            {path: "/flags?v=3", body: pro},
		"flags_no_version":    {path: "/flags", body: pro},
		"flags_config_only":   {path: "/flags?config=true", body: pro},
		"flags_get":           {method: http.MethodGet, path: "/flags/?v=2"},
		"flags_head":          {method: http.MethodHead, path: "/flags/"},
		"flags_options":       {method: http.MethodOptions, path: "/flags/"},
		"flags_put":           {method: http.MethodPut, path: "/flags/"},
		"flags_quota":         {path: "/flags/?v=2", body: pro, quota: true},
		"flags_disabled":      {path: "/flags/?v=2", body: question("u", `"disable_flags":true`)},
		"flags_no_token":      {path: "/flags/?v=2", body: `{"distinct_id":"u"}`},
		"flags_no_id":         {path: "/flags/?v=2", body: `{"token":"phc_test"}`},
		"flags_throttled":     {path: "/flags/?v=2", body: pro, faults: []posthogtest.Fault{{Path: "/flags/", Status: 429}}},
		"flags_unavailable":   {path: "/flags/?v=2", body: pro, faults: []posthogtest.Fault{{Path: "/flags", Status: 503}}},
		"decide_no_version":   {path: "/decide/", body: pro},
		"decide_v1":           {path: "/decide/?v=1", body: pro},
		"decide_v2":           {path: "/decide/?v=2", body: pro},
		"decide_v3":           {path: "/decide/?v=3", body: pro},
		"decide_v4":           {path: "/decide/?v=4", body: pro},
		"definitions":         {method: http.MethodGet, path: "/flags/definitions?token=phc_test&send_cohorts", header: bearer("phs_test")},
		"definitions_304":     {method: http.MethodGet, path: "/flags/definitions/?token=phc_test", header: bearer("phx_test", "If-None-Match", "*")},
		"definitions_absent":  {method: http.MethodGet, path: "/flags/definitions?token=phc_test"},
		"definitions_invalid": {method: http.MethodGet, path: "/flags/definitions?token=phc_test", header: bearer("phc_test")},
		"definitions_token":   {method: http.MethodGet, path: "/flags/definitions", header: bearer("phs_test")},
		"definitions_quota":   {method: http.MethodGet, path: "/flags/definitions?token=phc_test", header: bearer("phs_test"), quota: true},
		"definitions_403":     {method: http.MethodGet, path: "/flags/definitions?token=phc_test", faults: []posthogtest.Fault{{Path: posthogtest.RouteDefinitions, Status: 403}}},
		"definitions_429":     {method: http.MethodGet, path: "/flags/definitions?token=phc_test", faults: []posthogtest.Fault{{Path: posthogtest.RouteDefinitions, Status: 429}}},
		"definitions_500":     {method: http.MethodGet, path: "/flags/definitions?token=phc_test", faults: []posthogtest.Fault{{Path: posthogtest.RouteDefinitions, Status: 500}}},
		"definitions_503":     {method: http.MethodGet, path: "/flags/definitions?token=phc_test", faults: []posthogtest.Fault{{Path: posthogtest.RouteDefinitions, Status: 503}}},
		"definitions_head":    {method: http.MethodHead, path: "/flags/definitions/"},
		"definitions_options": {method: http.MethodOptions, path: "/flags/definitions"},
		"definitions_post":    {path: "/flags/definitions"},
		"local_evaluation":    {method: http.MethodGet, path: "/api/feature_flag/local_evaluation/?send_cohorts", header: bearer("phx_test")},
		"remote_config":       {method: http.MethodGet, path: "/api/projects/@current/feature_flags/limits/remote_config?token=phc_test", header: bearer("phs_test")},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := still(t, posthogtest.Config{})
			load(t, s, "definitions.json")
			s.SetFlagsQuota(c.quota)
			s.Inject(c.faults...)
			method, header := c.method, c.header
			if method == "" {
				method, header = http.MethodPost, asJSON
			}
			header = header.Clone()
			if header == nil {
				header = make(http.Header)
			}
			header.Set("X-Request-Id", requestID)
			got := call(t, s, method, c.path, header, c.body)
			got.header.Del("Date") // the network's clock
			golden.Compare(t, filepath.Join("testdata", "flags", file+".txt"), whole(got))
		})
	}
}
