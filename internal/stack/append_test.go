package stack_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/stack/image"
)

// everything is an exception with all that there is.
func everything(text string, number int, truth bool) []stack.Exception {
	texts := []string{text, "", text}
	return []stack.Exception{
		{},
		{
			Type: text, Value: text, Module: text, ThreadID: int32(number),
			Mechanism: stack.Mechanism{Type: text, Source: text, Handled: &truth, Synthetic: &truth, ID: number, Parent: &number},
			Stack: &stack.Stack{Type: text, Frames: []*stack.Frame{
				{},
				nil,
				{
					Platform: text, Function: text, Filename: text, Line: number, InApp: truth, Synthetic: truth, Lang: text,
					Resolved: truth, ContextLine: text, PreContext: texts[:number&3], PostContext: texts,
					InstructionAddr: text, SymbolAddr: text, ImageAddr: text, ClientResolved: truth, Inline: truth,
					Package: text, Path: text,
				},
			}},
		},
		{Mechanism: stack.Mechanism{Source: text}, Stack: &stack.Stack{Frames: []*stack.Frame{}}},
		{Mechanism: stack.Mechanism{Handled: &truth}, Stack: &stack.Stack{}},
	}
}

// requireMarshal fails unless the text is what encoding/json makes of the value. That writes some characters in another
// way, which mean the same.
func requireMarshal(tb testing.TB, text []byte, value any) {
	tb.Helper()
	want, err := json.Marshal(value)
	if err != nil {
		tb.Fatalf("marshal %+v: %v", value, err)
	}
	var got, wanted any
	if err := json.Unmarshal(text, &got); err != nil {
		tb.Fatalf("got %s: %v", text, err)
	}
	if err := json.Unmarshal(want, &wanted); err != nil {
		tb.Fatal(err)
	}
	if !reflect.DeepEqual(got, wanted) {
		tb.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestAppendExceptions(t *testing.T) {
	t.Parallel()
	var trace stack.Trace
	around(&trace, 0)
	of := func(err error, o stack.Options) []stack.Exception {
		return stack.NewRules(shop, o).Exceptions(stack.Walk(err, nil), &trace, stack.Boundary{Mechanism: "generic", Handled: new(true)})
	}
	chain := errors.Join(&chargeError{1, errBoom}, &traced{"x", callers()}, namedError{})
	var lined []stack.Exception
	synctest.Test(t, func(*testing.T) { // where no file takes too long
		sources := stack.NewSources(nil, time.Time{})
		lined = of(chain, stack.Options{Sources: sources, Include: []string{"github.com/hedgerow/posthog/internal/stack_test"}})
	})
	for name, list := range map[string][]stack.Exception{
		"nil":                        nil,
		"no exceptions":              {},
		"all that there is":          everything("text", 7, true),
		"nothing that may be absent": everything("", 0, false),
		"a tree":                     of(chain, stack.Options{}),
		"a tree for stable grouping": of(chain, stack.Options{StableGrouping: true, AlwaysCaptureSite: true}),
		"native frames":              of(chain, stack.Options{Image: everywhere()}),
		"lines of source code":       lined,
		"one panic after another":    stack.Supersede(of(chain, stack.Options{}), of(errBoom, stack.Options{})),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := stack.AppendExceptions([]byte("before"), list)
			text, found := bytes.CutPrefix(got, []byte("before"))
			if !found {
				t.Fatalf("got %s, want it behind what was there", got)
			}
			requireMarshal(t, text, list)
			var want bytes.Buffer
			e := json.NewEncoder(&want)
			e.SetEscapeHTML(false)
			if err := e.Encode(list); err != nil {
				t.Fatal(err)
			}
			if want := bytes.TrimSpace(want.Bytes()); !bytes.Equal(text, want) {
				t.Errorf("got  %s\nwant %s", text, want)
			}
		})
	}
}

func TestCopiesOfFramesMayChange(t *testing.T) {
	t.Parallel()
	var trace stack.Trace
	outer(&trace, 0)
	frames := stack.NewRules(nil, stack.Options{}).Frames(&trace)
	mine := *frames[0]
	mine.Function, mine.Line = "another.function", 4_711
	frames[0] = &mine
	list := []stack.Exception{{Stack: &stack.Stack{Type: "raw", Frames: frames}}}
	requireMarshal(t, stack.AppendExceptions(nil, list), list)
}

func TestAppendImages(t *testing.T) {
	t.Parallel()
	for name, images := range map[string][]*image.Image{
		"nil":       nil,
		"no images": {},
		"all that there is": {{
			Type: "elf", DebugID: "D", CodeID: "c", ImageAddr: "0x1", ImageVmaddr: "0x2", ImageSize: math.MaxUint64,
			CodeFile: "/usr/bin/\"shop\"", Arch: "arm64", Start: 1, End: 2,
		}, nil, {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireMarshal(t, stack.AppendImages(nil, images), images)
		})
	}
}

// FuzzAppend holds the two ways to write a list together.
func FuzzAppend(f *testing.F) {
	f.Add("text", 7, true)
	f.Add("\xff\x00\"\\<&> \u2028", -1, false)
	f.Add("", 0, true)
	f.Add("日本\xe6\x97", math.MaxInt, false)
	f.Fuzz(func(t *testing.T, text string, number int, truth bool) {
		list := everything(text, number, truth)
		requireMarshal(t, stack.AppendExceptions(nil, list), list)
	})
}
