package image

import (
	"encoding/binary"
	"io"
	"strconv"
)

const (
	maxSegments = 256
	maxHeaders  = 64 << 10 // bytes of the tables that are read
	maxID       = 256      // bytes of a build id
)

// A Binary is what the headers of a file say. It is immutable, and safe for concurrent use if its reader is.
type Binary struct {
	// Format is "elf" or "macho".
	Format string
	// DebugID and CodeID are as in [Image]. They are empty if the file has no id.
	DebugID, CodeID string
	// GoID is the id that every build with Go has, in ELF files. It tells builds from one another.
	GoID string
	// Arch is as in [Image], empty for other processors.
	Arch string
	// Addr is where the binary was linked to be loaded, and Size how much memory it takes there, in bytes.
	Addr, Size uint64

	file     io.ReaderAt
	segments []segment
	symbols  symbols // of a Mach-O file
}

// A segment is a part of the file that is loaded.
type segment struct{ addr, memory, offset, size uint64 }

// Read reads the headers of a file. It fails with [ErrFormat] if that is no binary, and only then: a binary without
// an id is one.
func Read(file io.ReaderAt) (*Binary, error) {
	var magic [20]byte
	if n, _ := file.ReadAt(magic[:], 0); n < len(magic) { // a short read says everything
		return nil, ErrFormat
	}
	b := &Binary{file: file}
	var err error
	switch {
	case string(magic[:4]) == "\x7fELF":
		err = b.readELF(magic)
	case binary.LittleEndian.Uint32(magic[:]) == machoMagic:
		err = b.readMachO()
	default:
		err = ErrFormat
	}
	if err != nil {
		return nil, err
	}
	b.measure()
	return b, nil
}

// measure finds where the binary begins and ends in memory.
func (b *Binary) measure() {
	if len(b.segments) == 0 {
		return
	}
	b.Addr = b.segments[0].addr
	end := b.Addr
	for _, s := range b.segments {
		b.Addr = min(b.Addr, s.addr)
		if s.addr+s.memory >= s.addr {
			end = max(end, s.addr+s.memory)
		}
	}
	b.Size = end - b.Addr
}

// At fills p with what the file holds for an address, which is the one the binary was linked for: where it is loaded
// elsewhere, the difference comes off first. It returns how many bytes there were, 0 for addresses of nothing.
func (b *Binary) At(p []byte, addr uint64) int {
	for _, s := range b.segments {
		if addr < s.addr || addr-s.addr >= s.size {
			continue
		}
		at := addr - s.addr
		offset := s.offset + at
		if offset < at || offset > 1<<62 {
			return 0
		}
		n, _ := b.file.ReadAt(p[:min(uint64(len(p)), s.size-at)], int64(offset)) // what could be read counts
		return n
	}
	return 0
}

// Loaded describes the binary as loaded at an address. It fails with [ErrFormat] if the binary has no id, or PostHog
// does not know its processor.
func (b *Binary) Loaded(path string, start uint64) (*Image, error) {
	if b.DebugID == "" || b.Arch == "" || b.Size == 0 || start+b.Size < start {
		return nil, ErrFormat
	}
	return &Image{
		Type: b.Format, DebugID: b.DebugID, CodeID: b.CodeID, Arch: b.Arch, CodeFile: path,
		ImageAddr: hexadecimal(start), ImageVmaddr: hexadecimal(b.Addr), ImageSize: b.Size,
		Start: start, End: start + b.Size,
	}, nil
}

// table reads a table of the file, nil if it is not all there.
func (b *Binary) table(offset, size uint64) []byte {
	if size == 0 || size > maxHeaders || offset > 1<<62 {
		return nil
	}
	p := make([]byte, size)
	if n, _ := b.file.ReadAt(p, int64(offset)); n < len(p) { // a short read says everything
		return nil
	}
	return p
}

func hexadecimal(n uint64) string { return "0x" + strconv.FormatUint(n, 16) }
