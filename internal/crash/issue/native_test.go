package issue_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/crash/issue"
	"github.com/hedgerow/posthog/internal/stack/image"
)

const nativeText = `panic: x

goroutine 7 gp=0xc0 m=0 mp=0x1 [running]:
panic({0x5eec80?, 0x64f790?})
	/go/panic.go:860 +0x13a fp=0x1 sp=0x2 pc=0x48731a
runtime.panicmem(...)
	/go/panic.go:336
runtime.sigpanic()
	/go/signal_unix.go:945 +0x285 fp=0x1 sp=0x2 pc=0x489385
main.innermost(...)
	/src/main.go:1
main.inner(...)
	/src/main.go:2
main.middle(0x7)
	/src/main.go:3 +0x10 fp=0x1 sp=0x2 pc=0x401010
main.around(0x7)
	/src/main.go:4 +0x20 fp=0x1 sp=0x2 pc=0x402020
main.single()
	/src/main.go:5 +0x30
_cgo_elsewhere()
	/src/main.c:6 +0x40 fp=0x1 sp=0x2 pc=0x7fff0040
main.outer(...)
	/src/main.go:7
main.main()
	/src/main.go:8 +0x50 fp=0x1 sp=0x2 pc=0x403050
created by main.start in goroutine 1
	/src/main.go:9 +0x60
`

// Native frames are those whose addresses are known and lie in the binary. What was inlined goes with the call that it
// was inlined into. Proves EXC-25.
func TestNativeFramesOfACrash(t *testing.T) {
	t.Parallel()
	m := &image.Image{ImageAddr: "0x400000", Start: 0x400000, End: 0x500000}
	r := crash.Parse([]byte(nativeText))
	shown := func(m *image.Image, most int) string {
		var b strings.Builder
		for _, f := range issue.Exceptions(&r, rules(most), m)[0].Stack.Frames {
			if f.Platform == "go" {
				fmt.Fprintf(&b, "%s\n", f.Function)
				continue
			}
			fmt.Fprintf(&b, "%s %s %s %s %s", f.Function, f.Platform, f.Lang, f.InstructionAddr, f.SymbolAddr)
			if f.Inline {
				b.WriteString(" inline")
			}
			if f.ImageAddr != m.ImageAddr || !f.ClientResolved {
				fmt.Fprintf(&b, " %+v", f)
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	const inner = `main.middle native go 0x401011 0x401000
main.inner native go 0x401011 0x401000 inline
main.innermost native go 0x401011 0x401000 inline
`
	const whole = `main.start
main.main native go 0x403050 0x403000
main.outer native go 0x403050 0x403000 inline
_cgo_elsewhere
main.single
main.around native go 0x402020 0x402000
` + inner
	for most, want := range map[int]string{
		0: whole,
		4: "main.start\n" + inner,
		3: "main.start\nmain.inner\nmain.innermost\n",
		1: "main.start\n",
	} {
		if got := shown(m, most); got != want {
			t.Errorf("at most %d frames: got\n%swant\n%s", most, got, want)
		}
	}
	if got := shown(nil, 0); strings.Contains(got, "native") {
		t.Errorf("got\n%swant no native frames without a binary", got)
	}
	if got := shown(&image.Image{Start: 0x900000, End: 0x901000}, 0); strings.Contains(got, "native") {
		t.Errorf("got\n%swant no native frames of another binary", got)
	}
}

// The runtime tells addresses of fatal errors and signals without being asked.
func TestAFaultHasAddresses(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../testdata/texts/go1.26.8/fault.single.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := crash.Parse(text)
	for _, f := range issue.Exceptions(&r, rules(0), &image.Image{ImageAddr: "0x400000", Start: 0x400000, End: 0x800000})[0].Stack.Frames {
		if f.Platform != "native" {
			t.Errorf("got %+v, want a native frame", f)
		}
	}
}

// A signal interrupts a statement, whose address is not that of a return. The calls further out are as ever.
func TestASignalInterruptsAStatement(t *testing.T) {
	t.Parallel()
	r := crash.Parse([]byte(`SIGQUIT: quit
PC=0x401010 m=0 sigcode=0

goroutine 1 gp=0x1 m=0 mp=0x2 [running]:
main.inner(...)
	/src/main.go:1
main.loop()
	/src/main.go:2 +0x10 fp=0x1 sp=0x2 pc=0x401010
main.loop()
	/src/main.go:2 +0x10 fp=0x1 sp=0x2 pc=0x401010
main.main()
	/src/main.go:3 +0x20 fp=0x1 sp=0x2 pc=0x402020
`))
	var got []string
	for _, f := range issue.Exceptions(&r, rules(0), &image.Image{ImageAddr: "0x400000", Start: 0x400000, End: 0x800000})[0].Stack.Frames {
		got = append(got, f.InstructionAddr)
	}
	if want := []string{"0x402020", "0x401010", "0x401011", "0x401011"}; !slices.Equal(got, want) {
		t.Errorf("got addresses %v, want %v", got, want)
	}
}
