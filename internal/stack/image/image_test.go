package image_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"testing"

	"github.com/hedgerow/posthog/internal/stack/image"
)

const text = "concurrent map writes"

// elf64 is a small ELF file: a header, three segments, a note with an id, and a text at address 0x401000.
func elf64(order binary.AppendByteOrder, machine uint16, id []byte) []byte {
	data := byte(1)
	if order.String() == "BigEndian" {
		data = 2
	}
	b := append([]byte("\x7fELF"), 2, data, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, machine)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint64(b, 0x401000) // entry
	b = order.AppendUint64(b, 64)       // segments
	b = order.AppendUint64(b, 0)
	b = order.AppendUint32(b, 0)
	for _, n := range []uint16{64, 56, 3, 0, 0, 0} {
		b = order.AppendUint16(b, n)
	}
	note := order.AppendUint32(nil, 4)
	note = order.AppendUint32(note, 3)
	note = order.AppendUint32(note, 4)
	note = append(note, "Go\x00\x00abc\x00"...)
	note = order.AppendUint32(note, 4)
	note = order.AppendUint32(note, uint32(len(id)))
	note = order.AppendUint32(note, 3)
	note = append(append(note, "GNU\x00"...), id...)
	at := uint64(64 + 3*56)
	for _, s := range [][6]uint64{
		{4, at, 0x400f00, uint64(len(note)), uint64(len(note)), 4},
		{1, 0x100, 0x401000, uint64(len(text)), 0x1000, 0x1000},
		{1, 0, 0x400000, 0x100, 0x100, 0x1000},
	} {
		b = order.AppendUint32(b, uint32(s[0]))
		b = order.AppendUint32(b, 5)
		for _, n := range []uint64{s[1], s[2], s[2], s[3], s[4], s[5]} {
			b = order.AppendUint64(b, n)
		}
	}
	b = append(b, note...)
	copyAt := 0x100
	if len(b) > copyAt {
		copyAt = len(b)
		order.(binary.ByteOrder).PutUint64(b[64+56+8:], uint64(copyAt))
	}
	return append(append(b, make([]byte, copyAt-len(b))...), text+" and more"...)
}

// macho is a small Mach-O file: a segment around 0, one with a text at address 0x100001000, a UUID, and five symbols.
func macho() []byte {
	order := binary.LittleEndian
	var b []byte
	for _, n := range []uint32{0xfeedfacf, 0x0100000c, 0, 2, 4, 72 + 72 + 24 + 24, 0, 0} {
		b = order.AppendUint32(b, n)
	}
	at := uint64(32 + 72 + 72 + 24 + 24)
	for name, s := range map[string][4]uint64{
		"__PAGEZERO": {0, 0x100000000, 0, 0},
		"__TEXT":     {0x100001000, 0x2000, at, uint64(len(text))},
	} {
		b = order.AppendUint32(b, 0x19)
		b = order.AppendUint32(b, 72)
		b = append(b, append([]byte(name), make([]byte, 16-len(name))...)...)
		for _, n := range s {
			b = order.AppendUint64(b, n)
		}
		b = append(b, make([]byte, 16)...)
	}
	b = order.AppendUint32(b, 0x1b)
	b = order.AppendUint32(b, 24)
	for i := range 16 {
		b = append(b, byte(0xa0+i))
	}
	symbols := uint32(at) + uint32(len(text))
	for _, n := range []uint32{2, 24, symbols, 5, symbols + 5*16, uint32(len(names))} {
		b = order.AppendUint32(b, n)
	}
	b = append(b, text...)
	for _, s := range []struct {
		name, kind uint32
		addr       uint64
	}{{9, 0x01, 0x100002040}, {9, 0x0f, 0x100001140}, {9, 0x0e, 0x100001040}, {1, 0x0f, 0x100001080}, {9_999, 0x0f, 0x1000010c0}} {
		b = order.AppendUint32(b, s.name)
		b = order.AppendUint32(b, s.kind)
		b = order.AppendUint64(b, s.addr)
	}
	return append(b, names...)
}

// names are those of the symbols of macho.
const names = "\x00_main.f\x00main.main\x00"

var id = []byte("\x01\x23\x45\x67\x89\xab\xcd\xef\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb")

