package file_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

var header = file.Header{
	UUID: "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", PID: 4711, Start: "2026-08-22T12:00:00Z", Go: "go1.26.8",
	Main: "example.com/shop", Exe: "/app/shop", Host: "h1", Props: json.RawMessage(`{"env":"prod"}`),
}

// create makes a crash file in dir, at a number of minutes before now.
func create(t *testing.T, dir string, before int) *file.File {
	t.Helper()
	f, err := file.Create(dir, header, time.Now().Add(-time.Duration(before)*time.Minute))
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	t.Cleanup(func() { _ = f.Remove() })
	return f
}

func write(t *testing.T, f *file.File, text string) {
	t.Helper()
	if _, err := f.Output().WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// find sweeps dir and lets go of everything when the test ends.
func find(t *testing.T, dir string) file.Sweep {
	t.Helper()
	s, err := file.Find(dir, time.Now())
	if err != nil {
		t.Fatalf("find: %v", err)
	}
	t.Cleanup(func() {
		for _, l := range s.Left {
			l.Keep()
		}
	})
	return s
}

// names returns what is in dir, with the parts that are never the same left out.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		name := e.Name()
		if i := strings.IndexByte(name, '.'); strings.HasPrefix(name, "ph-") && i >= 0 {
			name = name[i:]
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// Proves EXC-33.
func TestTheFileOfTheLivingIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "on the way")
	f := create(t, dir, 0)
	write(t, f, "panic: not yet\n")
	if s := find(t, dir); len(s.Left)+len(s.Torn)+s.Dropped != 0 {
		t.Errorf("got %+v while the owner lives, want nothing", s)
	}
	f.Die()
	s := find(t, dir)
	if len(s.Left) != 1 {
		t.Fatalf("got %+v of the dead, want one file", s)
	}
	if again := find(t, dir); len(again.Left) != 0 {
		t.Errorf("got %+v while another sweeper has it, want nothing", again)
	}
	if err := s.Left[0].Done(); err != nil {
		t.Fatal(err)
	}
	if err := s.Left[0].Done(); err != nil {
		t.Errorf("done again: %v", err)
	}
	if got := names(t, dir); got != "" {
		t.Errorf("got files %q after Done, want none", got)
	}
}

func TestWhatTheDeadWroteIsRead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		records []string
		text    string
	}{
		"nothing":                          {nil, ""},
		"a text":                           {nil, "panic: x\n\ngoroutine 1 [running]:\n"},
		"records":                          {[]string{`{"a":1}`, `{"b":2}`}, ""},
		"records and text":                 {[]string{`{"a":1}`}, "\ngoroutine 1 [running]:\n"},
		"a text that begins like a record": {[]string{`{"a":1}`}, "=00000000 {}\npanic: x\n"},
		"a record that is cut off":         {nil, "=0000"},
		"lines like the separator":         {nil, "---\n---\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			f := create(t, dir, 0)
			for _, r := range tc.records {
				if err := f.Record([]byte(r)); err != nil {
					t.Fatal(err)
				}
			}
			write(t, f, tc.text)
			f.Die()
			s := find(t, dir)
			if len(s.Left) != 1 {
				t.Fatalf("got %+v, want one file", s)
			}
			l := s.Left[0]
			want := header
			want.Version = 1
			if got := fmt.Sprintf("%+v", l.Header); got != fmt.Sprintf("%+v", want) {
				t.Errorf("got header %s, want %+v", got, want)
			}
			if got := string(bytes.Join(l.Records, []byte("|"))); got != strings.Join(tc.records, "|") || string(l.Text) != tc.text {
				t.Errorf("got records %s and text %q, want %s and %q", got, l.Text, tc.records, tc.text)
			}
			if l.Attempts != 1 || time.Since(l.Time) > time.Hour {
				t.Errorf("got attempt %d at %v, want the first, of now", l.Attempts, l.Time)
			}
		})
	}
}

func TestRecordsThatWereDeliveredAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := create(t, dir, 0)
	for _, r := range []string{"{1}", "{2}"} {
		if err := f.Record([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Reset(); err != nil {
		t.Fatal(err)
	}
	if err := f.Record([]byte("{3}")); err != nil {
		t.Fatal(err)
	}
	write(t, f, "panic: x\n")
	f.Die()
	l := find(t, dir).Left[0]
	if got := fmt.Sprintf("%s %q", l.Records, l.Text); got != `[{3}] "panic: x\n"` {
		t.Errorf("got %s, want the third record and the text", got)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := create(t, dir, 0)
	for range 2 {
		if err := f.Remove(); err != nil {
			t.Errorf("remove: %v", err)
		}
	}
	if err := f.Record([]byte("{}")); !errors.Is(err, file.ErrRemoved) {
		t.Errorf("record: got error %v, want ErrRemoved", err)
	}
	if err := f.Reset(); !errors.Is(err, file.ErrRemoved) {
		t.Errorf("reset: got error %v, want ErrRemoved", err)
	}
	if got := names(t, dir); got != "" {
		t.Errorf("got files %q, want none", got)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := create(t, dir, 0)
	if err := f.Record(make([]byte, 2<<20)); !errors.Is(err, file.ErrTooLarge) {
		t.Errorf("a large record: got error %v, want ErrTooLarge", err)
	}
	if err := f.Record([]byte("{\n}")); err == nil {
		t.Error("a record of two lines was accepted")
	}
	large := header
	large.Props = json.RawMessage(`"` + strings.Repeat("x", 70_000) + `"`)
	if _, err := file.Create(dir, large, time.Now()); !errors.Is(err, file.ErrTooLarge) {
		t.Errorf("a large header: got error %v, want ErrTooLarge", err)
	}
	large.Props = json.RawMessage("{")
	if _, err := file.Create(dir, large, time.Now()); err == nil {
		t.Error("properties that are no JSON were accepted")
	}
	occupied := filepath.Join(dir, "occupied")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Create(occupied, header, time.Now()); err == nil {
		t.Error("a directory that is a file was accepted")
	}
	if _, err := file.Find(occupied, time.Now()); err == nil {
		t.Error("a directory that is a file was read")
	}
	if s, err := file.Find(filepath.Join(dir, "missing"), time.Now()); err != nil || len(s.Left) != 0 {
		t.Errorf("a directory that is missing: got %+v and error %v, want nothing", s, err)
	}
}

func TestRecordNoAlloc(t *testing.T) {
	f := create(t, t.TempDir(), 0)
	record := []byte(`{"event":"$exception"}`)
	if n := testing.AllocsPerRun(20, func() {
		if err := f.Record(record); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("got %v allocations a record, want 0", n)
	}
}
