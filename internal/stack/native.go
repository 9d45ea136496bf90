package stack

import (
	"strconv"

	"github.com/hedgerow/posthog/internal/stack/image"
)

// markNative fills in native frames, outermost first, for those calls, innermost first, whose addresses lie in the
// binary. What was inlined into a call has no address of its own: the group shares the return address of its innermost call, the one
// where it was left. So these frames depend on their neighbors, and are made for each stack.
func markNative(m *image.Image, frames []*Frame, calls []*place) {
	for i := 0; i < len(calls); {
		first := &calls[i].call
		end := i // the call that the ones before it were inlined into
		for end < len(calls)-1 && calls[end].call.Func == nil && calls[end+1].call.Entry == first.Entry {
			end++
		}
		address := uint64(first.PC) + 1 // the runtime gives addresses within the call
		if calls[end].call.Func != nil && first.PC != 0 && address > m.Start && address <= m.End {
			for j := i; j <= end; j++ {
				frames[len(frames)-1-j] = calls[j].frame.Native(m, address, uint64(calls[j].call.Entry), j < end)
			}
		}
		i = end + 1
	}
}

// Native returns the frame as a native one, of a call that returns to an address of the binary, in the function that begins
// at entry, 0 if nobody knows where. Inline says that it was inlined into the frame before it.
func (f *Frame) Native(m *image.Image, address, entry uint64, inline bool) *Frame {
	n := *f
	n.Platform, n.Lang, n.ClientResolved, n.Inline = "native", "go", true, inline
	n.Resolved, n.ContextLine, n.PreContext, n.PostContext = false, "", nil, nil
	n.InstructionAddr, n.ImageAddr = hexadecimal(address), m.ImageAddr
	if entry != 0 {
		n.SymbolAddr = hexadecimal(entry)
	}
	return &n
}

// Images returns the entry of $debug_images that the frames of a list refer to: image, or none.
func Images(list []Exception, m *image.Image) []*image.Image {
	if m == nil {
		return nil
	}
	for i := range list {
		if list[i].Stack == nil {
			continue
		}
		for _, f := range list[i].Stack.Frames {
			if f.ImageAddr == m.ImageAddr {
				return []*image.Image{m}
			}
		}
	}
	return nil
}

func hexadecimal(addr uint64) string { return "0x" + strconv.FormatUint(addr, 16) }
