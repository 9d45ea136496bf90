package stack

import "runtime"

// An Image is the running binary, as an entry of $debug_images. It names the symbols that were uploaded for it.
type Image struct {
	// Type is the format: "elf" or "macho".
	Type string `json:"type"`
	// DebugID identifies the uploaded symbols.
	DebugID string `json:"debug_id"`
	// CodeID is the build id of an ELF file, in hexadecimal.
	CodeID string `json:"code_id,omitempty"`
	// ImageAddr is where the binary is loaded, in hexadecimal, as all addresses.
	ImageAddr string `json:"image_addr"`
	// ImageVmaddr is where it was linked to be loaded.
	ImageVmaddr string `json:"image_vmaddr,omitempty"`
	// ImageSize is its size in memory, in bytes.
	ImageSize uint64 `json:"image_size,omitempty"`
	// CodeFile is the path of the binary.
	CodeFile string `json:"code_file,omitempty"`
	// Arch is the processor: "x86_64", "x86" or "arm64".
	Arch string `json:"arch"`

	// Start and End are the addresses between which the binary is loaded. They are not sent.
	Start, End uint64 `json:"-"`
}

// mark makes native frames of those whose addresses lie in the binary. Calls are those of the frames, innermost
// first. What was inlined into a call has no address of its own: the group shares the return address of its
// innermost call, the one where it was left.
func (m *Image) mark(frames []Frame, calls []runtime.Frame) {
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
