package file_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// Proves EXC-33.
func TestAMonitorTakesTheFileOfItsOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := withSteps(t, dir, `{"n":1}`)
	crash := path(t, dir, ".crash")
	if _, err := file.Take(crash, nil); !errors.Is(err, file.ErrHeld) {
		t.Fatalf("while the owner lives: got error %v, want ErrHeld", err)
	}
	f.Die()
	l, err := file.Take(crash, nil)
	if err != nil {
		t.Fatalf("got error %v, want the file of the dead", err)
	}
	if l.Header.UUID != header.UUID || l.Attempts != 1 || texts(l.Steps) != `{"n":1}` || names(t, dir) != ".1.crash .steps" {
		t.Errorf("got %+v, steps %s and files %q", l, texts(l.Steps), names(t, dir))
	}
	if s := find(t, dir); len(s.Left) != 0 {
		t.Errorf("got %+v while the monitor has it, want nothing", s)
	}
	if _, err := file.Take(path(t, dir, ".crash"), nil); !errors.Is(err, file.ErrHeld) {
		t.Errorf("while another has it: got error %v, want ErrHeld", err)
	}
	if err := l.Done(); err != nil || names(t, dir) != "" {
		t.Errorf("got error %v and files %q after Done, want none", err, names(t, dir))
	}
	if _, err := file.Take(crash, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("when it is gone: got error %v, want os.ErrNotExist", err)
	}
}

func TestFilesThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	named := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"notes.txt": "x", "ph-1-2-8c1f60a4b2d97e35.torn": "x", "ph-1-2-8c1f60a4b2d97e36.crash": "no header",
		"ph-1-2-8c1f60a4b2d97e37.5.crash": "x", "ph-1-2-8c1f60a4b2d97e37.steps": "x",
	} {
		if err := os.WriteFile(named(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(named("ph-1-2-8c1f60a4b2d97e38.crash"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"notes.txt": nil, "ph-1-2-8c1f60a4b2d97e35.torn": nil, "ph-1-2-8c1f60a4b2d97e37.steps": nil, "ph-1-2-8c1f60a4b2d97e38.crash": nil,
		"ph-1-2-8c1f60a4b2d97e36.crash": file.ErrTorn, "ph-1-2-8c1f60a4b2d97e37.5.crash": file.ErrDropped,
		"ph-1-2-8c1f60a4b2d97e39.crash": os.ErrNotExist,
	} {
		l, err := file.Take(named(name), nil)
		if l != nil || err == nil || want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v and error %v, want %v", name, l, err, want)
		}
	}
	if got := names(t, dir); got != "notes.txt .torn .torn .crash" {
		t.Errorf("got files %q, want one more that is torn, and one less with its steps", got)
	}
}

// takeOf takes the file of a process that lived for long, and left that record, if any, and that text.
func takeOf(t *testing.T, dir, record, text string) *file.Left {
	t.Helper()
	f := create(t, dir, 0)
	if record != "" {
		if err := f.Record([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, f, text)
	f.Die()
	age(t, path(t, dir, ".crash"), 30)
	l, err := file.Take(path(t, dir, ".crash"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// What a monitor puts into a file is what the runtime would have left there, for the next start: the same event, at the same time.
//
// Proves EXC-32.
func TestATextThatWasNotDelivered(t *testing.T) {
	t.Parallel()
	crashed := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	for name, c := range map[string]struct {
		records, there, text, want string
	}{
		"alone":                                 {"", "", "panic: x\n", "panic: x\n"},
		"after a record":                        {`{"a":1}`, "", "panic: x\n", "panic: x\n"},
		"after a text":                          {"", "fatal error: y\n", "panic: x\n", "fatal error: y\npanic: x\n"},
		"after a record that was cut off":       {`{"a":1}`, "=0012", "panic: x\n", "=0012\npanic: x\n"},
		"one that looks like a record":          {`{"a":1}`, "", record("{}"), "\n" + record("{}")},
		"nothing":                               {`{"a":1}`, "", "", ""},
		"of a megabyte":                         {"", "", strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20)},
		"of more":                               {"", "there\n", strings.Repeat("x", 1<<20+1), "there\n" + strings.Repeat("x", 1<<20-6)},
		"where there is more than can be read":  {"", strings.Repeat("y", 1<<20+9), "panic: x\n", strings.Repeat("y", 1<<20)},
		"one that begins with an end of a line": {"", "", "\ngoroutine 1 [running]:\n", "\ngoroutine 1 [running]:\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l := takeOf(t, dir, c.records, c.there)
			if err := l.Append([]byte(c.text), crashed); err != nil {
				t.Fatalf("append: %v", err)
			}
			l.Keep()
			again := take(t, dir)
			if got := string(again.Text); got != c.want || texts(again.Records) != c.records {
				t.Errorf("got records %s and text %.40q of %d bytes, want %s and %.40q of %d", texts(again.Records), got, len(got), c.records, c.want, len(c.want))
			}
			if !bytes.Equal(l.Text, again.Text) || !l.Time.Equal(crashed) || !again.Time.Equal(crashed) || again.Attempts != 2 {
				t.Errorf("got attempt %d, times %v and %v, and that the text was foretold: %v, want the second, %v and true",
					again.Attempts, l.Time, again.Time, bytes.Equal(l.Text, again.Text), crashed)
			}
		})
	}
}

func TestATextThatComesTooLate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	create(t, dir, 0).Die()
	l := take(t, dir)
	l.Keep()
	if err := l.Append([]byte("panic: x\n"), time.Now()); err == nil {
		t.Error("got no error from a file that was given back, want one")
	}
	if l := take(t, dir); len(l.Text) != 0 {
		t.Errorf("got text %q, want none", l.Text)
	}
}
