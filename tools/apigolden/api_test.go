package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const library = `package x

import "io"

const Half = 0.5

type Mode uint8

const (
	On Mode = iota
	Off
)

var Err error

type T struct {
	A int
	b int
	io.Reader
}

func (T) V(n int) (ok bool) { return }
func (*T) P() {}
func (T) private() {}

type I interface {
	M(io.Reader) error
	sealed()
}

type Alias = *T
type Pair[K comparable, V any] struct{ Key K }

func F[E any](first E, rest ...string) Mode { return On }
func private() {}
`

const libraryPage = `const Half untyped float = 1/2
const Off Mode = 1
const On Mode = 0
field Pair.Key K
field T.A int
field T.Reader io.Reader
func F[E any](first E, rest ...string) Mode
method (*T).P()
method I.M(io.Reader) error
method I.sealed()
method T.Read(p []byte) (n int, err error)
method T.V(n int) (ok bool)
type Alias = *T
type I interface
type Mode uint8
type Pair[K comparable, V any] struct
type T struct
var Err error
`

func TestAPageHasALineForEachName(t *testing.T) {
	t.Parallel()
	root := module(t, map[string]string{"x.go": library})
	got, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	if page := strings.Join(got, "\n") + "\n"; page != libraryPage {
		t.Errorf("got:\n%s\nwant:\n%s", page, libraryPage)
	}
	if _, err := load(module(t, map[string]string{"x.go": "package x\nfunc F() int {}\n"})); err == nil {
		t.Error("a package that does not compile: got no error")
	}
}

func TestTheExitStatusSaysWhetherThePageIsRight(t *testing.T) {
	t.Parallel()
	const f = "package posthog\n\nfunc F() {}\n"
	const example = "package posthog\n\nfunc ExampleF() { F() }\n"
	tests := map[string]struct {
		files  map[string]string
		status int
		prints string
	}{
		"all is well":                {map[string]string{"doc.go": f, "example_test.go": example, "docs/api/posthog.txt": "func F()\n"}, 0, ""},
		"a name came":                {map[string]string{"doc.go": f, "example_test.go": example, "docs/api/posthog.txt": ""}, 1, "+ func F()\n"},
		"there is no page":           {map[string]string{"doc.go": f, "example_test.go": example}, 1, "docs/api/posthog.txt is not the package:\n+ func F()\n"},
		"a name went":                {map[string]string{"doc.go": f, "example_test.go": example, "docs/api/posthog.txt": "func F()\nfunc G()\n"}, 1, "- func G()\n"},
		"a signature changed":        {map[string]string{"doc.go": f, "example_test.go": example, "docs/api/posthog.txt": "func F(int)\n"}, 1, "- func F(int)\n+ func F()\n"},
		"a name has no example":      {map[string]string{"doc.go": f, "docs/api/posthog.txt": "func F()\n"}, 1, "posthog.F is in no example"},
		"a name is excused":          {map[string]string{"doc.go": f, "docs/api/posthog.txt": "func F()\n", exceptions: "# old\nposthog F\n"}, 0, ""},
		"an excuse has become stale": {map[string]string{"doc.go": f, "example_test.go": example, "docs/api/posthog.txt": "func F()\n", exceptions: "posthog F\n"}, 1, "delete the line"},
		"the package is broken":      {map[string]string{"doc.go": "package posthog\nfunc"}, 2, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if got := run(module(t, test.files), true, &out, &errs); got != test.status {
				t.Errorf("status %d, want %d, after %q and %q", got, test.status, out.String(), errs.String())
			}
			if !strings.Contains(out.String(), test.prints) {
				t.Errorf("printed %q, want %q in it", out.String(), test.prints)
			}
		})
	}
}

func TestPagesAreWritten(t *testing.T) {
	t.Parallel()
	root := module(t, map[string]string{
		"doc.go": "package posthog\nfunc F() {}\n", "flags/doc.go": "package flags\nfunc G() {}\n", "internal/y/x.go": "package y\nfunc H() {}\n",
		"contrib/z/go.mod": "module z\n\ngo 1.26\n", "contrib/z/z.go": "package z\nfunc Z() {}\n", "docs/api/README": "",
	})
	var out, errs bytes.Buffer
	if got := run(root, false, &out, &errs); got != 0 {
		t.Fatalf("status %d, want 0, after %q and %q", got, out.String(), errs.String())
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "api", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, page := range pages {
		names = append(names, filepath.Base(page))
	}
	if want := []string{"contrib-z.txt", "flags.txt", "posthog.txt"}; !slices.Equal(names, want) {
		t.Errorf("got the pages %q, want %q", names, want)
	}
}

func TestWhatExamplesShow(t *testing.T) {
	t.Parallel()
	api := []string{"const Red Colour = 0", "field Point.X int", "func New() *Point", "method (*Point).Move(n int)", "method Point.Error() string",
		"type Colour uint8", "type Point struct", "method Shape.sealed()"}
	tests := map[string]struct {
		example string
		missing []string
	}{
		"nothing":                         {"", []string{"New", "Point.Move", "Colour", "Point"}},
		"a constant shows its type":       {"Red", []string{"New", "Point.Move", "Point"}},
		"a field shows its type":          {"p.X", []string{"New", "Point.Move", "Colour"}},
		"a method shows itself, and type": {"p.Move(1)", []string{"New", "Colour"}},
		"a part of a word shows nothing":  {"Newer Movement", []string{"New", "Point.Move", "Colour", "Point"}},
	}
	for name, test := range tests {
		found, err := withoutExample(module(t, map[string]string{"example_test.go": test.example}), ".", api)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, line := range found {
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "posthog."), " ")
			got = append(got, name)
		}
		if !slices.Equal(got, test.missing) {
			t.Errorf("%s: got %q, want %q", name, got, test.missing)
		}
	}
}

// module makes a module of files and returns its folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	write := func(path, text string) {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module x\n\ngo 1.26\n")
	for path, text := range files {
		write(path, text)
	}
	return root
}