func TestRead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file                             []byte
		format, debugID, codeID, arch    string
		addr, size, textAddr, image, end uint64
	}{
		"ELF, little endian": {
			elf64(binary.LittleEndian, 62, id), "elf", "67452301-ab89-efcd-0011-223344556677", "0123456789abcdef00112233445566778899aabb", "x86_64",
			0x400000, 0x2000, 0x401000, 0x7f0000, 0x7f2000,
		},
		"ELF, big endian, an id of 8 bytes": {
			elf64(binary.BigEndian, 183, id[:8]), "elf", "01234567-89ab-cdef-0000-000000000000", "0123456789abcdef", "arm64",
			0x400000, 0x2000, 0x401000, 0x400000, 0x402000,
		},
		"Mach-O": {
			macho(), "macho", "A0A1A2A3-A4A5-A6A7-A8A9-AAABACADAEAF", "", "arm64",
			0x100001000, 0x2000, 0x100001000, 0x100001000, 0x100003000,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := image.Read(bytes.NewReader(tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if b.Format != tc.format || b.DebugID != tc.debugID || b.CodeID != tc.codeID || b.Arch != tc.arch || b.Addr != tc.addr || b.Size != tc.size {
				t.Errorf("got %+v, want %+v", b, tc)
			}
			if want := map[string]string{"elf": "abc"}[tc.format]; b.GoID != want {
				t.Errorf("got id %q of Go's, want %q", b.GoID, want)
			}
			p := make([]byte, 30)
			if n := b.At(p, tc.textAddr+11); string(p[:n]) != "map writes" {
				t.Errorf("got %q at the end of the text, want %q", p[:n], "map writes")
			}
			if n := b.At(p, tc.textAddr+uint64(len(text))+1); n != 0 {
				t.Errorf("got %q behind the text, want nothing", p[:n])
			}
			if n := b.At(p, 5); n != 0 {
				t.Errorf("got %q at address 5, want nothing", p[:n])
			}
			loaded, err := b.Loaded("/app", tc.image)
			if err != nil || loaded.Start != tc.image || loaded.End != tc.end || loaded.CodeFile != "/app" || loaded.DebugID != tc.debugID {
				t.Errorf("got %+v and error %v, want it from %#x to %#x", loaded, err, tc.image, tc.end)
			}
		})
	}
}

