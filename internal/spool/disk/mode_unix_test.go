//go:build unix

package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// What users did is nobody else's to read.
func TestFilesAreTheUsersOwn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	o := newOwner(t, disk.Local(), dir)
	s := create(t, o, 4096)
	for name, want := range map[string]os.FileMode{dir: 0o700, o.Dir(): 0o700, s.Name(): 0o600, filepath.Join(o.Dir(), "lock"): 0o600} {
		info, err := os.Stat(name)
		must(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", name, got, want)
		}
	}
}
