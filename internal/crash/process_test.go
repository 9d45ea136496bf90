//go:build unix

package crash_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/stack/image"
)

// deathEnv tells a child how to end, and fileEnv where the runtime shall write.
const (
	deathEnv = "CRASH_TEST_DEATH"
	fileEnv  = "CRASH_TEST_FILE"
)

var record = flag.String("crash.record", "", "write the texts of crashing children to this `folder`, "+
	"such as testdata/texts/go1.26; use -trimpath with it")

func TestMain(m *testing.M) {
	if die := deaths[os.Getenv(deathEnv)]; die != nil {
		file, err := os.OpenFile(os.Getenv(fileEnv), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		if err := debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
			panic(err)
		}
		if _, start, err := image.Place(); err == nil {
			fmt.Println(start)
		}
		die()
	}
	os.Exit(m.Run())
}

// An end is what is left of a child: what the runtime wrote to the crash file, and to standard error, and where the
// binary was loaded, if that is known.
type end struct {
	text, stderr []byte
	place        uint64
}

// died runs a child to its end.
func died(t *testing.T, death, traceback string) end {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crash")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // or a child that lives outlives the test
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), deathEnv+"="+death, fileEnv+"="+path, "GOTRACEBACK="+traceback)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err == nil {
		t.Fatalf("the child lived; it should have ended with %s", death)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	place, _ := strconv.ParseUint(strings.TrimSpace(stdout.String()), 10, 64) // it may be unknown
	return end{text: text, stderr: stderr.Bytes(), place: place}
}

func TestRecord(t *testing.T) {
	if *record == "" {
		return
	}
	for death := range deaths {
		for _, level := range []string{"single", "system"} {
			end := died(t, death, level)
			for suffix, text := range map[string][]byte{"": end.text, ".stderr": end.stderr} {
				path := filepath.Join(*record, death+"."+level+suffix+".txt")
				if err := os.WriteFile(path, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// The texts of testdata are of one version of Go; these are of the one that runs the tests.
func TestTextsOfThisVersionOfGo(t *testing.T) {
	t.Parallel()
	for death, want := range map[string]struct {
		kind           crash.Kind
		title, message string
		function       string // how the name of where it happened begins
	}{
		"panic_error":           {crash.Panic, "panic", "pay: gateway down", "leaf"},
		"nil_dereference":       {crash.Panic, "runtime.Error", "runtime error: invalid memory address or nil pointer dereference", "init."},
		"goroutine":             {crash.Panic, "panic", "in a goroutine", "leaf"},
		"nested":                {crash.Panic, "panic", "second", "leaf"},
		"repanicked":            {crash.Panic, "panic", "first", "leaf"},
		"panic_lines":           {crash.Panic, "panic", "one\npanic: two\n\ngoroutine 7 [running]:\nmain.forged(0x1)\n\t/tmp/forged.go:1 +0x1", "leaf"},
		"concurrent_map_writes": {crash.Fatal, "fatal error", "concurrent map access", "init."},
		"unlock":                {crash.Fatal, "fatal error", "sync: unlock of unlocked mutex", "internal/sync.(*Mutex).unlockSlow"},
		"stack_overflow":        {crash.Fatal, "fatal error", "stack overflow", "descend"},
		"go_nil":                {crash.Fatal, "fatal error", "fatal error", "init."},
		"fault":                 {crash.Fatal, "fatal error", "fatal error", "init."},
		"panic_unprintable":     {crash.Fatal, "fatal error", crash.Unprintable, "unprintable.Error"},
		"sigabrt":               {crash.Signal, "SIGABRT", "abort", "sys"},
	} {
		t.Run(death, func(t *testing.T) {
			t.Parallel()
			text := died(t, death, "single").text
			r := crash.Parse(text)
			if r.Kind != want.kind || r.Type != want.title || r.Message != want.message {
				t.Errorf("got %s, %s: %q; want %s, %s: %q\n%s", r.Kind, r.Type, r.Message, want.kind, want.title, want.message, text)
			}
			frames := r.Stack()
			if len(frames) == 0 {
				t.Fatalf("got no frames of\n%s", text)
			}
			name := strings.TrimPrefix(frames[0].Function, "github.com/hedgerow/posthog/internal/crash_test.")
			if !strings.HasPrefix(name, want.function) || frames[0].Line == 0 || frames[0].File == "" {
				t.Errorf("got innermost frame %+v, want %s of\n%s", frames[0], want.function, text)
			}
		})
	}
}
