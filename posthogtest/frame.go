package posthogtest

import (
	"encoding/json"
	"math"
	"strconv"
)

// foreignPlatforms are those of PostHog's other SDKs. Their frames are not
// looked at closely.
var foreignPlatforms = map[string]bool{
	"apple": true, "csharp": true, "dart": true, "dotnet": true, "elixir": true, "hermes": true, "java": true,
	"node:javascript": true, "php": true, "python": true, "ruby": true, "rust": true, "web:javascript": true,
}

// frame reads a frame as its platform wants it.
func (m members) frame() Frame {
	const want = `"go", "native" or "custom"`
	switch platform := m.required("platform", want); {
	case platform == "go":
		return m.goFrame()
	case platform == "native":
		return m.nativeFrame()
	case platform == "custom":
		return m.customFrame()
	case foreignPlatforms[platform]:
		return m.foreign()
	default:
		m.refuse("platform", want)
		return Frame{}
	}
}

// common reads what the frames of every platform have.
func (m members) common(platform string) Frame {
	return Frame{Platform: platform, InApp: m.flag("in_app", true), Synthetic: m.flag("synthetic", false)}
}

func (m members) goFrame() Frame {
	f := m.common("go")
	f.Filename = m.required("filename", `a string, "unknown" where nobody knows`)
	f.Function = m.required("function", `a string, "unknown" where nobody knows`)
	f.Line, _ = m.count("lineno", math.MaxUint32, false)
	f.Resolved = true
	return f
}

func (m members) nativeFrame() Frame {
	f := m.common("native")
	f.Function = m.text("function")
	m.locate(&f)
	f.Lang = m.text("lang")
	f.InstructionAddr = m.address("instruction_addr", true)
	f.SymbolAddr = m.address("symbol_addr", true)
	f.ImageAddr = m.address("image_addr", true)
	f.ClientResolved, f.Inline = m.flag("client_resolved", false), m.flag("inline", false)
	f.Resolved = f.InstructionAddr == ""
	return f
}

func (m members) customFrame() Frame {
	f := m.common("custom")
	f.Lang = m.required("lang", `a string, such as "go"`)
	f.Function = m.required("function", `a string, "unknown" where nobody knows`)
	m.locate(&f)
	f.ContextLine = m.text("context_line")
	f.PreContext, f.PostContext = m.texts("pre_context"), m.texts("post_context")
	f.Resolved = m.flag("resolved", false)
	return f
}

// locate reads where a frame is, as far as it says.
func (m members) locate(f *Frame) {
	f.Filename, f.Module = m.text("filename"), m.text("module")
	f.Line, _ = m.count("lineno", math.MaxUint32, true)
	f.Column, _ = m.count("colno", math.MaxUint32, true)
}

// foreign reads a frame of another SDK, or one that PostHog has resolved. What is
// not as expected is left out, and refuses nothing.
func (m members) foreign() Frame {
	word := func(name string) string {
		text, _ := m.values[name].(string)
		return text
	}
	number := func(name string) int {
		text, _ := m.values[name].(json.Number)
		n, err := strconv.ParseUint(string(text), 10, 31)
		if err != nil {
			return 0
		}
		return int(n)
	}
	f := Frame{
		Platform: word("platform"),
		Lang:     word("lang"),
		Function: word("function"),
		Filename: word("filename"),
		Module:   word("module"),
		Line:     number("lineno"),
		Column:   number("colno"),
		InApp:    m.values["in_app"] != false,
		Resolved: true,
	}
	f.Synthetic, _ = m.values["synthetic"].(bool)
	return f
}
