package adapter

import (
	"net/http"

	"github.com/hedgerow/posthog"
)

// Version is the version of the adapter. It changes with the answers to the harness, not with the library.
const Version = "1.2.0"

// identity is what the harness learns before its first test.
type identity struct {
	SDKName        string   `json:"sdk_name"`
	SDKVersion     string   `json:"sdk_version"`
	AdapterVersion string   `json:"adapter_version"`
	Parallel       bool     `json:"supports_parallel"`
	Capabilities   []string `json:"capabilities"`
}

// health says who is being tested, and which suites apply.
func (a *Adapter) health(w http.ResponseWriter, _ *http.Request) {
	reply(w, identity{
		SDKName:        posthog.SDKName,
		SDKVersion:     posthog.Version,
		AdapterVersion: Version,
		Parallel:       true,
		Capabilities:   a.capabilities(),
	})
}

// capabilities names what this adapter can show. AI events are claimed beside the older protocol alone, because the
// harness asserts there that an AI event which is captured as any other goes to its endpoint. Flags need no capability.
func (a *Adapter) capabilities() []string {
	if a.mode == posthog.CaptureModeLegacy {
		return []string{"capture_v0", "capture_ai_v0", "encoding_gzip"}
	}
	return []string{"capture_v1", "encoding_" + encodings[a.packing]}
}

// encodings are the names of the compressions in Content-Encoding.
var encodings = map[posthog.CompressionMode]string{
	posthog.CompressionGzip:    "gzip",
	posthog.CompressionZstd:    "zstd",
	posthog.CompressionDeflate: "deflate",
	posthog.CompressionBrotli:  "br",
}
