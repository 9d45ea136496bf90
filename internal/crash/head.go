package crash

import (
	"strings"
	"unicode/utf8"
)

// readHead reads the message: everything before the stacks.
func (r *Report) readHead(head string) {
	for at := 0; at < len(head); {
		line, next := lineAt(head, at)
		switch rest := head[at:]; {
		case strings.HasPrefix(line, "panic: "):
			r.Kind = Panic
			r.readPanic(rest)
			return
		case strings.HasPrefix(line, "fatal error: "):
			r.Kind, r.Type = Fatal, "fatal error"
			message, after := body(strings.TrimPrefix(rest, "fatal error: "))
			r.Message = bound(unindent(message))
			r.readSignal(after)
			return
		case signalName(line) != "":
			r.Kind = Signal
			r.Signal = &SignalInfo{Name: signalName(line)}
			_, r.Signal.Description, _ = strings.Cut(line, ": ")
			r.Signal.Description = bound(r.Signal.Description)
			r.Type, r.Message = r.Signal.Name, r.Signal.Description
			r.readRegisters(head[next:])
			return
		case strings.HasPrefix(line, "[signal "): // of a fatal error, whose own line is not in crash files
			r.readSignal(rest)
		}
		at = next
	}
	if strings.TrimSpace(head) != "" && len(r.Goroutines) == 0 && len(r.System) == 0 {
		r.Kind, r.Type, r.Message = Unknown, "crash", bound(strings.TrimSpace(head))
	}
}

// body separates a message from the line about a signal that may follow it.
func body(text string) (message, after string) {
	if i := strings.Index(text, "\n[signal "); i >= 0 {
		return text[:i], text[i+1:]
	}
	return strings.TrimRight(text, "\n"), ""
}

// readPanic reads the chain of panics, the first of which the text begins with.
func (r *Report) readPanic(text string) {
	chain, after := body(text)
	r.readSignal(after)
	entries := strings.Split(strings.TrimPrefix(chain, "panic: "), "\n\tpanic: ")
	if most := r.possible(); most > 0 && len(entries) > most { // the text of a panic looks like another one
		surplus := len(entries) - most
		entries = append([]string{strings.Join(entries[:surplus+1], "\n\tpanic: ")}, entries[surplus+1:]...)
	}
	last := len(entries) - 1
	for i := last; i >= 0 && len(r.Panics) < maxPanics; i-- {
		r.Panics = append(r.Panics, r.value(entries[i], i == last))
	}
	r.Type, r.Message = r.Panics[0].Type, r.Panics[0].Message
}

// possible returns how many panics the chain can have: each but the last one is still calling a deferred function.
// It is 0 if the stack does not tell.
func (r *Report) possible() int {
	g := r.Crashed()
	if g == nil || len(g.Frames) == 0 || g.Elided != 0 || r.Truncated {
		return 0
	}
	n := 1
	for i := range g.Frames {
		if panics(g.Frames[i].Function) {
			n++
		}
	}
	return n
}

// value reads one panic of a chain. What looks like a remark of the runtime's may belong to the message, so it only
// counts where there can be one: a panic that was recovered is never the last, unless it was called again.
func (r *Report) value(text string, last bool) Value {
	var v Value
	if rest, found := strings.CutSuffix(text, " [recovered, repanicked]"); found && (!last || r.possible() != 1) {
		text, v.Recovered, v.Repanicked = rest, true, true
	} else if rest, found := strings.CutSuffix(text, " [recovered]"); found && !last {
		text, v.Recovered = rest, true
	}
	v.Type, v.Message = meaning(unindent(text))
	v.Type, v.Message = bound(v.Type), bound(v.Message)
	return v
}

// readSignal reads a line such as "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a]".
func (r *Report) readSignal(text string) {
	line, _ := lineAt(text, 0)
	line, found := strings.CutPrefix(line, "[signal ")
	if !found {
		return
	}
	line = strings.TrimSuffix(line, "]")
	s := &SignalInfo{}
	s.Name, line, _ = strings.Cut(line, ":")
	s.Name = bound(s.Name)
	s.Description = s.readWords(line)
	r.Signal = s
}

// readRegisters reads the lines that follow the name of a signal.
func (r *Report) readRegisters(text string) {
	line, _ := lineAt(text, 0)
	if strings.HasPrefix(line, "PC=") {
		r.Signal.readWords(line)
	}
}

// readWords reads what is known of a signal and returns the words that are none of that.
func (s *SignalInfo) readWords(line string) string {
	var others []string
	for word := range strings.FieldsSeq(line) {
		name, value, found := strings.Cut(word, "=")
		switch {
		case !found:
			others = append(others, word)
		case name == "code" || name == "sigcode":
			s.Code = bound(value)
		case name == "addr":
			s.Addr = bound(value)
		case name == "pc" || name == "PC":
			s.PC = bound(value)
		}
	}
	return bound(strings.Join(others, " "))
}

// signalName returns the name at the beginning of a line such as "SIGABRT: abort", or "".
func signalName(line string) string {
	name, _, found := strings.Cut(line, ": ")
	if !found || !strings.HasPrefix(name, "SIG") || len(name) > len("SIGUNUSED")+3 {
		return ""
	}
	for i := range len(name) {
		if c := name[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '+' {
			return ""
		}
	}
	return name
}

// unindent takes away the tab with which the runtime begins every line of a message but the first.
func unindent(text string) string { return strings.ReplaceAll(text, "\n\t", "\n") }

// bound returns text of a size that can be sent, as valid UTF-8.
func bound(text string) string {
	if len(text) > maxMessage {
		text = text[:maxMessage]
		for i := 0; i < utf8.UTFMax-1 && text != "" && !utf8.RuneStart(text[len(text)-1]); i++ {
			text = text[:len(text)-1]
		}
		if text != "" && text[len(text)-1] >= utf8.RuneSelf {
			text = text[:len(text)-1] // the start of a character whose rest is gone, or may be
		}
	}
	return strings.Clone(strings.ToValidUTF8(text, "?"))
}
