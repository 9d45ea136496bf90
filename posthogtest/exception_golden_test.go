package posthogtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/posthogtest"
)

// Each file is the properties of an $exception, an empty line, and what became
// of it.
func eachException(t *testing.T, folder string, outcome func(t *testing.T, s *posthogtest.Server) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "exceptions", folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got files %v and %v, want some", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			properties, _, _ := strings.Cut(string(text), "\n\n")
			s := raise(t, raised("u", properties), event("other", "u", 2))
			if n := len(s.Recorder(t).Events()); n == 0 || s.Recorder(t).Events()[n-1].Name != "other" {
				t.Errorf("%s: the event beside it is gone", properties)
			}
			golden.Compare(t, file, []byte(properties+"\n\n"+outcome(t, s)))
		})
	}
}

// Proves EXC-44: what PostHog cannot read loses the whole event, and the warning
// says what it was.
func TestWhatErrorTrackingRefuses(t *testing.T) {
	t.Parallel()
	eachException(t, "refused", func(t *testing.T, s *posthogtest.Server) string {
		t.Helper()
		if rows, issues := len(s.Rows()), s.Issues(); rows != 1 || len(issues) != 0 {
			t.Errorf("got %d rows and issues %v, want nothing but the other event", rows, issues)
		}
		if list := s.Events()[0].Exceptions(); list != nil {
			t.Errorf("got exceptions %+v, want none", list)
		}
		warnings := s.Warnings()
		if len(warnings) != 1 || warnings[0].Kind != posthogtest.MalformedException || warnings[0].Event != "$exception" {
			t.Fatalf("got warnings %v, want one about a malformed exception", warnings)
		}
		return warnings[0].Detail + "\n"
	})
}

// Proves EXC-44.
func TestWhatErrorTrackingTakes(t *testing.T) {
	t.Parallel()
	eachException(t, "accepted", func(t *testing.T, s *posthogtest.Server) string {
		t.Helper()
		if rows := len(s.Rows()); rows != 2 {
			t.Errorf("got %d rows, want 2", rows)
		}
		var b strings.Builder
		for _, e := range s.Events()[0].Exceptions() {
			fmt.Fprintf(&b, "%s: %q module=%q thread=%d\n", e.Type, e.Value, e.Module, e.ThreadID)
			m := e.Mechanism
			fmt.Fprintf(&b, "  mechanism %q source=%q handled=%s synthetic=%s id=%s parent=%s\n",
				m.Type, m.Source, optional(m.Handled), optional(m.Synthetic), optional(m.ID), optional(m.ParentID))
			if e.Frames == nil {
				b.WriteString("  no stacktrace\n")
			}
			for _, f := range e.Frames {
				fmt.Fprintf(&b, "  %s\n", sketch(f))
			}
		}
		for _, is := range s.Issues() {
			by := is.Fingerprint
			if len(by) == 128 {
				by = "a hash"
			}
			fmt.Fprintf(&b, "issue %q: %q level=%q by %s\n", is.Name, is.Description, is.Level, by)
		}
		for _, w := range s.Warnings() {
			fmt.Fprintf(&b, "%s: %s\n", w.Kind, w.Detail)
		}
		return b.String()
	})
}

// optional is what a pointer points to, and a dash for nothing.
func optional[T any](p *T) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprint(*p)
}

// sketch is what a frame says, on one line.
func sketch(f posthogtest.Frame) string {
	var parts []string
	for field, value := range reflect.ValueOf(f).Fields() {
		if !value.IsZero() {
			parts = append(parts, fmt.Sprintf("%s=%v", field.Name, value))
		}
	}
	return strings.Join(parts, " ")
}
