package stack_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/stack"
)

func numbered(n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\r\n", i+1)
	}
	return []byte(b.String())
}

// panicking is a file system of the worst kind.
type panicking struct{}

func (panicking) Open(string) (fs.File, error) { panic("no files") }

// sourced captures a stack whose innermost frames are this file's, and returns the one of the caller. A caller that wants
// lines is in a bubble, where no file takes too long.
func sourced(t *testing.T, sources *stack.Sources) *stack.Frame {
	t.Helper()
	var trace stack.Trace
	trace.Capture(1, 0)
	frames := stack.NewRules(nil, stack.Options{Sources: sources, Include: []string{"github.com/hedgerow/posthog/internal/stack_test"}}).Frames(&trace)
	return frames[len(frames)-1]
}

func TestSourceOfTheRunningTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sourced(t, stack.NewSources(nil, time.Time{}))
		if filepath.IsAbs(f.Path) { // without -trimpath
			if got, want := f.ContextLine, "\t\tf := sourced(t, stack.NewSources(nil, time.Time{}))"; got != want || f.Platform != "custom" || !f.Resolved {
				t.Errorf("got line %q of %+v, want %q", got, f, want)
			}
		}
		old := sourced(t, stack.NewSources(nil, time.Unix(1, 0)))
		if old.ContextLine != "" || old.Platform != "go" {
			t.Errorf("a file that changed after the build: got %+v, want no lines", old)
		}
	})
}

func TestSourceLines(t *testing.T) {
	t.Parallel()
	name := sourced(t, nil).Filename
	for title, tc := range map[string]struct {
		files fs.FS
		want  bool
	}{
		"a long file":            {fstest.MapFS{name: {Data: numbered(1000)}}, true},
		"a file that is shorter": {fstest.MapFS{name: {Data: numbered(10)}}, false},
		"an empty file":          {fstest.MapFS{name: {}}, false},
		"a file that is missing": {fstest.MapFS{}, false},
		"a folder":               {fstest.MapFS{name: {Mode: fs.ModeDir}}, false},
		"a file of megabytes":    {fstest.MapFS{name: {Data: bytes.Repeat([]byte("line\n"), 500_000)}}, false},
		"a file of one line":     {fstest.MapFS{name: {Data: []byte(strings.Repeat("x", 3<<20))}}, false},
		"a panic":                {panicking{}, false},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := sourced(t, stack.NewSources(tc.files, time.Time{}))
				if !tc.want {
					if f.ContextLine != "" || f.PreContext != nil || f.Platform != "go" {
						t.Errorf("got %+v, want no lines", f)
					}
					return
				}
				want := fmt.Sprintf("line %d | line %d", f.Line-5, f.Line+5)
				if len(f.PreContext) != 5 || len(f.PostContext) != 5 {
					t.Fatalf("got %d lines before and %d after, want 5 each", len(f.PreContext), len(f.PostContext))
				}
				if got := f.PreContext[0] + " | " + f.PostContext[4]; got != want || f.ContextLine != fmt.Sprintf("line %d", f.Line) {
					t.Errorf("got %s around %s, want %s", got, f.ContextLine, want)
				}
			})
		})
	}
}

func TestSourceOfOthersIsNotRead(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(nil, stack.Options{Sources: stack.NewSources(nil, time.Time{})})
	var trace stack.Trace
	trace.Capture(0, 0)
	for _, f := range rules.Frames(&trace) {
		if !f.InApp && f.ContextLine != "" {
			t.Errorf("got lines of %+v, which is not the application's", f)
		}
	}
}
