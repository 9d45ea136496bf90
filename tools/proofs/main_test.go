package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repository lays out files, by name, and returns their folder.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const proven = `package p

import "testing"

// It works. Proves CAP-1,
// BAT-2: in two lines.
func TestOne(t *testing.T) {
	// Proves CAP-3.
}
`

func TestThePageListsEveryProof(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{
		"docs/requirements.txt": "# Capture\nCAP-1 First.\nCAP-3 Third.\n\n# Batches\nBAT-2 Second.\n",
		"docs/page.md":          "`TestOne`, `TestOne/with a subtest`",
		"one_test.go":           proven,
	})
	if err := run(dir, false); err != nil {
		t.Fatalf("run: %v", err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "docs", "conformance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"## Capture", "| CAP-3 | Third. | [TestOne](../one_test.go) |", "| BAT-2 | Second. | [TestOne](../one_test.go) |", "3 requirements"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if err := run(dir, true); err != nil {
		t.Errorf("a check of the page just written: %v", err)
	}
}

func TestWhatIsNotProvenFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		requirements, page, want string
	}{
		"a requirement without a test":  {"CAP-1 a.\nCAP-3 b.\nBAT-2 c.\nGO-9 d.\n", "", "no test proves GO-9"},
		"a proof of something unknown":  {"CAP-1 a.\nCAP-3 b.\n", "", "TestOne proves BAT-2"},
		"a requirement that is twice":   {"CAP-1 a.\nCAP-1 b.\nCAP-3 b.\nBAT-2 c.\n", "", "CAP-1 occurs twice"},
		"a line that is no requirement": {"nonsense\n", "", "want an id and a sentence"},
		"a page with a test of nobody":  {"CAP-1 a.\nCAP-3 b.\nBAT-2 c.\n", "`TestTwo` proves it", "names TestTwo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t, map[string]string{
				"docs/requirements.txt": c.requirements, "docs/page.md": c.page, "one_test.go": proven,
			})
			if err := run(dir, false); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("run: got %v, want an error that says %q", err, c.want)
			}
		})
	}
}

func TestAClaimThatIsNoProofFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"above a table":            {"// Proves CAP-1.\nvar table = 1\n", `two_test.go:3: "Proves CAP-1"`},
		"within a table":           {"var table = []int{\n\t1, // Proves CAP-1.\n}\n", `two_test.go:4: "Proves CAP-1"`},
		"above a function":         {"// It helps to see that this\n// Proves CAP-1.\nfunc help() {}\n", `two_test.go:3: "Proves CAP-1"`},
		"above a method":           {"type T int\n\n// Proves CAP-1.\nfunc (T) TestTwo() {}\n", `two_test.go:5: "Proves CAP-1"`},
		"apart from its test":      {"// Proves CAP-1.\n\nfunc TestTwo() {}\n", `two_test.go:3: "Proves CAP-1"`},
		"of several":               {"// These prove CAP-1.\nfunc TestTwo() {}\n", `two_test.go:3: "prove CAP-1"`},
		"of nothing in particular": {"// Proves little.\nvar table = 1\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t, map[string]string{
				"docs/requirements.txt": "CAP-1 a.\nCAP-3 b.\nBAT-2 c.\n", "one_test.go": proven, "two_test.go": "package p\n\n" + c.text,
			})
			err := run(dir, false)
			if c.want == "" {
				if err != nil {
					t.Errorf("run: got %v, want no error", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("run: got %v, want an error that says %q", err, c.want)
			}
		})
	}
}

func TestAnOldPageFailsTheCheck(t *testing.T) {
	t.Parallel()
	dir := repository(t, map[string]string{
		"docs/requirements.txt": "CAP-1 a.\nCAP-3 b.\nBAT-2 c.\n", "docs/conformance.md": "old", "one_test.go": proven,
	})
	if err := run(dir, true); err == nil || !strings.Contains(err.Error(), "make proofs") {
		t.Errorf("run: got %v, want an error that says make proofs", err)
	}
}
