package disk_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// Left finds what Claim would find, and leaves no trace.
func TestLeft(t *testing.T) {
	t.Parallel()
	record := func(sys *faulty.System, o *disk.Owner) { must(t, newWriter(create(t, o, 4096)).append(1, 3, 10)) }
	for name, c := range map[string]struct {
		fill func(dir string)
		want bool
	}{
		"a directory that is not there": {func(dir string) { must(t, os.Remove(dir)) }, false},
		"nothing":                       {func(string) {}, false},
		"a dead owner's segment":        {func(dir string) { killed(t, dir, record) }, true},
		"a dead owner without segments": {func(dir string) { killed(t, dir, func(*faulty.System, *disk.Owner) {}) }, false},
		"a dead owner without a lock": {func(dir string) {
			killed(t, dir, record)
			must(t, os.Remove(filepath.Join(filepath.Dir(onlySegment(t, dir)), "lock")))
		}, true},
		"a living owner's segment": {func(dir string) { record(nil, newOwner(t, disk.Local(), dir)) }, false},
		"that of another lane": {func(dir string) {
			sys := faulty.New(disk.Local())
			o, err := disk.NewOwner(sys, dir, disk.Identity{Lane: "ai", Key: analytics.Key})
			must(t, err)
			record(sys, o)
			sys.Kill()
		}, false},
		"something else of that name": {func(dir string) {
			must(t, os.WriteFile(filepath.Join(dir, "analytics-"+keyHex+"-0123456789abcdef"), nil, 0o600))
		}, false},
	} {
		dir := filepath.Join(t.TempDir(), "spool")
		must(t, os.Mkdir(dir, 0o700))
		c.fill(dir)
		_, missing := os.Stat(dir)
		var before []string
		if missing == nil {
			before = files(t, dir)
		}
		if got := disk.Left(disk.Local(), dir, analytics); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		if _, err := os.Stat(dir); (err == nil) != (missing == nil) {
			t.Errorf("%s: the directory was made", name)
		}
		if missing == nil && !slices.Equal(files(t, dir), before) {
			t.Errorf("%s: got files %q afterwards, want %q", name, files(t, dir), before)
		}
	}
}

// What cannot be looked at is taken for nothing.
func TestLeftOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	killed(t, dir, func(_ *faulty.System, o *disk.Owner) { must(t, newWriter(create(t, o, 4096)).append(1, 3, 10)) })
	sys := faulty.New(disk.Local())
	sys.Kill()
	if disk.Left(sys, dir, analytics) {
		t.Error("got true, want false")
	}
}
