package file

import (
	"bytes"
	"errors"
	"io"
)

const (
	// maxText is how much of the runtime's text is kept, in bytes.
	maxText = 1 << 20
	// maxMessage is how much is kept of a message that is longer than a text may be, and as much of its end.
	maxMessage = 256 << 10
)

// leftOut takes the place of the middle of a message. It begins a line as lines of a message do.
const leftOut = "\n\t...\n\t"

// stackBegins are the first lines of stacks, after the empty line that ends the message. The runtime indents the lines of a
// message, so none of them looks like these.
var stackBegins = [][]byte{[]byte("\n\ngoroutine "), []byte("\n\nruntime stack:\n")}

// ReadText reads what the runtime wrote, and returns a megabyte of it at most. What counts comes first, but for a message
// that leaves no room for the stacks: then its middle is left out, because they come after it. What was read before an
// error counts. It need not read to the end.
func ReadText(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxText))
	if err != nil || len(text) < maxText {
		return text, err
	}
	if at := stackAt(text); at > 2*maxMessage+len(leftOut) {
		return shorten(text, bytes.Clone(text), at, r)
	} else if at >= 0 {
		return text, nil
	}
	window := make([]byte, 2*maxMessage) // what was read last; the second half is new
	copy(window[maxMessage:], text[len(text)-maxMessage:])
	for {
		copy(window, window[maxMessage:])
		n, err := io.ReadFull(r, window[maxMessage:])
		if at := stackAt(window[:maxMessage+n]); at >= 0 {
			return shorten(text, window[:maxMessage+n], at, r)
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return text, nil
		case err != nil:
			return text, err
		}
	}
}

// shorten leaves out the middle of the message that text begins with. Last is what was read last, in which the stacks
// begin at a place, and r has the rest.
func shorten(text, last []byte, at int, r io.Reader) ([]byte, error) {
	text = append(text[:maxMessage], leftOut...)
	text = append(text, last[max(0, at-maxMessage):]...)
	rest, err := io.ReadAll(io.LimitReader(r, int64(max(0, maxText-len(text)))))
	return append(text, rest...), err
}

// stackAt returns where a stack begins, or rather the empty line before it, and -1 if there is none.
func stackAt(text []byte) int {
	first := -1
	for _, begin := range stackBegins {
		if at := bytes.Index(text, begin); at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	return first
}
