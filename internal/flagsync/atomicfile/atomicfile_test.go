package atomicfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/flagsync/atomicfile"
)

// only fails the test unless dir has exactly one entry, of this name.
func only(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("directory has %v, %v; want only %s", entries, err, name)
	}
}

func TestWriteReplacesTheContents(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(dir, "flags.json")
	for _, want := range []string{"first", "", "the third"} {
		if err := atomicfile.Write(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
		only(t, dir, "flags.json")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("mode %v, %v; want nobody else to read it", info.Mode(), err)
	}
}

func TestAFailureLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil { // a directory cannot be replaced by a file
		t.Fatal(err)
	}
	if err := atomicfile.Write(path, []byte("x")); err == nil {
		t.Error("Write over a directory: no error")
	}
	only(t, dir, "taken")
	if err := atomicfile.Write(filepath.Join(dir, "taken", "full", "x", "y"), nil); err != nil {
		t.Errorf("Write into a directory that is missing: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := atomicfile.Write(file, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(filepath.Join(file, "below"), []byte("x")); err == nil {
		t.Error("Write below a file: no error")
	}
}

func TestReadersSeeOldOrNew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "flags.json")
	contents := [][]byte{bytes.Repeat([]byte("a"), 100_000), bytes.Repeat([]byte("b"), 50_000)}
	if err := atomicfile.Write(path, contents[0]); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for _, data := range contents {
		writers.Go(func() {
			for range 5 {
				if err := atomicfile.Write(path, data); err != nil {
					t.Errorf("Write: %v", err)
				}
			}
		})
	}
	written := make(chan struct{}) // closed when the writers have ended
	go func() { writers.Wait(); close(written) }()
	for over := false; !over; {
		select {
		case <-written:
			over = true
		default:
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1]) {
			t.Fatalf("read %d bytes, %v; want one of the two contents", len(got), err)
		}
	}
}