func TestLinked(t *testing.T) {
	t.Parallel()
	whole := macho()
	missing := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(missing[32+72+72+24+8:], 1<<20) // where the symbols are
	for name, tc := range map[string]struct {
		file     []byte
		function string
		entry    uint64
		want     uint64 // 0 for nothing
	}{
		"a function":                           {whole, "main.main", 0x100001040, 0x100001040},
		"one that is loaded elsewhere":         {whole, "main.main", 0x10a7c5040, 0x100001040},
		"one that begins with an underscore":   {whole, "main.f", 0x7080, 0x100001080},
		"one that is not moved by whole pages": {whole, "main.main", 0x100001044, 0},
		"one of another name":                  {whole, "main.mai", 0x100001040, 0},
		"one whose name goes on":               {whole, "main.main2", 0x100001040, 0},
		"one whose name is nowhere":            {whole, "main.g", 0x1000010c0, 0},
		"a file that is cut":                   {missing, "main.main", 0x100001040, 0},
		"a file of another format":             {elf64(binary.LittleEndian, 62, id), "main.main", 0x401000, 0},
	} {
		b, err := image.Read(bytes.NewReader(tc.file))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, found := b.Linked(tc.function, tc.entry); found != (tc.want != 0) || found && got != tc.want {
			t.Errorf("%s: got %#x, %v, want %#x", name, got, found, tc.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	whole := elf64(binary.LittleEndian, 62, id)
	changed := func(at int, b byte) []byte {
		c := bytes.Clone(whole)
		c[at] = b
		return c
	}
	for name, file := range map[string][]byte{
		"an empty file":             nil,
		"a script":                  []byte("#!/bin/sh\necho this is no binary\n"),
		"half a header":             whole[:40],
		"a file without segments":   changed(56, 0),
		"a file of many segments":   changed(57, 0xff),
		"segments of no size":       changed(54, 0),
		"an unknown class":          changed(4, 9),
		"an unknown order of bytes": changed(5, 9),
		"Mach-O without commands":   append([]byte("\xcf\xfa\xed\xfe"), make([]byte, 60)...),
	} {
		if b, err := image.Read(bytes.NewReader(file)); !errors.Is(err, image.ErrFormat) {
			t.Errorf("%s: got %+v and error %v, want ErrFormat", name, b, err)
		}
	}
	for _, at := range []int{0, 4, 20, 24} { // sizes of notes
		damaged := changed(64+3*56+at+3, 0xff)
		if b, err := image.Read(bytes.NewReader(damaged)); err != nil || b.DebugID != "" {
			t.Errorf("damaged notes: got %+v and error %v, want no id", b, err)
		}
	}
	b, err := image.Read(bytes.NewReader(elf64(binary.LittleEndian, 62, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if loaded, err := b.Loaded("/app", 0x400000); !errors.Is(err, image.ErrFormat) {
		t.Errorf("without an id: got %+v and error %v, want ErrFormat", loaded, err)
	}
}

// inSections moves the note of an ELF file with an id from its segment of notes to a section of its own, as Go's linker
// does, behind one of another kind.
func inSections(order binary.AppendByteOrder, id []byte, wide bool) []byte {
	note := order.AppendUint32(nil, 4)
	note = order.AppendUint32(note, uint32(len(id)))
	note = order.AppendUint32(note, 3)
	note = append(append(note, "GNU\x00"...), id...)
	number := func(b []byte, n uint64) []byte { return order.AppendUint32(b, uint32(n)) }
	b, kind, size := elf32(order), byte(1), 40
	at := struct{ table, each, n int }{32, 46, 48}
	if wide {
		number = order.AppendUint64
		b, kind, size = elf64(order, 62, nil), 2, 64
		at = struct{ table, each, n int }{40, 58, 60}
	}
	b[4] = kind
	b = append(b, bytes.Replace(note, id, bytes.Repeat([]byte{0xee}, len(id)), 1)...) // of a section that is not of notes
	offset := len(b)
	b = append(b, note...)
	put := order.(binary.ByteOrder)
	table := number(nil, uint64(len(b)))
	copy(b[at.table:], table)
	put.PutUint16(b[at.each:], uint16(size))
	put.PutUint16(b[at.n:], 3)
	for _, kind := range []uint32{0, 1, 7} {
		offset := offset
		if kind != 7 {
			offset -= len(note)
		}
		b = order.AppendUint32(b, 0)
		b = order.AppendUint32(b, kind)
		for _, n := range []uint64{0, 0, uint64(offset), uint64(len(note))} {
			b = number(b, n)
		}
		b = order.AppendUint32(order.AppendUint32(b, 0), 0)
		b = number(number(b, 4), 0)
	}
	return b
}

// elf32 is an ELF file of 32 bits that has one segment and no note.
func elf32(order binary.AppendByteOrder) []byte {
	data := byte(1)
	if order.String() == "BigEndian" {
		data = 2
	}
	b := append([]byte("\x7fELF"), 1, data, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = order.AppendUint16(order.AppendUint16(b, 2), 3)
	for _, n := range []uint32{1, 0x8048000, 52, 0, 0} {
		b = order.AppendUint32(b, n)
	}
	for _, n := range []uint16{52, 32, 1, 0, 0, 0} {
		b = order.AppendUint16(b, n)
	}
	for _, n := range []uint32{1, 0, 0x8048000, 0x8048000, 84, 0x1000, 5, 0x1000} {
		b = order.AppendUint32(b, n)
	}
	return b
}

// Go's linker leaves the build id out of the segment of notes. Proves EXC-25.
func TestIDsOfSections(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][]byte{
		"64 bits":             inSections(binary.LittleEndian, id, true),
		"64 bits, big endian": inSections(binary.BigEndian, id, true),
		"32 bits":             inSections(binary.LittleEndian, id, false),
	} {
		b, err := image.Read(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := "0123456789abcdef00112233445566778899aabb"; b.CodeID != want {
			t.Errorf("%s: got id %q, want %q", name, b.CodeID, want)
		}
		for at, value := range map[int]byte{40: 0xff, 47: 0xff, 58: 1, 60: 0xff} { // where the table is, and of what size
			damaged := bytes.Clone(file)
			damaged[at] = value
			if b, err := image.Read(bytes.NewReader(damaged)); err != nil || name == "64 bits" && b.CodeID != "" {
				t.Errorf("%s, with byte %d damaged: got id %q and error %v, want no id", name, at, b.CodeID, err)
			}
		}
	}
}

// Every build with Go has an id, so the binary of this test is known. Proves EXC-25.
func TestRunning(t *testing.T) {
	t.Parallel()
	loaded, err := image.Running()
	if err != nil {
		if runtime.GOOS == "linux" || !errors.Is(err, image.ErrFormat) && !errors.Is(err, image.ErrPlace) {
			t.Errorf("got error %v, want the binary, or elsewhere ErrFormat or ErrPlace", err)
		}
		return
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Start >= loaded.End || loaded.CodeFile != path || loaded.DebugID == "" {
		t.Errorf("got %+v, want the binary %s", loaded, path)
	}
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	if at := uint64(pcs[0]); at < loaded.Start || at >= loaded.End {
		t.Errorf("got a binary from %#x to %#x, want the test in it, which is at %#x", loaded.Start, loaded.End, at)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(elf64(binary.LittleEndian, 62, id))
	f.Add(elf64(binary.BigEndian, 183, id[:3]))
	f.Add(macho())
	f.Add(inSections(binary.LittleEndian, id, true))
	f.Add(inSections(binary.BigEndian, id, false))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := image.Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		var p [64]byte
		for _, addr := range []uint64{0, b.Addr, b.Addr + b.Size, ^uint64(0)} {
			if n := b.At(p[:], addr); n > len(p) {
				t.Errorf("got %d bytes at %#x", n, addr)
			}
		}
		if addr, found := b.Linked("main.main", 0x40); found && addr&0xfff != 0x40 {
			t.Errorf("got main.main at %#x", addr)
		}
		if loaded, err := b.Loaded("", b.Addr); err == nil && (loaded.End <= loaded.Start || loaded.DebugID == "") {
			t.Errorf("got %+v", loaded)
		}
	})
}
