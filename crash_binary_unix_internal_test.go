//go:build unix

package posthog

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A header that names a pipe as the binary holds nobody up.
func TestABinaryThatIsAPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if binary, _ := openBinary(path); binary != nil {
		t.Error("a pipe was read as a binary")
	}
}
