package crash

import (
	"strconv"
	"strings"
)

const (
	// MaxText is how much of a text is read, in bytes. The rest is ignored.
	MaxText = 1 << 20

	maxGoroutines = 256
	maxFrames     = 512    // of a goroutine
	maxMessage    = 10_000 // bytes, which is what PostHog keeps
	maxLine       = 4096   // bytes of a line of a stack
	maxPanics     = 50     // of a chain
)

// Parse reads a crash text.
func Parse(text []byte) Report {
	var r Report
	if len(text) > MaxText {
		text, r.Truncated = text[:MaxText], true
	}
	whole := strings.ReplaceAll(string(text), "\r\n", "\n")
	if whole != "" && !strings.HasSuffix(whole, "\n") {
		r.Truncated = true
	}
	head, stacks := divide(whole)
	r.readStacks(stacks)
	r.readHead(head)
	r.interrupt()
	r.conclude()
	return r
}

// divide separates the message from the stacks: they begin with the first header that follows an empty line, or that
// nothing comes before. Lines of a message cannot be headers, for they are indented.
func divide(text string) (head, stacks string) {
	blank := true
	for at := 0; at < len(text); {
		line, next := lineAt(text, at)
		if blank && beginsStack(line) {
			return text[:at], text[at:]
		}
		blank = line == ""
		at = next
	}
	return text, ""
}

// lineAt returns the line that begins at a position, and where the next one does.
func lineAt(text string, at int) (line string, next int) {
	if end := strings.IndexByte(text[at:], '\n'); end >= 0 {
		return text[at : at+end], at + end + 1
	}
	return text[at:], len(text)
}

func beginsStack(line string) bool {
	if line == "runtime stack:" {
		return true
	}
	_, ok := header(line)
	return ok
}

// interrupt makes return addresses of those where a signal met a goroutine: no call returns there.
func (r *Report) interrupt() {
	if r.Signal == nil {
		return
	}
	for _, g := range r.Goroutines {
		for i := range g.Frames {
			if f := &g.Frames[i]; f.PC != 0 { // the innermost one that was not inlined
				if "0x"+strconv.FormatUint(f.PC, 16) == r.Signal.PC {
					f.PC++
				}
				break
			}
		}
	}
}

// conclude fills in what is not in the text but follows from it.
func (r *Report) conclude() {
	if r.Kind != Nothing {
		return
	}
	if len(r.Goroutines) == 0 && len(r.System) == 0 {
		return
	}
	r.Kind, r.Type = Unknown, "crash"
	if message := r.fatal(); message != "" {
		r.Kind, r.Type, r.Message, r.Inferred = Fatal, "fatal error", message, true
	}
}
