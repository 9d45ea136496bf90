package file_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/crash/file"
)

const megabyte = 1 << 20

// However long the message is, the stack that comes after it is read, and so is the end of the message, where the last
// panic of a chain is.
func TestTheStackAfterALongMessage(t *testing.T) {
	t.Parallel()
	const stacks = "\n\ngoroutine 7 [running]:\nmain.leaf()\n\t/src/main.go:5 +0x25\n" +
		"panic({0x1, 0x2})\n\t/panic.go:1 +0x1\nmain.main()\n\t/src/main.go:9 +0x25\n"
	for name, message := range map[string]string{
		"a short one":                      "out of tea",
		"as long as a text may be":         strings.Repeat("x", megabyte),
		"where the stack ends it":          strings.Repeat("x", megabyte-len("panic: ")-len(stacks)),
		"where the stack is cut in halves": strings.Repeat("x", megabyte-len("panic: ")-len("\n\ngorou")),
		"of lines":                         strings.Repeat("goroutine 1 [running]:\n\t\n\t", megabyte/8),
		"of megabytes":                     strings.Repeat("é", megabyte),
		"of a quarter and a bit more":      strings.Repeat("y", megabyte+256<<10-3),
	} {
		whole := "panic: " + message + " [recovered]\n\tpanic: the last" + stacks
		for how, reader := range map[string]func(io.Reader) io.Reader{
			"at once":   func(r io.Reader) io.Reader { return r },
			"in halves": iotest.HalfReader,
			"with EOF":  iotest.DataErrReader,
		} {
			text, err := file.ReadText(reader(strings.NewReader(whole)))
			if err != nil || len(text) > megabyte {
				t.Errorf("%s, %s: got %d bytes, %v, want a megabyte at most", name, how, len(text), err)
			}
			if len(whole) <= megabyte && string(text) != whole {
				t.Errorf("%s, %s: got %d bytes of %d, want all", name, how, len(text), len(whole))
			}
			r := crash.Parse(text)
			if g := r.Crashed(); g == nil || g.ID != 7 || len(r.Stack()) != 2 || r.Message != "the last" || r.Truncated {
				t.Errorf("%s, %s: got %.30q of %+v, cut off %t, want the last panic, and the stack of goroutine 7", name, how, r.Message, g, r.Truncated)
			}
		}
	}
}

// What comes first counts where there is no long message.
func TestTextsThatAreCutOff(t *testing.T) {
	t.Parallel()
	stacks := "panic: x\n\n" + strings.Repeat("goroutine 7 [running]:\nmain.leaf()\n\t/src/main.go:5 +0x25\n\n", megabyte/32)
	for name, whole := range map[string]string{
		"many goroutines":       stacks,
		"stacks in the middle":  "panic: " + strings.Repeat("x", megabyte/2-5) + stacks[len("panic: x"):],
		"the runtime's stack":   "\nfatal error: x\n\nruntime stack:\n" + stacks,
		"a message and no more": "panic: " + strings.Repeat("x", 2*megabyte),
	} {
		if text, err := file.ReadText(strings.NewReader(whole)); err != nil || string(text) != whole[:megabyte] {
			t.Errorf("%s: got %d bytes, %v, want the first megabyte", name, len(text), err)
		}
	}
	broken := errors.New("broken")
	for _, n := range []int{0, 100, megabyte, 2*megabyte + 100} {
		whole := strings.Repeat("x", n)
		text, err := file.ReadText(io.MultiReader(strings.NewReader(whole), iotest.ErrReader(broken)))
		if n != megabyte && !errors.Is(err, broken) || string(text) != whole[:min(n, megabyte)] {
			t.Errorf("after %d bytes: got %d bytes, %v, want what could be read", n, len(text), err)
		}
	}
}

// A file is read as a pipe is.
func TestAFileWithALongMessage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := create(t, dir, 0)
	if err := f.Record([]byte(`{"n":1}`)); err != nil {
		t.Fatal(err)
	}
	write(t, f, "panic: "+strings.Repeat("x", 3*megabyte)+"\n\ngoroutine 7 [running]:\nmain.leaf()\n\t/src/main.go:5 +0x25\n")
	f.Die()
	l := take(t, dir)
	r := crash.Parse(l.Text)
	if g := r.Crashed(); g == nil || g.ID != 7 || len(l.Text) > megabyte || texts(l.Records) != `{"n":1}` {
		t.Errorf("got %d bytes, goroutine %+v and records %s, want goroutine 7 and the record", len(l.Text), g, texts(l.Records))
	}
}
