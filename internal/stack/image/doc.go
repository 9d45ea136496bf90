// Package image identifies binaries: by the build id of an ELF file, or the UUID of a Mach-O file, under which their
// symbols were uploaded, and by where they are loaded. It also reads what a binary holds at an address.
//
// It parses headers that may be damaged or made up, in bounded memory and without trusting any number in them. It
// runs on the goroutine that calls it, opens nothing but the running binary and the list of its mappings, and writes
// nothing.
package image

import "errors"

// Errors of binaries.
var (
	// ErrFormat says that a file is neither ELF nor Mach-O, that it is damaged, or that it has no id.
	ErrFormat = errors.New("no binary with a build id")
	// ErrPlace says that nobody knows where the binary of this process is loaded.
	ErrPlace = errors.New("unknown place of the binary in memory")
)

// An Image is a binary as an entry of $debug_images.
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
