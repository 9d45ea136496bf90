package transport

import (
	"io"
	"slices"
	"strings"
	"unicode"
)

// Bounds of what is read of one answer, in bytes.
const (
	answerBody    = 64 << 10 // kept of a 2xx body, unless the Request says otherwise
	answerRefusal = 4 << 10  // kept of any other body
	answerText    = 1 << 10  // kept of that for the Message
	answerDrain   = 64 << 10 // read beyond that, so that the connection can be used again
)

// appendAnswer appends at most limit bytes of r to dst. cut says that r had more. The error is nil
// when r ended or the limit was reached, and what broke the reading otherwise.
func appendAnswer(dst []byte, r io.Reader, limit int) (answer []byte, cut bool, err error) {
	end := len(dst) + limit
	for len(dst) < end {
		dst = slices.Grow(dst, min(end-len(dst), 512))
		n, err := r.Read(dst[len(dst):min(end, cap(dst))])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, false, nil
		}
		if err != nil {
			return dst, false, err
		}
	}
	n, err := drain(r, answerDrain)
	if n > 0 {
		return dst, true, nil // what was asked for is here; how the rest ended does not matter
	}
	return dst, false, err
}

// drain reads at most limit bytes of r and throws them away, so that net/http sees the end of the
// answer and keeps the connection.
func drain(r io.Reader, limit int64) (int64, error) {
	return io.Copy(io.Discard, io.LimitReader(r, limit))
}

// closeQuietly closes an answer's body. There is nothing left to do about an error.
func closeQuietly(c io.Closer) {
	_ = c.Close()
}

// OneLine makes text of unknown origin fit for a log: valid, printable, words separated by one space,
// at most answerText bytes.
func OneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > answerText {
		text = strings.ToValidUTF8(text[:answerText], "")
	}
	return text
}
