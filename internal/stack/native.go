package stack

import (
	"runtime"
	"strconv"

	"github.com/hedgerow/posthog/internal/stack/image"
)

// markNative makes native frames of those whose addresses lie in the binary. Calls are those of the frames,
// innermost first. What was inlined into a call has no address of its own: the group shares the return address of
// its innermost call, the one where it was left.
func markNative(m *image.Image, frames []Frame, calls []runtime.Frame) {
	for i := 0; i < len(calls); {
		end := i // the call that the ones before it were inlined into
		for end < len(calls)-1 && calls[end].Func == nil && calls[end+1].Entry == calls[i].Entry {
			end++
		}
		address := uint64(calls[i].PC) + 1 // the runtime gives addresses within the call
		if calls[end].Func != nil && calls[i].PC != 0 && address > m.Start && address <= m.End {
			for j := i; j <= end; j++ {
				f := &frames[j]
				f.Platform, f.Lang, f.ClientResolved = "native", "go", true
				f.InstructionAddr, f.ImageAddr = hexadecimal(address), m.ImageAddr
				f.SymbolAddr = hexadecimal(uint64(calls[j].Entry))
				f.Inline = j < end
			}
		}
		i = end + 1
	}
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
		for j := range list[i].Stack.Frames {
			if list[i].Stack.Frames[j].ImageAddr == m.ImageAddr {
				return []*image.Image{m}
			}
		}
	}
	return nil
}

func hexadecimal(addr uint64) string { return "0x" + strconv.FormatUint(addr, 16) }
