//go:build unix

package filecache_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/flagsync/filecache"
)

func TestWhoeverRemovesTheDirectoryEndsNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	a, b := filecache.New(dir, "phc_test"), filecache.New(dir, "phc_test")
	leads(t, a)
	store(t, a, "one")
	read(t, b)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got := read(t, b); got != "nothing" {
		t.Errorf("read %q of a directory that is gone", got)
	}
	if !leads(t, b) || leads(t, a) {
		t.Error("want the first to ask to lead, and the old leader to notice")
	}
	store(t, b, "one")
	if got := read(t, a); got != "one" {
		t.Errorf("read %q, want the document again", got)
	}
	if err := os.Remove(only(t, dir, ".json")); err != nil {
		t.Fatal(err)
	}
	store(t, b, "one")
	if got := read(t, a); got != "one" {
		t.Errorf("read %q, want the document to be written again", got)
	}
	if err := b.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// only returns the path of the file in dir with that ending.
func only(t *testing.T, dir, ending string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"+ending))
	if err != nil || len(found) != 1 {
		t.Fatalf("files %q, %v; want one", found, err)
	}
	return found[0]
}
