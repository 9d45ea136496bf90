package image

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// Numbers of the ELF format.
const (
	elfLoad    = 1 // a segment that is loaded
	elfNote    = 4 // a segment of notes
	elfBuildID = 3 // a note of GNU's
	elfGoID    = 4 // a note of Go's

	elf386    = 3
	elfX86_64 = 62
	elfARM64  = 183
)

// readELF reads the headers of an ELF file, which begins with the bytes given.
func (b *Binary) readELF(magic [20]byte) error {
	var order binary.ByteOrder = binary.LittleEndian
	if magic[5] == 2 {
		order = binary.BigEndian
	} else if magic[5] != 1 {
		return ErrFormat
	}
	b.Format = "elf"
	switch order.Uint16(magic[18:]) {
	case elfX86_64:
		b.Arch = "x86_64"
	case elf386:
		b.Arch = "x86"
	case elfARM64:
		b.Arch = "arm64"
	}
	switch magic[4] {
	case 1:
		return b.readSegments32(order)
	case 2:
		return b.readSegments64(order)
	}
	return ErrFormat
}

func (b *Binary) readSegments64(order binary.ByteOrder) error {
	const size = 56
	header := b.table(0, 64)
	if header == nil {
		return ErrFormat
	}
	each, n := uint64(order.Uint16(header[54:])), uint64(order.Uint16(header[56:]))
	if each < size || n == 0 || n > maxSegments {
		return ErrFormat
	}
	table := b.table(order.Uint64(header[32:]), each*n)
	for ; uint64(len(table)) >= each; table = table[each:] {
		b.segment(order, order.Uint32(table), segment{
			offset: order.Uint64(table[8:]), addr: order.Uint64(table[16:]),
			size: order.Uint64(table[32:]), memory: order.Uint64(table[40:]),
		}, order.Uint64(table[48:]))
	}
	b.readSections(order, sections{
		table: order.Uint64(header[40:]), each: order.Uint16(header[58:]), n: order.Uint16(header[60:]), wide: true,
	})
	return b.found()
}

func (b *Binary) readSegments32(order binary.ByteOrder) error {
	const size = 32
	header := b.table(0, 52)
	if header == nil {
		return ErrFormat
	}
	each, n := uint64(order.Uint16(header[42:])), uint64(order.Uint16(header[44:]))
	if each < size || n == 0 || n > maxSegments {
		return ErrFormat
	}
	table := b.table(uint64(order.Uint32(header[28:])), each*n)
	for ; uint64(len(table)) >= each; table = table[each:] {
		b.segment(order, order.Uint32(table), segment{
			offset: uint64(order.Uint32(table[4:])), addr: uint64(order.Uint32(table[8:])),
			size: uint64(order.Uint32(table[16:])), memory: uint64(order.Uint32(table[20:])),
		}, uint64(order.Uint32(table[28:])))
	}
	b.readSections(order, sections{
		table: uint64(order.Uint32(header[32:])), each: order.Uint16(header[46:]), n: order.Uint16(header[48:]),
	})
	return b.found()
}

// found fails if nothing is loaded from the file.
func (b *Binary) found() error {
	if len(b.segments) == 0 {
		return ErrFormat
	}
	return nil
}

func (b *Binary) segment(order binary.ByteOrder, kind uint32, s segment, align uint64) {
	switch kind {
	case elfLoad:
		b.segments = append(b.segments, s)
	case elfNote:
		b.readNotes(order, b.table(s.offset, s.size), align)
	}
}

// readNotes looks for build ids.
func (b *Binary) readNotes(order binary.ByteOrder, notes []byte, align uint64) {
	if align != 8 {
		align = 4
	}
	padded := func(n uint32) uint64 { return (uint64(n) + align - 1) / align * align }
	for len(notes) >= 12 {
		name, size, kind := order.Uint32(notes), order.Uint32(notes[4:]), order.Uint32(notes[8:])
		notes = notes[12:]
		at := padded(name)
		if at > uint64(len(notes)) || uint64(size) > uint64(len(notes))-at {
			return
		}
		id := notes[at : at+uint64(size)]
		switch owner := string(notes[:name]); {
		case size == 0 || size > maxID:
		case kind == elfBuildID && owner == "GNU\x00" && b.CodeID == "":
			b.CodeID, b.DebugID = hex.EncodeToString(id), guid(order, id)
		case kind == elfGoID && owner == "Go\x00\x00" && b.GoID == "":
			b.GoID = strings.ToValidUTF8(string(id), "?")
		}
		notes = notes[at:]
		notes = notes[min(padded(size), uint64(len(notes))):]
	}
}

// guid writes the first 16 bytes of a build id as Microsoft writes a GUID, of which the first three parts are
// numbers. Shorter ids are filled up with zeros.
func guid(order binary.ByteOrder, id []byte) string {
	var g [16]byte
	copy(g[:], id)
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", order.Uint32(g[0:]), order.Uint16(g[4:]), order.Uint16(g[6:]), g[8:10], g[10:])
}
