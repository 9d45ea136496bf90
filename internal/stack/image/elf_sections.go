package image

import "encoding/binary"

// elfNotes is the type of a section of notes.
const elfNotes = 7

// sections are where an ELF file has the table of its sections.
type sections struct {
	table   uint64 // its offset in the file
	each, n uint16 // bytes of an entry, and entries
	wide    bool   // numbers of 64 bits
}

// readSections looks for build ids in the sections of notes. Go's linker leaves the one of GNU's out of the segment of
// notes, so the segments alone do not tell.
func (b *Binary) readSections(order binary.ByteOrder, s sections) {
	size := uint64(40)
	if s.wide {
		size = 64
	}
	each := uint64(s.each)
	if b.CodeID != "" || each < size {
		return
	}
	for table := b.table(s.table, each*uint64(s.n)); uint64(len(table)) >= each; table = table[each:] {
		switch {
		case order.Uint32(table[4:]) != elfNotes:
		case s.wide:
			b.readNotes(order, b.table(order.Uint64(table[24:]), order.Uint64(table[32:])), order.Uint64(table[48:]))
		default:
			b.readNotes(order, b.table(uint64(order.Uint32(table[16:])), uint64(order.Uint32(table[20:]))), uint64(order.Uint32(table[32:])))
		}
	}
}
