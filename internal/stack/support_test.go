package stack_test

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
)

// shop is how the build of an ordinary program describes itself.
var shop = &debug.BuildInfo{
	Path: "example.com/shop/cmd/shop",
	Main: debug.Module{Path: "example.com/shop", Version: "(devel)"},
	Deps: []*debug.Module{
		{Path: "example.net/lib", Version: "v1.2.3"},
		{Path: "example.net/lib/deeper", Version: "v0.1.0"},
		{Path: "gopkg.in/yaml.v3", Version: "v3.0.1"},
		{Path: "example.net/beside", Version: "v1.0.0", Replace: &debug.Module{Path: "../beside"}},
		{Path: "example.net/forked", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/fork", Version: "v1.0.1"}},
		{Path: "example.com/shop/tools", Version: "v0.2.0"},
		{Path: "example.com/workspace", Version: "(devel)"},
		{Path: "github.com/Azure/sdk", Version: "v1.0.0-RC.1"},
		{Path: "github.com/hedgerow/posthog", Version: "v1.0.0"},
	},
}

// indented returns JSON for people.
func indented(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatalf("encode: %v", err)
	}
	return b.Bytes()
}

// functions returns the names of the frames without their packages, in order.
func functions(frames []*stack.Frame) string {
	names := make([]string, len(frames))
	for i := range frames {
		name := frames[i].Function
		names[i] = name[strings.LastIndexByte(name, '/')+1:]
	}
	return strings.Join(names, " ")
}

// innermost returns the last n frames.
func innermost(frames []*stack.Frame, n int) []*stack.Frame {
	return frames[max(0, len(frames)-n):]
}
