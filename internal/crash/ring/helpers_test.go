package ring_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

const salt = 0x5a17c0de

// modes are the ways in which steps get to the disk.
var modes = map[string]func(*faulty.System){
	"mapped":       func(*faulty.System) {},
	"with WriteAt": (*faulty.System).Unmapped,
	"mapped, on a kernel that cannot populate": func(sys *faulty.System) {
		sys.Before(func(op faulty.Op) error {
			if op.Name == "Populate" {
				return disk.ErrNoPopulate
			}
			return nil
		})
	},
}

// create makes a ring in a new directory, which is closed with the test.
func create(t testing.TB, sys disk.System, size int) (r *ring.Ring, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.steps")
	r, err := ring.CreateOn(sys, path, size, salt)
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r, path
}

// must fails the test if a step of it failed.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
}

// read returns the steps in a file.
func read(t testing.TB, path string) [][]byte {
	t.Helper()
	return readBytes(contents(t, path))
}

func readBytes(file []byte) [][]byte { return ring.Read(bytes.NewReader(file), int64(len(file))) }

func contents(t testing.TB, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	must(t, err)
	return file
}

// numbered returns the step with that number, of that many bytes at least.
func numbered(n, size int) []byte {
	text := fmt.Sprintf(`{"n":%d,"x":""}`, n)
	return []byte(strings.TrimSuffix(text, `"}`) + strings.Repeat("x", max(0, size-len(text))) + `"}`)
}

// joined returns steps as one text, shortened.
func joined(steps [][]byte) string {
	var b strings.Builder
	for _, s := range steps {
		if len(s) > 40 {
			s = s[:40]
		}
		fmt.Fprintf(&b, "%s\n", s)
	}
	return b.String()
}

// array is the size of the JSON of an array of steps.
func array(steps [][]byte) int {
	n := 2 + max(0, len(steps)-1)
	for _, s := range steps {
		n += len(s)
	}
	return n
}
