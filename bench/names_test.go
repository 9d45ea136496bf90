package main

import (
	"bytes"
	"go/importer"
	"go/token"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/compat" //nolint:depguard // it knows the import path
)

// Every name of posthog-go that this library lacks is on the page about migrating, and only those are missing there.
func TestThePageAboutMigratingNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/migrating-from-posthog-go.md")
	if err != nil {
		t.Fatal(err)
	}
	_, absences, ok := bytes.Cut(page, []byte("\n## What was dropped\n"))
	if !ok {
		t.Fatal("the page has no section of what was dropped")
	}
	api, err := os.ReadFile("../docs/api/posthog.txt")
	if err != nil {
		t.Fatal(err)
	}
	mentioned := []string{"FeatureFlagResult"} // for what they are good for
	ours := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^(?:const|var|func|type) (\w+)`).FindAllSubmatch(api, -1) {
		ours[string(match[1])] = true
	}
	for _, name := range exportedBy(t, compat.ImportPath) {
		if named := bytes.Contains(absences, []byte("`"+name+"`")); !ours[name] && !named {
			t.Errorf("the library lacks %s, and the page does not say so", name)
		} else if ours[name] && named && !slices.Contains(mentioned, name) {
			t.Errorf("the page names %s as missing, but the library has it", name)
		}
	}
}

// exportedBy returns the exported names of a package.
func exportedBy(t *testing.T, path string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}} {{.Export}}{{end}}", path)
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[path] = file
		}
	}
	pkg, err := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }).Import(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) {
			names = append(names, name)
		}
	}
	return names
}
