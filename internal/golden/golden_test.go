package golden_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
)

// recorder stands in for a test and keeps its failures.
type recorder struct{ failures []string }

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...) }

// These tests run one after the other, because -update is one flag for the whole program.
func TestCompare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "body.json")

	var missing recorder
	golden.Compare(&missing, path, []byte("{}"))
	if got, want := strings.Join(missing.failures, "\n"), "go test -update"; !strings.Contains(got, want) {
		t.Errorf("without a file: got failures %q, want one that mentions %q", got, want)
	}

	setUpdate(t, "true")
	var writing recorder
	golden.Compare(&writing, path, []byte("one\ntwo\nthree"))
	if len(writing.failures) != 0 {
		t.Errorf("with -update: got failures %q, want none", writing.failures)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "one\ntwo\nthree" {
		t.Errorf("with -update: file holds %q, error %v, want %q", got, err, "one\ntwo\nthree")
	}
	setUpdate(t, "false")

	var same recorder
	golden.Compare(&same, path, []byte("one\ntwo\nthree"))
	if len(same.failures) != 0 {
		t.Errorf("with equal bytes: got failures %q, want none", same.failures)
	}
}

func TestCompareSaysWhereBytesPart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(path, []byte("one\ntwo\nthree"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"a changed byte":   "one\ntwo\ntHree",
		"a missing ending": "one\ntwo\nt",
		"a longer ending":  "one\ntwo\nthree!",
	} {
		t.Run(name, func(t *testing.T) {
			var test recorder
			golden.Compare(&test, path, []byte(got))
			if len(test.failures) != 1 || !strings.Contains(test.failures[0], "(line 3)") {
				t.Errorf("got failures %q for %q, want one that mentions %q", test.failures, got, "(line 3)")
			}
		})
	}
}

// setUpdate sets the -update flag until the test ends.
func setUpdate(t *testing.T, value string) {
	t.Helper()
	before := flag.Lookup("update").Value.String()
	if err := flag.Set("update", value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set("update", before); err != nil {
			t.Error(err)
		}
	})
}
