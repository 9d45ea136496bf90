//go:build linux

package posthog

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// wantOutput fails the test unless the runtime has a descriptor of its own of the file, beside the two that the file has.
func wantOutput(t *testing.T, own *file.File, when string) {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, entry := range entries {
		if name, err := os.Readlink(filepath.Join(descriptors, entry.Name())); err == nil && name == own.Output().Name() {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%s: got %d descriptors of the crash file, want three, one of them the runtime's", when, n)
	}
}
