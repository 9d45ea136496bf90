package image

import (
	"encoding/binary"
	"strings"
)

// symbols are where a Mach-O file has the names of what is in it.
type symbols struct {
	offset, n uint64 // of the table, and its entries
	names     uint64 // offset of the names
}

// Linked returns the address that the binary was linked for at which a function begins, if it is a Mach-O file that has not
// been stripped of names. Entry is the address of that function in the process: what is loaded elsewhere is moved by
// whole pages, so only few functions come into question, and a file that another one replaced is told from it.
func (b *Binary) Linked(function string, entry uint64) (addr uint64, found bool) {
	const (
		size   = 16
		within = 1<<12 - 1 // a page
		kinds  = 0x0e      // of symbols, of which this is also the one of those in a section
	)
	order := binary.LittleEndian
	for i := uint64(0); i < b.symbols.n; {
		chunk := b.table(b.symbols.offset+i*size, min(b.symbols.n-i, maxHeaders/size)*size)
		if chunk == nil {
			return 0, false
		}
		i += uint64(len(chunk)) / size
		for ; len(chunk) > 0; chunk = chunk[size:] {
			addr = order.Uint64(chunk[8:])
			if (addr^entry)&within == 0 && chunk[4]&kinds == kinds && b.named(uint64(order.Uint32(chunk)), function) {
				return addr, true
			}
		}
	}
	return 0, false
}

// named says whether the name at that offset is the one of a function. Some begin with an underscore.
func (b *Binary) named(at uint64, function string) bool {
	text := make([]byte, len("_")+len(function)+1)
	n, _ := b.file.ReadAt(text, int64(b.symbols.names+at)) // what could be read counts
	return strings.HasPrefix(string(text[:n]), function+"\x00") || string(text[:n]) == "_"+function+"\x00"
}
