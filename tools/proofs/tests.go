package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// test is a test function and the requirements that it proves.
type test struct {
	name   string
	file   string // relative to the repository, with slashes
	proves []string
}

var (
	// proof is what a comment says: "Proves A-1, B-2." or "TestX proves A-1: why".
	proof = regexp.MustCompile(`\b[Pp]roves ([A-Z0-9]+-[0-9]+(?:(?:,| and)\s+[A-Z0-9]+-[0-9]+)*)`)
	// claim is what a reader takes for a proof.
	claim = regexp.MustCompile(`\b[Pp]roves? [A-Z0-9]+-[0-9]+`)
	// id is a requirement's.
	id = regexp.MustCompile(`[A-Z0-9]+-[0-9]+`)
)

// findTests reads every test file below dir. Its problems are comments that
// claim a proof and do not make one.
func findTests(dir string) (tests []test, problems []error, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
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
		found, strays, err := parse(path, filepath.ToSlash(relative))
		tests, problems = append(tests, found...), append(problems, strays...)
		return err
	})
	return tests, problems, err
}

// parse returns the test functions of one file, and the claims outside them.
func parse(path, name string) (tests []test, strays []error, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	var functions []*ast.FuncDecl // of tests, in their order
	for _, declaration := range file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && isTest(f.Name.Name) {
			functions = append(functions, f)
			tests = append(tests, test{name: f.Name.Name, file: name})
		}
	}
	for _, group := range file.Comments {
		text := strings.Join(strings.Fields(group.Text()), " ")
		if i := slices.IndexFunc(functions, func(f *ast.FuncDecl) bool { return holds(f, group) }); i >= 0 {
			for _, match := range proof.FindAllStringSubmatch(text, -1) {
				tests[i].proves = append(tests[i].proves, id.FindAllString(match[1], -1)...)
			}
			text = proof.ReplaceAllString(text, "")
		}
		if claimed := claim.FindString(text); claimed != "" {
			strays = append(strays, fmt.Errorf("%s:%d: %q proves nothing: write \"Proves ID\" in the comment of a test function, or within one",
				name, files.Position(group.Pos()).Line, claimed))
		}
	}
	return tests, strays, nil
}

// holds reports whether a comment is that of the function, or within it:
// tables of cases prove row by row.
func holds(f *ast.FuncDecl, group *ast.CommentGroup) bool {
	return group == f.Doc || group.Pos() >= f.Pos() && group.End() <= f.End()
}

func isTest(name string) bool {
	for _, prefix := range []string{"Test", "Fuzz", "Example", "Benchmark"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
