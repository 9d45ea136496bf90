package posthog

import (
	"slices"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/stack/image"
)

// cloneItems returns a copy of items that shares nothing with them.
func cloneItems(items []ExceptionItem) []ExceptionItem {
	items = slices.Clone(items)
	for i := range items {
		items[i].Mechanism = clonePointer(items[i].Mechanism)
		if m := items[i].Mechanism; m != nil {
			m.Handled, m.Synthetic = clonePointer(m.Handled), clonePointer(m.Synthetic)
			m.ExceptionID, m.ParentID = clonePointer(m.ExceptionID), clonePointer(m.ParentID)
			if m.Extra != nil {
				m.Extra = event.Clone(m.Extra)
			}
		}
		items[i].Stacktrace = clonePointer(items[i].Stacktrace)
		if s := items[i].Stacktrace; s != nil {
			s.Frames = slices.Clone(s.Frames)
			for j := range s.Frames {
				f := &s.Frames[j]
				f.PreContext, f.PostContext = slices.Clone(f.PreContext), slices.Clone(f.PostContext)
			}
		}
	}
	return items
}

// clonePointer returns a pointer to a copy of what p points to, or nil.
func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// items returns a list that the library put together as an application sees it.
func items(list []stack.Exception) []ExceptionItem {
	items := make([]ExceptionItem, len(list))
	for i := range list {
		e := &list[i]
		m := e.Mechanism
		items[i] = ExceptionItem{
			Type: e.Type, Value: e.Value, Module: e.Module, ThreadID: e.ThreadID,
			Mechanism: &ExceptionMechanism{
				Handled: clonePointer(m.Handled), Synthetic: clonePointer(m.Synthetic),
				Type: m.Type, Source: m.Source, ExceptionID: new(m.ID), ParentID: clonePointer(m.Parent),
			},
		}
		if e.Stack != nil {
			items[i].Stacktrace = &ExceptionStacktrace{Type: e.Stack.Type, Frames: stackFrames(e.Stack.Frames)}
		}
	}
	return items
}

// stackFrames returns frames as an application sees them.
func stackFrames(frames []*stack.Frame) []StackFrame {
	shown := make([]StackFrame, len(frames))
	for i, f := range frames {
		shown[i] = StackFrame{
			Filename: f.Filename, LineNo: f.Line, Function: f.Function, InApp: f.InApp, Synthetic: f.Synthetic,
			Platform: f.Platform, Lang: f.Lang,
			InstructionAddr: f.InstructionAddr, SymbolAddr: f.SymbolAddr, ImageAddr: f.ImageAddr,
			ClientResolved: f.ClientResolved, Inline: f.Inline, Resolved: f.Resolved,
			ContextLine: f.ContextLine, PreContext: slices.Clone(f.PreContext), PostContext: slices.Clone(f.PostContext),
		}
	}
	return shown
}

// debugImages returns images as an application sees them.
func debugImages(images []*image.Image) []DebugImage {
	var shown []DebugImage
	for _, m := range images {
		shown = append(shown, DebugImage{
			Type: m.Type, DebugID: m.DebugID, CodeID: m.CodeID, ImageAddr: m.ImageAddr,
			ImageSize: m.ImageSize, ImageVmaddr: m.ImageVmaddr, CodeFile: m.CodeFile, Arch: m.Arch,
		})
	}
	return shown
}
