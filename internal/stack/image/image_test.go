package image_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
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

// macho is a small Mach-O file: a segment around 0, one with a text at address 0x100001000, and a UUID.
func macho() []byte {
	order := binary.LittleEndian
	var b []byte
	for _, n := range []uint32{0xfeedfacf, 0x0100000c, 0, 2, 3, 72 + 72 + 24, 0, 0} {
		b = order.AppendUint32(b, n)
	}
	at := uint64(32 + 72 + 72 + 24)
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
	return append(b, text...)
}

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

func TestRunning(t *testing.T) {
	t.Parallel()
	// A test's binary has no build id unless it was asked for.
	loaded, err := image.Running()
	if err != nil {
		if !errors.Is(err, image.ErrFormat) && !errors.Is(err, image.ErrPlace) {
			t.Errorf("got error %v, want ErrFormat or ErrPlace", err)
		}
		return
	}
	if loaded.Start >= loaded.End || !strings.HasSuffix(loaded.CodeFile, ".test") || loaded.DebugID == "" {
		t.Errorf("got %+v", loaded)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(elf64(binary.LittleEndian, 62, id))
	f.Add(elf64(binary.BigEndian, 183, id[:3]))
	f.Add(macho())
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
		if loaded, err := b.Loaded("", b.Addr); err == nil && (loaded.End <= loaded.Start || loaded.DebugID == "") {
			t.Errorf("got %+v", loaded)
		}
	})
}
