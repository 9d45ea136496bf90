// Command apigolden keeps docs/api, one page for each public package with a line for each exported name, and fails if a
// name has changed without its page.
//
//	apigolden [-check] [folder]
//
// The folder (default ".") holds the core module. Pages are written for its packages posthog, flags and posthogtest, and
// for each module below contrib, as they are on linux/amd64. With -check nothing is written: lines that came or went are
// printed, and so are functions, types and methods of posthog and flags that no example mentions, unless
// docs/api/without-example.txt names them. It runs the go command, and one goroutine.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	check := flag.Bool("check", false, "compare with docs/api, and write nothing")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	os.Exit(run(root, *check, os.Stdout, os.Stderr))
}

// run writes or checks every page, prints what is wrong to out, and returns the exit status.
func run(root string, check bool, out, errs io.Writer) int {
	found, err := pages(root, check)
	if err != nil {
		fmt.Fprintln(errs, "apigolden:", err)
		return 2
	}
	for _, line := range found {
		fmt.Fprintln(out, line)
	}
	return min(len(found), 1)
}

// pages writes or checks every page, and returns what is wrong.
func pages(root string, check bool) ([]string, error) {
	var found []string
	for _, folder := range public(root) {
		api, err := load(filepath.Join(root, folder))
		if err != nil {
			return nil, err
		}
		name := strings.ReplaceAll(folder, "/", "-")
		if folder == "." {
			name = "posthog"
		}
		page := filepath.Join(root, "docs", "api", name+".txt")
		if !check {
			if err := os.WriteFile(page, []byte(strings.Join(api, "\n")+"\n"), 0o644); err != nil {
				return nil, err
			}
			continue
		}
		golden, err := os.ReadFile(page)
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		found = append(found, compare("docs/api/"+name+".txt", strings.Split(strings.TrimSpace(string(golden)), "\n"), api)...)
		if folder == "." || folder == "flags" {
			missing, err := withoutExample(root, folder, api)
			if err != nil {
				return nil, err
			}
			found = append(found, missing...)
		}
	}
	return found, nil
}

// public names the folders below root that have a page.
func public(root string) []string {
	var folders []string
	for _, pattern := range []string{"doc.go", "flags/doc.go", "posthogtest/doc.go", "contrib/*/go.mod"} {
		files, _ := filepath.Glob(filepath.Join(root, pattern)) // the patterns are well-formed
		for _, file := range files {
			folder, _ := filepath.Rel(root, filepath.Dir(file))
			folders = append(folders, filepath.ToSlash(folder))
		}
	}
	return folders
}

// compare returns the differences between a page and the package.
func compare(page string, golden, api []string) []string {
	var found []string
	for _, line := range golden {
		if line != "" && !slices.Contains(api, line) {
			found = append(found, "- "+line)
		}
	}
	for _, line := range api {
		if !slices.Contains(golden, line) {
			found = append(found, "+ "+line)
		}
	}
	if len(found) > 0 {
		found = append([]string{page + " is not the package:"}, found...)
		found = append(found, "A line that goes breaks programs. Where the change is meant, run `make api` and put it into CHANGELOG.md.")
	}
	return found
}
