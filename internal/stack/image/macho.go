package image

import (
	"encoding/binary"
	"fmt"
)

// Numbers of the Mach-O format, 64 bits, little endian: macOS has no other any more.
const (
	machoMagic   = 0xfeedfacf
	machoSymbols = 0x02
	machoSegment = 0x19
	machoUUID    = 0x1b

	machoX86_64 = 0x01000007
	machoARM64  = 0x0100000c
)

// readMachO reads the load commands of a Mach-O file.
func (b *Binary) readMachO() error {
	order := binary.LittleEndian
	header := b.table(0, 32)
	if header == nil {
		return ErrFormat
	}
	b.Format = "macho"
	switch order.Uint32(header[4:]) {
	case machoX86_64:
		b.Arch = "x86_64"
	case machoARM64:
		b.Arch = "arm64"
	}
	commands := b.table(32, uint64(order.Uint32(header[20:])))
	for len(commands) >= 8 && len(b.segments) < maxSegments {
		kind, size := order.Uint32(commands), order.Uint32(commands[4:])
		if size < 8 || uint64(size) > uint64(len(commands)) {
			return ErrFormat
		}
		command := commands[:size]
		commands = commands[size:]
		switch {
		case kind == machoUUID && size >= 24:
			u := command[8:24]
			b.DebugID = fmt.Sprintf("%X-%X-%X-%X-%X", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
		case kind == machoSymbols && size >= 24:
			b.symbols = symbols{
				offset: uint64(order.Uint32(command[8:])), n: uint64(order.Uint32(command[12:])), names: uint64(order.Uint32(command[16:])),
			}
		case kind == machoSegment && size >= 72 && loaded(command[8:24]):
			b.segments = append(b.segments, segment{
				addr: order.Uint64(command[24:]), memory: order.Uint64(command[32:]),
				offset: order.Uint64(command[40:]), size: order.Uint64(command[48:]),
			})
		}
	}
	return b.found()
}

// loaded says whether a segment of that name is part of the program: one reserves the addresses around 0, and one
// holds debug information.
func loaded(name []byte) bool {
	for _, other := range [...]string{"__PAGEZERO", "__DWARF"} {
		if string(name[:len(other)]) == other {
			return false
		}
	}
	return true
}
