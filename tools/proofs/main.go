// Command proofs writes docs/conformance.md: every requirement of
// docs/requirements.txt with the tests that prove it.
//
// A test proves a requirement by saying so in its comment:
//
//	// Proves CAP-2, BAT-3: what it does.
//	func TestX(t *testing.T) {
//
// Usage: proofs [-check] DIR. With -check it writes nothing and fails if the
// file is not what it would write. Either way it fails if a requirement has no
// test, if a test proves something unknown, if a comment that proves something
// belongs to no test, or if a page in docs/ names a test that does not exist.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: proofs [-check] DIR")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	requirements, err := readRequirements(filepath.Join(dir, "docs", "requirements.txt"))
	if err != nil {
		return err
	}
	tests, problems, err := findTests(dir)
	if err != nil {
		return err
	}
	problems = append(problems, compare(requirements, tests)...)
	pages, err := filepath.Glob(filepath.Join(dir, "docs", "*.md"))
	if err != nil {
		return err
	}
	page := filepath.Join(dir, "docs", "conformance.md")
	for _, p := range pages {
		if p == page {
			continue
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		problems = append(problems, strangers(filepath.Base(p), string(text), tests)...)
	}
	want := render(requirements, tests)
	if !check {
		if err := os.WriteFile(page, want, 0o644); err != nil {
			return err
		}
	} else if got, err := os.ReadFile(page); err != nil || !slices.Equal(got, want) {
		problems = append(problems, errors.New("docs/conformance.md is not up to date: run make proofs"))
	}
	return errors.Join(problems...)
}
