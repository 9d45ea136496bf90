package crash

import (
	"slices"
	"strconv"
	"strings"
)

// readStacks reads goroutines, and the runtime's own stack, to the end of the text.
func (r *Report) readStacks(text string) {
	if r.Truncated { // the last line may be half of one
		text = text[:strings.LastIndexByte(text, '\n')+1]
	}
	block := reader{report: r}
	for at := 0; at < len(text); {
		var line string
		line, at = lineAt(text, at)
		if len(line) > maxLine {
			line = line[:maxLine]
		}
		block.read(line)
	}
	block.end()
}

// A reader reads one stack at a time.
type reader struct {
	report *Report
	system bool // the runtime's own stack
	inside bool // of a stack
	g      Goroutine

	function  string // whose place is in the next line
	inlined   bool
	created   bool
	arguments string
	failed    bool // the next call that is not inlined did not call the one before: a statement of it failed
}

func (b *reader) read(line string) {
	switch g, ok := header(line); {
	case ok:
		b.end()
		b.g, b.inside = g, true
	case line == "runtime stack:":
		b.end()
		b.inside, b.system = true, true
	case line == "":
		b.end()
	case !b.inside:
	case strings.HasPrefix(line, "..."):
		b.elide(line)
	case line[0] == '\t':
		b.place(line[1:])
	default:
		b.call(line)
	}
}

// end keeps the stack that was read.
func (b *reader) end() {
	if b.inside {
		if b.system {
			b.report.System = b.g.Frames
		} else if len(b.report.Goroutines) < maxGoroutines {
			b.report.Goroutines = append(b.report.Goroutines, b.g)
		}
	}
	*b = reader{report: b.report}
}

// elide reads a line such as "...23 frames elided..." or "...additional frames elided...".
func (b *reader) elide(line string) {
	if !strings.HasSuffix(line, "elided...") {
		return
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(line, "..."), " ")
	n, err := strconv.Atoi(word)
	if err != nil || n <= 0 || b.g.Elided < 0 {
		n = -1
		b.g.Elided = 0
	}
	b.g.Elided += n
}

// call reads the line of a function: its name and its arguments, "created by" its name, or the name alone if it is
// one of C.
func (b *reader) call(line string) {
	b.function, b.arguments, b.inlined, b.created = line, "", false, false
	if rest, found := strings.CutPrefix(line, "created by "); found {
		b.created = true
		if i := strings.LastIndex(rest, " in goroutine "); i >= 0 {
			if id, err := strconv.ParseUint(rest[i+len(" in goroutine "):], 10, 64); err == nil {
				b.g.Creator = id
				rest = rest[:i]
			}
		}
		b.function = rest
		return
	}
	b.function, b.arguments = cutArguments(line)
	b.inlined = b.arguments == "(...)"
}

// place reads the line below: where in the sources that is.
func (b *reader) place(line string) {
	if b.function == "" {
		return // "goroutine running on other thread; stack unavailable", and alike
	}
	f, ok := location(line)
	if !ok {
		b.function = ""
		return
	}
	f.Function, f.Inlined, f.Created = strings.Clone(b.function), b.inlined, b.created
	if b.failed && f.PC != 0 {
		f.PC++ // it is not where a call returns to
		b.failed = false
	}
	b.failed = b.failed || f.Function == "runtime.sigpanic"
	switch {
	case b.created:
		b.g.CreatedBy = &f
	case len(b.g.Frames) < maxFrames:
		b.g.Frames = append(b.g.Frames, f)
		if b.report.Thrown == nil && slices.Contains(throwers, f.Function) {
			b.report.Thrown = argument(b.arguments)
		}
	default:
		b.g.Elided = -1
	}
	b.function = ""
}

// header reads a line such as "goroutine 9 gp=0xc0 m=0 mp=0x70 [chan receive, 5 minutes]:".
func header(line string) (Goroutine, bool) {
	rest, found := strings.CutPrefix(line, "goroutine ")
	if !found || len(line) > maxLine {
		return Goroutine{}, false
	}
	rest, found = strings.CutSuffix(rest, "]:")
	if !found {
		return Goroutine{}, false
	}
	before, state, found := strings.Cut(rest, " [")
	if !found {
		return Goroutine{}, false
	}
	number, words, _ := strings.Cut(before, " ")
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return Goroutine{}, false
	}
	for word := range strings.FieldsSeq(words) {
		if !strings.Contains(word, "=") {
			return Goroutine{}, false
		}
	}
	return Goroutine{ID: id, State: bound(state)}, true
}

// cutArguments takes the arguments off a call: the last parenthesis of the line, and all that it encloses. Names
// have parentheses of their own, as in main.(*T).Do(0x1).
func cutArguments(line string) (function, arguments string) {
	if !strings.HasSuffix(line, ")") {
		return line, ""
	}
	depth := 0
	for i := len(line) - 1; i >= 0; i-- {
		switch line[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return line[:i], line[i:]
			}
		}
	}
	return "", ""
}

// location reads the rest of a line such as "\t/src/main.go:36 +0x73 fp=0x1 sp=0x2 pc=0x3". Of a function of C there
// may be the address and nothing else.
func location(line string) (f Frame, ok bool) {
	var offset uint64
	for {
		i := strings.LastIndexByte(line, ' ')
		word := line[i+1:]
		name, value, found := strings.Cut(word, "=")
		switch {
		case found && name == "pc" && isAddress(value):
			f.PC, _ = strconv.ParseUint(value[2:], 16, 64) // it is an address
		case found && (name == "fp" || name == "sp") && isAddress(value):
		case i >= 0 && strings.HasPrefix(word, "+0x"):
			offset, _ = strconv.ParseUint(word[3:], 16, 64) // 0 if it is none
		default:
			colon := strings.LastIndexByte(line, ':')
			if colon <= 0 {
				return f, false
			}
			n, err := strconv.ParseUint(line[colon+1:], 10, 31)
			f.File, f.Line = strings.Clone(line[:colon]), int(n)
			if offset > 0 && offset < f.PC {
				f.Entry = f.PC - offset
			}
			return f, err == nil
		}
		if i < 0 {
			return f, f.PC != 0
		}
		line = line[:i]
	}
}

// argument reads the first argument of a function if it is a text: "({0x5aa679?, 0x15})". A question mark says that
// the value may be an old one.
func argument(arguments string) *Text {
	inside, found := strings.CutPrefix(arguments, "({")
	if !found {
		return nil
	}
	inside, _, found = strings.Cut(inside, "}")
	if !found {
		return nil
	}
	addr, length, found := strings.Cut(inside, ", ")
	if !found {
		return nil
	}
	addr = strings.TrimSuffix(addr, "?")
	number, old := strings.CutSuffix(length, "?")
	if !isAddress(addr) || !isAddress(number) {
		return nil
	}
	t := &Text{}
	t.Addr, _ = strconv.ParseUint(addr[2:], 16, 64)  // it is an address
	t.Len, _ = strconv.ParseUint(number[2:], 16, 64) // and so is this
	t.Exact = !old
	return t
}
