package posthog_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hedgerow/posthog/internal/compat"
)

// Programs written for posthog-go compile after their import path is changed,
// and do what is written beside them. They are processes of their own, so the
// server has a port for once. Proves GO-38.
func TestProgramsWrittenForPosthogGo(t *testing.T) {
	t.Parallel()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := compat.Programs("internal/compat/testdata")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	binary, err := compat.Build(t.Context(), t.TempDir(), programs, compat.Module{
		ImportPath: "github.com/hedgerow/posthog",
		GoMod: fmt.Appendf(nil, "module corpus\n\ngo 1.26\n\nrequire (\n\tgithub.com/hedgerow/posthog v0.0.0\n"+
			"\tgithub.com/klauspost/compress v1.20.3\n)\n\nreplace github.com/hedgerow/posthog => %q\n", root),
		GoSum: sums,
	})
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
			for _, difference := range differences {
				t.Error(difference)
			}
		})
	}
}
