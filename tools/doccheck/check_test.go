package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckNamesWhatHasNoComment(t *testing.T) {
	t.Parallel()
	const header = "// Package x is documented.\npackage x\n"
	tests := map[string]struct {
		path, source string
		want         []string
	}{
		"a documented function is fine":             {"x.go", header + "// F does.\nfunc F() {}\n", nil},
		"a bare function is named":                  {"x.go", header + "func F() {}\n", []string{"F"}},
		"a bare method carries its type":            {"x.go", header + "// T is.\ntype T[E any] struct{}\nfunc (*T[E]) M() {}\n", []string{"T.M"}},
		"a method of a private type is not asked":   {"x.go", header + "type t struct{}\nfunc (t) M() {}\n", nil},
		"a package comment is asked for":            {"x.go", "package x\n", []string{"package x"}},
		"a group comment speaks for its constants":  {"x.go", header + "// Modes.\nconst (\n\tA = 1\n\tB = 2\n)\n", nil},
		"a bare constant is named":                  {"x.go", header + "const (\n\tA = 1 // A is one.\n\tB = 2\n)\n", []string{"B"}},
		"a group comment does not speak for types":  {"x.go", header + "// Types.\ntype (\n\tA int\n)\n", []string{"A"}},
		"a bare field of a public type is named":    {"x.go", header + "// T is.\ntype T struct {\n\tA int\n\tB int // B is.\n\tc int\n}\n", []string{"T.A"}},
		"a bare interface method is named":          {"x.go", header + "// I is.\ntype I interface { M() }\n", []string{"I.M"}},
		"fields of internal packages are not asked": {"internal/x/x.go", header + "// T is.\ntype T struct { A int }\n", nil},
		"tests are not asked":                       {"x_test.go", "package x\nfunc F() {}\n", nil},
		"testdata is not asked":                     {"testdata/x.go", "package x\n", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := write(t, test.path, test.source)
			found, err := Check(root)
			if err != nil {
				t.Fatalf("Check: got error %v, want none, for:\n%s", err, test.source)
			}
			var got []string
			for _, f := range found {
				got = append(got, f.Name)
			}
			if strings.Join(got, " ") != strings.Join(test.want, " ") {
				t.Errorf("got %q, want %q, for:\n%s", got, test.want, test.source)
			}
		})
	}
}

func TestNestedModulesAreLeftOut(t *testing.T) {
	t.Parallel()
	root := write(t, "nested/x.go", "package x\n")
	if err := os.WriteFile(filepath.Join(root, "nested", "go.mod"), []byte("module nested\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := Check(root)
	if err != nil || len(found) != 0 {
		t.Errorf("got %v, %v, want no finding in a module of its own", found, err)
	}
}

func TestTheExitStatusSaysWhatHappened(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source string
		status int
		prints string
	}{
		"zero without findings":           {"// Package x is.\npackage x\n", 0, ""},
		"one with a finding":              {"package x\n", 1, "x.go:1: package x has no comment\n"},
		"two for a file it cannot parse":  {"package", 2, ""},
		"the line is the declaration's":   {"// Package x is.\npackage x\n\nfunc F() {}\n", 1, "x.go:4: F has no comment\n"},
		"every name of a pair is printed": {"// Package x is.\npackage x\n\nvar A, B int\n", 1, "x.go:4: A has no comment\nx.go:4: B has no comment\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if got := run(write(t, "x.go", test.source), &out, &errs); got != test.status {
				t.Errorf("status: got %d, want %d, stderr %q", got, test.status, errs.String())
			}
			if out.String() != test.prints {
				t.Errorf("output: got %q, want %q", out.String(), test.prints)
			}
		})
	}
}

// write makes a folder that holds one file and returns the folder.
func write(t *testing.T, path, source string) string {
	t.Helper()
	root := t.TempDir()
	full := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}
