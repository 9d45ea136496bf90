package posthog_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
)

// extract calls the extractor with one function of its own between it and the
// caller.
//
//go:noinline
func extract(x posthog.DefaultStackTraceExtractor, skip int) *posthog.ExceptionStacktrace {
	return x.GetStackTrace(skip)
}

// Skip counts as runtime.Callers does within the method: programs for posthog-go
// have such numbers. What is the library's own is left out in any case.
func TestTheExtractorSkips(t *testing.T) {
	t.Parallel()
	for _, x := range []posthog.DefaultStackTraceExtractor{{}, {InAppDecider: posthog.SimpleInAppDecider}} {
		for skip, want := range map[int]string{-1: "extract", 0: "extract", 1: "extract", 2: "extract", 3: "TestTheExtractorSkips", 4: "tRunner"} {
			trace := extract(x, skip)
			last := trace.Frames[len(trace.Frames)-1]
			if !strings.HasSuffix(last.Function, "."+want) || last.LineNo == 0 || last.Platform != "go" || trace.Type != "raw" {
				t.Errorf("skip %d: the stack ends with %+v, want %s", skip, last, want)
			}
			if first := trace.Frames[0]; first.Function != "testing.tRunner" {
				t.Errorf("skip %d: the stack begins with %+v, want testing.tRunner", skip, first)
			}
		}
		if trace := extract(x, 1000); trace == nil || trace.Frames == nil || len(trace.Frames) != 0 {
			t.Errorf("skip 1000: the stack is %+v, want one without frames", trace)
		}
		if images := x.GetDebugImages(); images != nil {
			t.Errorf("the images are %+v, want none for frames without addresses", images)
		}
	}
}

// A decider is asked for each frame, by its names; without one, the rules are
// those of the client.
func TestTheExtractorAsksItsDecider(t *testing.T) {
	t.Parallel()
	var asked []runtime.Frame
	for name, c := range map[string]struct {
		decider posthog.InAppDecider
		own     string // of the frames
	}{
		"none":   {nil, "TestTheExtractorAsksItsDecider"},
		"simple": {posthog.SimpleInAppDecider, "TestTheExtractorAsksItsDecider"},
		"its own": {func(f runtime.Frame) bool {
			asked = append(asked, f)
			return strings.HasPrefix(f.Function, "testing.")
		}, "tRunner"},
		"one that panics": {func(runtime.Frame) bool { panic("InAppDecider") }, ""},
	} {
		own := ""
		for _, f := range extract(posthog.DefaultStackTraceExtractor{InAppDecider: c.decider}, 3).Frames {
			if f.InApp {
				own += f.Function[strings.LastIndexByte(f.Function, '.')+1:]
			}
		}
		if own != c.own {
			t.Errorf("%s: the application's own are %q, want %q", name, own, c.own)
		}
	}
	if _, file, _, _ := runtime.Caller(0); len(asked) != 2 || asked[1].File != file || asked[1].Line == 0 {
		t.Errorf("the decider was asked for %+v, want both frames with files and lines", asked)
	}
}

// The simple decider is the library's opinion, whatever the paths are.
func TestSimpleInAppDecider(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]bool{
		"main.main": true, "main.main.func1": true, "github.com/hedgerow/posthog_test.TestX": true,
		"net/http.(*conn).serve": false, "runtime.goexit": false, "github.com/jackc/pgx/v5.(*Conn).Query": false,
		"github.com/hedgerow/posthog.(*ServerClient).CaptureException": false, "": false,
	} {
		if got := posthog.SimpleInAppDecider(runtime.Frame{Function: function, File: "/src/x.go", Line: 1}); got != want {
			t.Errorf("%q: got %v, want %v", function, got, want)
		}
	}
}
