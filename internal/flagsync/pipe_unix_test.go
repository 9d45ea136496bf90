//go:build linux || darwin || freebsd

package flagsync_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// A pipe in the place of the file, which nobody writes to, hangs neither a load nor Close.
func TestAPipeIsNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "flags.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	w := open(t, flagsync.Config{File: path}, status(500))
	if err := w.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("Reload is %v, want that it is no regular file", err)
	}
}
