package stack_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/stack/image"
)

//go:noinline
func around(t *stack.Trace, limit int) { inlinedOnce(t, limit) }

func inlinedOnce(t *stack.Trace, limit int) { inlinedTwice(t, limit) }

func inlinedTwice(t *stack.Trace, limit int) { middle2(t, limit) }

//go:noinline
func middle2(t *stack.Trace, limit int) { t.Capture(0, limit) }

// everywhere is a binary that takes all of the memory.
func everywhere() *image.Image { return &image.Image{ImageAddr: "0x1000", End: math.MaxUint64} }

// Proves EXC-25.
func TestNativeFrames(t *testing.T) {
	t.Parallel()
	var trace stack.Trace
	around(&trace, 0)
	m := everywhere()
	frames := innermost(stack.NewRules(nil, stack.Options{Image: m}).Frames(&trace), 4)
	if got := functions(frames); got != "stack_test.around stack_test.inlinedOnce stack_test.inlinedTwice stack_test.middle2" {
		t.Fatalf("got frames %s", got)
	}
	inline := ""
	for _, f := range frames {
		if f.Platform != "native" || f.Lang != "go" || !f.ClientResolved || f.ImageAddr != "0x1000" ||
			!strings.HasPrefix(f.InstructionAddr, "0x") || !strings.HasPrefix(f.SymbolAddr, "0x") {
			t.Errorf("got frame %+v, want a native one", f)
		}
		if f.Inline {
			inline += " " + f.Function[strings.LastIndexByte(f.Function, '.')+1:]
		}
	}
	if inline != " inlinedOnce inlinedTwice" {
		t.Errorf("got inlined frames%s, want those that are", inline)
	}
	if a, b := frames[0], frames[2]; a.InstructionAddr != b.InstructionAddr || a.SymbolAddr != b.SymbolAddr {
		t.Errorf("got addresses %s and %s of a call and what was inlined into it, want the same", a.InstructionAddr, b.InstructionAddr)
	}
	if frames[3].InstructionAddr == frames[2].InstructionAddr {
		t.Error("two calls share an address")
	}

	pcs := callers()
	own := stack.NewRules(nil, stack.Options{Image: m}).Exceptions(stack.Walk(&plain{pcs}, nil), nil, stack.Boundary{})[0].Stack.Frames
	if got, want := own[len(own)-1].InstructionAddr, fmt.Sprintf("%#x", pcs[0]); got != want {
		t.Errorf("got address %s of a call, want the one that it returns to, %s", got, want)
	}

	list := []stack.Exception{{}, {Stack: &stack.Stack{Frames: frames}}}
	if got := stack.Images(list, m); len(got) != 1 || got[0] != m {
		t.Errorf("got images %v, want the binary", got)
	}
	elsewhere := &image.Image{ImageAddr: "0x2000", Start: math.MaxUint64, End: math.MaxUint64}
	others := stack.NewRules(nil, stack.Options{Image: elsewhere}).Frames(&trace)
	if others[0].Platform != "go" || others[0].InstructionAddr != "" {
		t.Errorf("got frame %+v of another binary, want a plain one", others[0])
	}
	if got := stack.Images(list, elsewhere); got != nil {
		t.Errorf("got images %v that nothing refers to, want none", got)
	}
	if got := stack.Images(list, nil); got != nil {
		t.Errorf("got images %v of no binary, want none", got)
	}
}

func TestLimitsDoNotDivideWhatWasInlined(t *testing.T) {
	t.Parallel()
	var trace stack.Trace
	around(&trace, 0)
	for limit, want := range map[int]string{
		4: "stack_test.around stack_test.inlinedOnce stack_test.inlinedTwice stack_test.middle2",
		3: "stack_test.middle2",
		2: "stack_test.middle2",
		1: "stack_test.middle2",
	} {
		frames := stack.NewRules(nil, stack.Options{Image: everywhere(), MaxFrames: limit}).Frames(&trace)
		if got := functions(frames); got != want {
			t.Errorf("at most %d frames: got %s, want %s", limit, got, want)
		}
	}
}
