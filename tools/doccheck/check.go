package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Finding is one exported name without a comment.
type Finding struct {
	File string // the path of the file, below the root
	Line int    // where the name is declared; 1 for a package
	Name string // the name as a reader would write it: "package queue", "Queue.Put", "Config.Interval"
}

// String renders the finding the way compilers do, so that editors can jump to it.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s has no comment", f.File, f.Line, f.Name)
}

// Check returns the findings of every package below root, sorted by file and line.
// It returns an error if a folder cannot be read or a file cannot be parsed.
func Check(root string) ([]Finding, error) {
	folders, err := packages(root)
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		c := checker{files: token.NewFileSet(), root: root, fields: public(root, folder)}
		if err := c.folder(folders[folder]); err != nil {
			return nil, err
		}
		found = append(found, c.found...)
	}
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return found, nil
}

// packages maps each folder below root to the Go files in it that are not tests.
func packages(root string) (map[string][]string, error) {
	folders := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && skipped(path, d.Name()):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			folders[filepath.Dir(path)] = append(folders[filepath.Dir(path)], path)
		}
		return nil
	})
	return folders, err
}

// skipped reports whether the walk leaves a folder out: testdata, hidden, or a module of its own.
func skipped(path, name string) bool {
	if name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	nested, _ := filepath.Glob(filepath.Join(path, "go.mod"))
	return len(nested) > 0
}

// public reports whether other modules can import the package in folder.
func public(root, folder string) bool {
	below, err := filepath.Rel(root, folder)
	if err != nil {
		return true
	}
	return !slices.Contains(strings.Split(filepath.ToSlash(below), "/"), "internal")
}

// checker gathers the findings of one package.
type checker struct {
	files  *token.FileSet
	root   string
	fields bool // whether the fields and methods inside of types are checked too
	found  []Finding
}

// folder checks the files of one package.
func (c *checker) folder(paths []string) error {
	var parsed []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(c.files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	if !slices.ContainsFunc(parsed, func(f *ast.File) bool { return f.Doc != nil }) {
		c.report(parsed[0].Package, "package "+parsed[0].Name.Name)
	}
	if parsed[0].Name.Name == "main" {
		c.fields = false
	}
	for _, file := range parsed {
		for _, decl := range file.Decls {
			c.declaration(decl)
		}
	}
	return nil
}

// report adds a finding.
func (c *checker) report(at token.Pos, name string) {
	position := c.files.Position(at)
	file, err := filepath.Rel(c.root, position.Filename)
	if err != nil {
		file = position.Filename
	}
	c.found = append(c.found, Finding{File: file, Line: position.Line, Name: name})
}
