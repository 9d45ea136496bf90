package adapter

import (
	"net/http"

	"github.com/hedgerow/posthog"
)

// Version is the version of the adapter. It changes with the answers to the harness, not with the library.
const Version = "1.0.0"

// identity is what the harness learns before its first test.
type identity struct {
	SDKName        string   `json:"sdk_name"`
	SDKVersion     string   `json:"sdk_version"`
	AdapterVersion string   `json:"adapter_version"`
	Parallel       bool     `json:"supports_parallel"`
	Capabilities   []string `json:"capabilities"`
}

// health says who is being tested, and which suites apply.
func (*Adapter) health(w http.ResponseWriter, _ *http.Request) {
	reply(w, identity{
		SDKName:        posthog.SDKName,
		SDKVersion:     posthog.Version,
		AdapterVersion: Version,
		Parallel:       true,
		Capabilities:   []string{"capture_v0", "encoding_gzip"},
	})
}
