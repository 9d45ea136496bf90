package issue_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/crash/issue"
	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/stack"
)

func rules(frames int) *stack.Rules {
	info := &debug.BuildInfo{Path: "example.com/shop/cmd/shop", Main: debug.Module{Path: "example.com/shop"}}
	return stack.NewRules(info, stack.Options{MaxFrames: frames, Include: []string{"github.com/hedgerow/posthog/internal/crash_test"}})
}

// Proves EXC-5.
func TestExceptions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"go1.26.8/three.single", "go1.26.8/goroutine.single", "go1.26.8/nil_dereference.single", "go1.26.8/unlock.single",
		"go1.26.8/goexit_deadlock.single.stderr", "go1.26.8/sigabrt.single", "made/cgo", "made/elided", "made/strange",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "testdata", "texts", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			r := crash.Parse(text)
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetIndent("", "  ")
			for _, v := range []any{issue.Exceptions(&r, rules(0), nil), issue.Properties(&r)} {
				if err := e.Encode(v); err != nil {
					t.Fatal(err)
				}
			}
			golden.Compare(t, "testdata/"+strings.ReplaceAll(name, "/", "_")+".json", b.Bytes())
		})
	}
}

func TestNothingIsNoException(t *testing.T) {
	t.Parallel()
	if list := issue.Exceptions(&crash.Report{}, rules(0), nil); list != nil {
		t.Errorf("got %+v, want none", list)
	}
}

func TestListsAndStacksAreLimited(t *testing.T) {
	t.Parallel()
	text := "panic: 0" + strings.Repeat("\n\tpanic: x", 60) + "\n\ngoroutine 3000000000 [running]:\n" +
		strings.Repeat("main.f()\n\t/f.go:1 +0x1\npanic(0x1)\n\t/p.go:1 +0x1\n", 70) + "created by main.g in goroutine 1\n\t/g.go:2 +0x2\n"
	r := crash.Parse([]byte(text))
	list := issue.Exceptions(&r, rules(3), nil)
	if len(list) != stack.MaxExceptions {
		t.Errorf("got %d exceptions, want %d", len(list), stack.MaxExceptions)
	}
	got := ""
	for _, f := range list[0].Stack.Frames {
		got += fmt.Sprintf(" %s:%d %v", f.Function, f.Line, f.Synthetic)
	}
	if want := " main.g:2 true main.f:1 false main.f:1 false"; got != want || list[0].ThreadID != 0 {
		t.Errorf("got frames%s and thread %d, want%s and none", got, list[0].ThreadID, want)
	}
}
