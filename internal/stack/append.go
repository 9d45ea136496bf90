package stack

import (
	"strconv"

	"github.com/hedgerow/posthog/internal/stack/image"
	"github.com/hedgerow/posthog/internal/wire"
)

// AppendExceptions appends a list as JSON, as [encoding/json.Marshal] would write it, and returns the extended buffer.
// Invalid UTF-8 becomes U+FFFD. Frames that [Rules] know already are copied, so that a stack costs little more than the
// memory that it takes.
func AppendExceptions(dst []byte, list []Exception) []byte {
	if list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = list[i].append(dst)
	}
	return append(dst, ']')
}

func (e *Exception) append(dst []byte) []byte {
	dst = wire.AppendString(append(dst, `{"type":`...), e.Type)
	dst = wire.AppendString(append(dst, `,"value":`...), e.Value)
	dst = appendText(dst, `,"module":`, e.Module)
	dst = appendNumber(dst, `,"thread_id":`, int64(e.ThreadID))
	dst = e.Mechanism.append(append(dst, `,"mechanism":`...))
	if e.Stack != nil {
		dst = e.Stack.append(append(dst, `,"stacktrace":`...))
	}
	return append(dst, '}')
}

func (m *Mechanism) append(dst []byte) []byte {
	dst = append(dst, '{')
	if m.Type != "" {
		dst = append(appendText(dst, `"type":`, m.Type), ',')
	}
	if m.Source != "" {
		dst = append(appendText(dst, `"source":`, m.Source), ',')
	}
	if m.Handled != nil {
		dst = append(strconv.AppendBool(append(dst, `"handled":`...), *m.Handled), ',')
	}
	if m.Synthetic != nil {
		dst = append(strconv.AppendBool(append(dst, `"synthetic":`...), *m.Synthetic), ',')
	}
	dst = strconv.AppendInt(append(dst, `"exception_id":`...), int64(m.ID), 10)
	if m.Parent != nil {
		dst = strconv.AppendInt(append(dst, `,"parent_id":`...), int64(*m.Parent), 10)
	}
	return append(dst, '}')
}

func (s *Stack) append(dst []byte) []byte {
	dst = wire.AppendString(append(dst, `{"type":`...), s.Type)
	dst = append(dst, `,"frames":`...)
	if s.Frames == nil {
		return append(dst, "null}"...)
	}
	dst = append(dst, '[')
	for i, f := range s.Frames {
		if i > 0 {
			dst = append(dst, ',')
		}
		if f == nil {
			dst = append(dst, "null"...)
			continue
		}
		dst = f.append(dst)
	}
	return append(dst, "]}"...)
}

// encodeOnce encodes a frame that will not change any more, before it is shared.
func (f *Frame) encodeOnce() {
	f.owner = nil
	f.json = f.append(make([]byte, 0, len(f.Function)+len(f.Filename)+128))
	f.owner = f
}

func (f *Frame) append(dst []byte) []byte {
	if f.owner == f {
		return append(dst, f.json...)
	}
	dst = wire.AppendString(append(dst, `{"platform":`...), f.Platform)
	dst = wire.AppendString(append(dst, `,"function":`...), f.Function)
	dst = wire.AppendString(append(dst, `,"filename":`...), f.Filename)
	dst = strconv.AppendInt(append(dst, `,"lineno":`...), int64(f.Line), 10)
	dst = strconv.AppendBool(append(dst, `,"in_app":`...), f.InApp)
	dst = appendTrue(dst, `,"synthetic":`, f.Synthetic)
	dst = appendText(dst, `,"lang":`, f.Lang)
	dst = appendTrue(dst, `,"resolved":`, f.Resolved)
	dst = appendText(dst, `,"context_line":`, f.ContextLine)
	dst = appendTexts(dst, `,"pre_context":`, f.PreContext)
	dst = appendTexts(dst, `,"post_context":`, f.PostContext)
	dst = appendText(dst, `,"instruction_addr":`, f.InstructionAddr)
	dst = appendText(dst, `,"symbol_addr":`, f.SymbolAddr)
	dst = appendText(dst, `,"image_addr":`, f.ImageAddr)
	dst = appendTrue(dst, `,"client_resolved":`, f.ClientResolved)
	dst = appendTrue(dst, `,"inline":`, f.Inline)
	return append(dst, '}')
}

// AppendImages appends the entries of $debug_images as JSON, as [encoding/json.Marshal] would write them, and returns
// the extended buffer.
func AppendImages(dst []byte, images []*image.Image) []byte {
	if images == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, m := range images {
		if i > 0 {
			dst = append(dst, ',')
		}
		if m == nil {
			dst = append(dst, "null"...)
			continue
		}
		dst = wire.AppendString(append(dst, `{"type":`...), m.Type)
		dst = wire.AppendString(append(dst, `,"debug_id":`...), m.DebugID)
		dst = appendText(dst, `,"code_id":`, m.CodeID)
		dst = wire.AppendString(append(dst, `,"image_addr":`...), m.ImageAddr)
		dst = appendText(dst, `,"image_vmaddr":`, m.ImageVmaddr)
		if m.ImageSize != 0 {
			dst = strconv.AppendUint(append(dst, `,"image_size":`...), m.ImageSize, 10)
		}
		dst = appendText(dst, `,"code_file":`, m.CodeFile)
		dst = wire.AppendString(append(dst, `,"arch":`...), m.Arch)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// The functions below append a member, key and value, and what separates it from the one before it, unless the value is
// empty.

func appendText(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	return wire.AppendString(append(dst, key...), value)
}

func appendTexts(dst []byte, key string, values []string) []byte {
	for i, value := range values {
		if i == 0 {
			dst = append(append(dst, key...), '[')
		} else {
			dst = append(dst, ',')
		}
		dst = wire.AppendString(dst, value)
	}
	if len(values) == 0 {
		return dst
	}
	return append(dst, ']')
}

func appendNumber(dst []byte, key string, value int64) []byte {
	if value == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, key...), value, 10)
}

func appendTrue(dst []byte, key string, value bool) []byte {
	if !value {
		return dst
	}
	return append(append(dst, key...), "true"...)
}
