package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/compat" //nolint:depguard // it is the corpus of programs, and no part of the library
)

// The programs that this library has to run are programs for posthog-go: they compile against it, and behave the same
// wherever they do not say how it differs.
func TestTheProgramsAreOnesForPosthogGo(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := compat.Programs("../internal/compat/testdata")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	mod = bytes.Replace(mod, []byte("module github.com/hedgerow/posthog/bench"), []byte("module corpus"), 1)
	mod = bytes.Replace(mod, []byte("=> ../"), []byte("=> "+root), 1)
	binary, err := compat.Build(t.Context(), t.TempDir(), programs, compat.Module{ImportPath: compat.ImportPath, GoMod: mod, GoSum: sum})
	if err != nil {
		t.Fatal(err)
	}
	for i := range programs {
		program := &programs[i]
		t.Run(program.Name, func(t *testing.T) {
			t.Parallel()
			differences, err := binary.Try(t.Context(), t, program)
			if err != nil {
				t.Fatal(err)
			}
			if program.Want.Differs == "" {
				for _, difference := range differences {
					t.Error(difference)
				}
			} else if len(differences) == 0 {
				t.Errorf("it does not differ, but want.json says: %s", program.Want.Differs)
			}
		})
	}
}
