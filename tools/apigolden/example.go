package main

import (
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// exceptions is where names without an example are listed, one a line as in "posthog Alias.APIfy".
const exceptions = "docs/api/without-example.txt"

// spoken is what the standard library calls, and an example need not show.
var spoken = []string{"Error", "Unwrap", "As", "Is", "String", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText"}

// withoutExample returns a finding for each function, type and method that no example of the folder mentions, and for
// each listed exception that is none.
func withoutExample(root, folder string, api []string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(root, folder, "example*_test.go"))
	if err != nil {
		return nil, err
	}
	var examples strings.Builder
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		examples.Write(source)
	}
	words := map[string]bool{}
	for _, word := range regexp.MustCompile(`\w+`).FindAllString(examples.String(), -1) {
		words[word] = true
	}
	listed, err := os.ReadFile(filepath.Join(root, exceptions))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	pkg := folder
	if folder == "." {
		pkg = "posthog"
	}
	var excused []string
	for line := range strings.Lines(string(listed)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), pkg+" "); ok {
			excused = append(excused, name)
		}
	}
	var found, missing []string
	for _, line := range api {
		name := callable(line)
		last := name[strings.LastIndexByte(name, '.')+1:]
		if name == "" || !token.IsExported(last) || words[last] || slices.Contains(spoken, last) || shown(name, api, words) {
			continue
		}
		missing = append(missing, name)
		if !slices.Contains(excused, name) {
			found = append(found, pkg+"."+name+" is in no example: write one in "+filepath.Join(folder, "example_*_test.go"))
		}
	}
	for _, name := range excused {
		if !slices.Contains(missing, name) {
			found = append(found, exceptions+": "+pkg+" "+name+" needs no exception; delete the line")
		}
	}
	return found, nil
}

// shown reports whether examples have a constant, a field or a method of the type, which they need not name then.
func shown(name string, api []string, words map[string]bool) bool {
	return slices.ContainsFunc(api, func(line string) bool {
		kind, rest, _ := strings.Cut(line, " ")
		member, _, _ := strings.Cut(rest, " ")
		switch kind {
		case "const":
			return strings.HasPrefix(rest, member+" "+name+" =") && words[member]
		case "field":
			field, ok := strings.CutPrefix(member, name+".")
			return ok && words[field]
		case "method":
			method, ok := strings.CutPrefix(callable(line), name+".")
			return ok && words[method]
		}
		return false
	})
}

// callable is the name of the function, type or method that a line describes, or "".
func callable(line string) string {
	kind, rest, _ := strings.Cut(line, " ")
	if kind != "func" && kind != "type" && kind != "method" {
		return ""
	}
	rest = strings.TrimPrefix(rest, "(*")
	rest = strings.Replace(rest, ").", ".", 1)
	return rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."))]
}
