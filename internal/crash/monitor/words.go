package monitor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

const (
	hello   = `=hello `
	goodbye = "=closed\n"
	maxLine = 1 << 20 // bytes
)

// A Hello says who writes to the pipe.
type Hello struct {
	// Header is that of the crash file.
	Header file.Header `json:"header"`
	// File is the path of the crash file, empty if there is none.
	File string `json:"file,omitempty"`
	// Orders are what the one who reads needs to know to send, in a form of the writer's own.
	Orders json.RawMessage `json:"orders,omitempty"`
}

// AppendHello appends h as it is on the pipe. It fails if that is longer than a reader takes.
func AppendHello(dst []byte, h *Hello) ([]byte, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return dst, err
	}
	if len(text) > maxLine-len(hello)-1 {
		return dst, errLong
	}
	return append(append(append(dst, hello...), text...), '\n'), nil
}

var errLong = errors.New("what is said of the process is too long for the pipe")

// Goodbye is what is on the pipe when a client was closed in order.
func Goodbye() []byte { return []byte(goodbye) }

// Words are what came through the pipe until it ended.
type Words struct {
	// Hello is the last one, nil if there was none.
	Hello *Hello
	// Closed says that the client of that Hello was closed in order.
	Closed bool
	// Text is what the runtime wrote, a megabyte at most; see [file.ReadText].
	Text []byte
	// Time is when it began to, or when the pipe ended.
	Time time.Time
}

// Read reads the pipe to its end, which is that of whoever writes. Lines that cannot be understood are left out.
func Read(pipe io.Reader) Words {
	var w Words
	in := bufio.NewReader(pipe)
	for {
		first, err := in.Peek(1)
		w.Time = time.Now()
		if err != nil {
			return w
		}
		if first[0] != '=' {
			break
		}
		w.understand(line(in))
	}
	w.Text, _ = file.ReadText(in)  // what there is
	_, _ = io.Copy(io.Discard, in) // or the runtime would wait for room
	return w
}

// line returns a line with its end, or nothing if it is too long.
func line(in *bufio.Reader) []byte {
	var whole []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if long = long || len(whole)+len(part) > maxLine; !long {
			whole = append(whole, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long:
			return nil
		}
		return whole
	}
}

// understand does what a line says.
func (w *Words) understand(line []byte) {
	if string(line) == goodbye {
		w.Closed = true
		return
	}
	text, found := bytes.CutPrefix(line, []byte(hello))
	if !found {
		return
	}
	var h Hello
	if json.Unmarshal(text, &h) == nil && h.Header.UUID != "" {
		w.Hello, w.Closed = &h, false
	}
}
