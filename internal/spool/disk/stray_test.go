package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// What has the name of a segment and is no file is not opened, which may take
// for ever, and does not keep the segments beside it from being sent.
func TestOnlyFilesAreSegments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var owner string
	killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
		owner = o.Dir()
		w := newWriter(create(t, o, 4096))
		must(t, w.append(1, 3, 10))
	})
	must(t, os.Mkdir(filepath.Join(owner, "0000000007.segment"), 0o700))
	if err := os.Symlink(onlyRegular(t, owner), filepath.Join(owner, "0000000008.segment")); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
		t.Fatalf("link: %v", err)
	}
	if got := drainWhatIs(t, dir); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got records %v, want 1 to 3 once", got)
	}
}

// onlyRegular returns the one segment that is a file in a directory.
func onlyRegular(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if e.Type().IsRegular() && filepath.Ext(e.Name()) == ".segment" {
			return filepath.Join(dir, e.Name())
		}
	}
	t.Fatalf("%s: got %v, want a segment", dir, entries)
	return ""
}
