package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
)

// test is a test function and the requirements that it proves.
type test struct {
	name   string
	file   string // relative to the repository, with slashes
	proves []string
}

var (
	// proof is what a comment says: "Proves A-1, B-2." or "Proves A-1: why".
	proof = regexp.MustCompile(`\bProves ([A-Z0-9]+-[0-9]+(?:(?:,| and)\s+[A-Z0-9]+-[0-9]+)*)`)
	// id is a requirement's.
	id = regexp.MustCompile(`[A-Z0-9]+-[0-9]+`)
)

// findTests reads every test file below dir.
func findTests(dir string) ([]test, error) {
	var tests []test
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != dir && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		found, err := parse(path, filepath.ToSlash(relative))
		tests = append(tests, found...)
		return err
	})
	return tests, err
}

// parse returns the test functions of one file.
func parse(path, name string) ([]test, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var tests []test
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !isTest(f.Name.Name) {
			continue
		}
		t := test{name: f.Name.Name, file: name}
		// A comment within the function counts as well: table tests prove row by row.
		for _, group := range file.Comments {
			within := group.Pos() >= f.Pos() && group.End() <= f.End()
			if group != f.Doc && !within {
				continue
			}
			text := strings.Join(strings.Fields(group.Text()), " ")
			for _, match := range proof.FindAllStringSubmatch(text, -1) {
				t.proves = append(t.proves, id.FindAllString(match[1], -1)...)
			}
		}
		tests = append(tests, t)
	}
	return tests, nil
}

func isTest(name string) bool {
	for _, prefix := range []string{"Test", "Fuzz", "Example", "Benchmark"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
