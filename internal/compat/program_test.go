package compat_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/compat"
)

func TestThereAreProgramsEnough(t *testing.T) {
	t.Parallel()
	programs, err := compat.Programs("testdata")
	if err != nil || len(programs) < 25 {
		t.Fatalf("got %d programs, %v, want at least 25", len(programs), err)
	}
	for _, p := range programs {
		if !bytes.Contains(p.Source, []byte(`"`+compat.ImportPath+`"`)) {
			t.Errorf("%s does not import %s", p.Name, compat.ImportPath)
		}
	}
}

func TestAFolderThatIsNoProgramIsAnError(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ file, text, says string }{
		"no program":                         {"a/readme", "", "no programs"},
		"no want.json":                       {"a/main.go", "package main", "want.json"},
		"a want.json of a word nobody knows": {"a/want.json", `{"stdin":""}`, "stdin"},
	} {
		folder := t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, "a"), 0o700); err != nil {
			t.Fatal(err)
		}
		files := map[string]string{want.file: want.text}
		if strings.HasSuffix(want.file, ".json") {
			files["a/main.go"] = "package main"
		}
		for path, text := range files {
			if err := os.WriteFile(filepath.Join(folder, path), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := compat.Programs(folder); err == nil || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: got %v, want an error that says %q", name, err, want.says)
		}
	}
	_, err := compat.Build(t.Context(), t.TempDir(), []compat.Program{{Name: "a", Source: []byte("package a")}}, compat.Module{})
	if err == nil || !strings.Contains(err.Error(), "a is not a program") {
		t.Errorf("Build of a package: got %v, want an error that names it", err)
	}
}
