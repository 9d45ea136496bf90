package posthogtest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hedgerow/posthog/posthogtest"
)

// FuzzException sends an $exception with any properties and checks what may never
// happen: one that is neither stored nor warned about, or both; a stored one that
// cannot be read, belongs to no issue, holds a property of PostHog's or a text
// that is too long; and one that changes when it is sent again as it was stored.
func FuzzException(f *testing.F) {
	for _, folder := range []string{"accepted", "refused"} {
		files, err := filepath.Glob(filepath.Join("testdata", "exceptions", folder, "*.txt"))
		if err != nil || len(files) == 0 {
			f.Fatalf("got files %v and %v, want some", files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			properties, _, _ := strings.Cut(string(text), "\n\n")
			f.Add(properties)
		}
	}
	f.Add(listed(stacked(strings.Repeat("é", 200), strings.Repeat("é", 6000), goFrame("main.main", 1, true))))
	f.Fuzz(func(t *testing.T, properties string) {
		if !json.Valid([]byte(properties)) {
			return
		}
		s := posthogtest.NewServer(t, nil)
		if call(t, s, "POST", "/batch/", nil, batch(raised("u", properties))).status != 200 {
			return
		}
		rows, refused := s.Rows(), slices.Contains(kinds(s), posthogtest.MalformedException)
		if stored := len(rows) == 1; stored == refused || len(s.Issues()) != len(rows) {
			t.Fatalf("got %d rows, %d issues and warnings %v, want one or the other", len(rows), len(s.Issues()), s.Warnings())
		}
		if refused {
			return
		}
		list := rows[0].Exceptions()
		if len(list) == 0 {
			t.Fatalf("got no exceptions of %v", rows[0].Properties)
		}
		for _, e := range list {
			if e.Type == "" || len(e.Type) > 255 || len(e.Value) > 10_000 || !utf8.ValidString(e.Type) || !utf8.ValidString(e.Value) {
				t.Errorf("got type %q and value %q", e.Type, e.Value)
			}
		}
		for name := range rows[0].Properties {
			if name == "$exception_types" || name == "$exception_releases" || name == "$cymbal_errors" {
				t.Errorf("got property %s stored", name)
			}
		}
		stored, err := json.Marshal(rows[0].Properties)
		if err != nil {
			t.Fatal(err)
		}
		before := len(s.Warnings())
		post(t, s, batch(raised("u", string(stored))), 200)
		if issues := s.Issues(); len(issues) != 1 || len(issues[0].Events) != 2 {
			t.Errorf("got issues %+v, want one with both", issues)
		}
		for _, w := range s.Warnings()[before:] {
			if w.Kind == posthogtest.ExceptionCut || w.Kind == posthogtest.ServerOwnedProperty {
				t.Errorf("got %s, want nothing left to cut or to remove", w)
			}
		}
	})
}
