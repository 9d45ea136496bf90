package posthogtest

import (
	"math"
	"strconv"
)

// incident is an event named $exception, read as PostHog reads it.
type incident struct {
	list   []Exception // never empty
	images []debugImage
	// fingerprint is the application's, "" for none; name and description are
	// its hints for the issue.
	fingerprint, name, description string
}

// debugImage is an entry of $debug_images.
type debugImage struct{ addr string }

// readIncident reads an event's properties. It stops at nothing: the flaw, if
// there is any, is the first.
func readIncident(properties map[string]any) (incident, *flaw) {
	var r reading
	m := members{reading: &r, values: properties}
	list := m.list("$exception_list", "a list of exceptions")
	if r.flaw == nil && len(list) == 0 {
		m.refuse("$exception_list", "one exception at least")
	}
	in := incident{list: make([]Exception, len(list))}
	for i, value := range list {
		in.list[i] = r.object(entryPath(i), value).exception()
	}
	if m.values["$debug_images"] != nil {
		for i, value := range m.list("$debug_images", "a list of images, or leave it out") {
			in.images = append(in.images, r.object("$debug_images["+strconv.Itoa(i)+"]", value).image())
		}
	}
	in.fingerprint = m.text("$exception_fingerprint")
	in.name, in.description = m.text("$issue_name"), m.text("$issue_description")
	m.text("$issue_severity")
	return in, r.flaw
}

func entryPath(i int) string { return "$exception_list[" + strconv.Itoa(i) + "]" }

func (m members) exception() Exception {
	const want = "a string that is not empty"
	e := Exception{
		Type:     m.required("type", want),
		Value:    m.usual("value"),
		Module:   m.text("module"),
		ThreadID: m.signed("thread_id"),
	}
	if e.Type == "" {
		m.refuse("type", want)
	}
	if value := m.values["mechanism"]; value != nil {
		e.Mechanism = m.object(m.path+"mechanism", value).mechanism()
	}
	if value := m.values["stacktrace"]; value != nil {
		e.Frames = m.object(m.path+"stacktrace", value).frames()
	}
	return e
}

func (m members) mechanism() Mechanism {
	return Mechanism{
		Type:      m.text("type"),
		Source:    m.text("source"),
		Handled:   m.tristate("handled"),
		Synthetic: m.tristate("synthetic"),
		ID:        m.id("exception_id"),
		ParentID:  m.id("parent_id"),
	}
}

func (m members) id(name string) *int {
	n, ok := m.count(name, math.MaxUint64, true)
	if !ok {
		return nil
	}
	return &n
}

// frames reads a stacktrace. The result is never nil.
func (m members) frames() []Frame {
	const want = `"raw"`
	kind := m.required("type", want)
	if kind != "raw" && kind != "resolved" {
		m.refuse("type", want)
	}
	list := m.list("frames", "a list of frames, which may be empty")
	frames := make([]Frame, len(list))
	for i, value := range list {
		frame := m.object(m.path+"frames["+strconv.Itoa(i)+"]", value)
		if kind == "resolved" {
			frames[i] = frame.foreign()
		} else {
			frames[i] = frame.frame()
		}
	}
	return frames
}

func (m members) image() debugImage {
	const want = "the id of the uploaded symbols"
	if m.required("debug_id", want) == "" {
		m.refuse("debug_id", want)
	}
	for _, name := range []string{"type", "code_file", "code_id", "arch"} {
		m.text(name)
	}
	m.address("image_vmaddr", true)
	m.count("image_size", math.MaxUint64, true)
	return debugImage{m.address("image_addr", false)}
}
