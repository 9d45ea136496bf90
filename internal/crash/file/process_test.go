package file_test

import (
	"context"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/ring"
)

// dirEnv tells a child where to leave its crash file, and endEnv how to end.
const (
	dirEnv = "CRASH_FILE_TEST_DIR"
	endEnv = "CRASH_FILE_TEST_END"
)

var childSteps = []string{
	`{"$message":"put the kettle on","$timestamp":"2026-08-22T09:15:04.123Z"}`,
	`{"$message":"looked into the tin","$timestamp":"2026-08-22T09:15:05.000Z","leaves":0}`,
}

func TestMain(m *testing.M) {
	dir := os.Getenv(dirEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	f, err := file.Create(dir, header, time.Now())
	if err != nil {
		panic(err)
	}
	if err := debug.SetCrashOutput(f.Output(), debug.CrashOptions{}); err != nil {
		panic(err)
	}
	steps, err := f.OpenSteps(ring.DefaultSize)
	if err != nil {
		panic(err)
	}
	for _, step := range childSteps {
		if !steps.Add([]byte(step)) {
			panic("a step was not added")
		}
	}
	switch os.Getenv(endEnv) {
	case "panic":
		panic("out of tea")
	case "panic after a record":
		if err := f.Record([]byte(`{"event":"$exception"}`)); err != nil {
			panic(err)
		}
		go panic("in a goroutine")
		select {}
	case "full disk":
		for f.Record([]byte(`"`+strings.Repeat("x", 30_000)+`"`)) == nil {
			continue
		}
		os.Exit(3)
	case "no descriptors":
		var open []*os.File
		for o, err := os.Open(os.DevNull); err == nil; o, err = os.Open(os.DevNull) {
			open = append(open, o)
		}
		none, _ := file.Find(dir, time.Now())
		_ = open[0].Close() // enough for the directory, and then for the first of two files
		some, _ := file.Find(dir, time.Now())
		for _, o := range open[1:] {
			_ = o.Close()
		}
		if all, err := file.Find(dir, time.Now()); none.Exhausted && some.Exhausted && !all.Exhausted && err == nil {
			os.Exit(3)
		}
	case "exit":
		os.Exit(3)
	case "kill":
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			panic(err)
		}
		_ = self.Kill() // the end of this process, soon
		_, _ = os.Stdin.Read(make([]byte, 1))
	case "in order":
		if err := debug.SetCrashOutput(nil, debug.CrashOptions{}); err != nil {
			panic(err)
		}
		if err := f.Remove(); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
}

// Proves EXC-33.
func TestChildrenLeaveTheirLastWords(t *testing.T) {
	t.Parallel()
	for end, want := range map[string]struct {
		files, records int
		message        string
	}{
		"panic":                {1, 0, "out of tea"},
		"panic after a record": {1, 1, "in a goroutine"},
		"exit":                 {1, 0, ""},
		"kill":                 {1, 0, ""},
		"in order":             {0, 0, ""},
	} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // or a child that lives outlives the test
			defer cancel()
			command := exec.CommandContext(ctx, os.Args[0])
			command.Env = append(os.Environ(), dirEnv+"="+dir, endEnv+"="+end, "GOTRACEBACK=single")
			if _, err := command.StdinPipe(); err != nil { // which stays open, for one of them waits at it
				t.Fatal(err)
			}
			if err := command.Run(); (err == nil) != (end == "in order") {
				t.Fatalf("the child ended with %v", err)
			}
			s := find(t, dir)
			if len(s.Left) != want.files {
				t.Fatalf("got %+v, want %d files", s, want.files)
			}
			if want.files == 0 {
				if got := names(t, dir); got != "" {
					t.Errorf("got files %q, want none", got)
				}
				return
			}
			l := s.Left[0]
			r := crash.Parse(l.Text)
			if len(l.Records) != want.records || r.Message != want.message || l.Header.UUID != header.UUID {
				t.Errorf("got %d records and message %q, want %d and %q; the text:\n%s", len(l.Records), r.Message, want.records, want.message, l.Text)
			}
			if got := texts(l.Steps); got != strings.Join(childSteps, " ") {
				t.Errorf("got steps %s, want %s", got, childSteps)
			}
			if want.message != "" && !strings.Contains(string(l.Text), "TestMain") {
				t.Errorf("got the text\n%s\nwant a stack", l.Text)
			}
		})
	}
}
