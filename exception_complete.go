package posthog

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/event"
)

const (
	// maxExceptions is how many exceptions of a chain PostHog takes.
	maxExceptions = 50
	// maxExceptionType and maxExceptionValue are the bytes of a title and of a
	// text that PostHog keeps.
	maxExceptionType  = 255
	maxExceptionValue = 10_000
)

// completed returns a copy of items with what PostHog's reading of exceptions
// demands and an application may leave out: one malformed number would lose the
// whole event. There are 50 items at most. What is complete stays as it is.
func completed(items []ExceptionItem) []ExceptionItem {
	items = cloneItems(items[:min(len(items), maxExceptions)])
	places := make(map[int]int, len(items)) // in the list, of the ids that the application gave
	for i := range items {
		item := &items[i]
		item.Type = shortened(item.Type, maxExceptionType)
		item.Value = shortened(item.Value, maxExceptionValue)
		item.ThreadID = max(item.ThreadID, 0)
		item.Mechanism = completedMechanism(item.Mechanism, i, places)
		if item.Stacktrace != nil {
			completeStack(item.Stacktrace)
		}
	}
	return items
}

// completedMechanism returns the mechanism of the item at that place, and notes
// the id that it had.
func completedMechanism(given *ExceptionMechanism, at int, places map[int]int) *ExceptionMechanism {
	m := new(ExceptionMechanism)
	if given != nil {
		*m = *given
	}
	parent := at - 1
	if m.ParentID != nil {
		if place, known := places[*m.ParentID]; known {
			parent = place
		}
	}
	id := at
	if m.ExceptionID != nil {
		id = *m.ExceptionID
	}
	if _, taken := places[id]; !taken {
		places[id] = at
	}
	m.ExceptionID = new(at)
	if event.Blank(m.Type) {
		m.Type = ""
	}
	if at == 0 || event.Blank(m.Source) {
		m.Source = ""
	}
	if at == 0 {
		m.ParentID = nil
		return m
	}
	m.Type, m.ParentID = "chained", new(parent)
	return m
}

// platforms are the kinds of frames that PostHog can read.
var platforms = []string{
	"go", "native", "custom",
	"apple", "csharp", "dart", "dotnet", "elixir", "hermes", "java", "node:javascript", "php", "python", "ruby", "rust",
	"web:javascript",
}

// completeStack makes a stack one that PostHog can read.
func completeStack(s *ExceptionStacktrace) {
	if s.Type != "resolved" {
		s.Type = "raw"
	}
	if s.Frames == nil {
		s.Frames = []StackFrame{}
	}
	for i := range s.Frames {
		f := &s.Frames[i]
		if f.LineNo < 0 || int64(f.LineNo) > math.MaxUint32 {
			f.LineNo = 0
		}
		fallback(&f.Filename, "unknown")
		fallback(&f.Function, "unknown")
		fallback(&f.Platform, "go")
		if !slices.Contains(platforms, f.Platform) { // one that PostHog does not know loses the event
			fallback(&f.Lang, f.Platform)
			f.Platform, f.Resolved = "custom", true
		}
		if f.Platform == "custom" {
			fallback(&f.Lang, "go")
		}
		for _, address := range [...]*string{&f.InstructionAddr, &f.SymbolAddr, &f.ImageAddr} {
			if _, ok := parseAddress(*address); !ok {
				*address = ""
			}
		}
	}
}

// usableImages returns the images that PostHog can read and that native frames
// of the items are in, each once.
func usableImages(images []DebugImage, items []ExceptionItem) []DebugImage {
	if len(images) == 0 {
		return nil
	}
	wanted := make(map[uint64]bool) // where an image is loaded
	for i := range items {
		if items[i].Stacktrace == nil {
			continue
		}
		for j := range items[i].Stacktrace.Frames {
			f := &items[i].Stacktrace.Frames[j]
			if at, ok := parseAddress(f.ImageAddr); ok && f.Platform == "native" {
				wanted[at] = true
			}
		}
	}
	var usable []DebugImage
	for _, image := range images {
		at, ok := parseAddress(image.ImageAddr)
		if !ok || !wanted[at] || event.Blank(image.DebugID) {
			continue
		}
		delete(wanted, at)
		if _, ok := parseAddress(image.ImageVmaddr); !ok {
			image.ImageVmaddr = ""
		}
		image.ImageSize = min(image.ImageSize, math.MaxInt64)
		usable = append(usable, image)
	}
	return usable
}

// parseAddress reads an address in hexadecimal, such as "0x401000".
func parseAddress(text string) (at uint64, ok bool) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok {
		return 0, false
	}
	at, err := strconv.ParseUint(digits, 16, 64)
	return at, err == nil
}

// shortened returns the first most bytes of a text, less if a character would
// be divided. What is no UTF-8 is replaced, which counts as it is sent.
func shortened(text string, most int) string {
	if len(text) > most {
		end := most
		for end > 0 && end > most-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	if utf8.ValidString(text) {
		return text
	}
	return shortened(strings.ToValidUTF8(text, "\uFFFD"), most)
}
