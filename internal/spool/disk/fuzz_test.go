package disk_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// Whatever a file holds, claiming and loading it ends, and every frame that
// comes out of it is one that is in it with its checksum. The fuzzer gets the parts
// of a file that are not zeros, and a size to cut it to.
func FuzzLoad(f *testing.F) {
	for _, sealed := range []bool{true, false} {
		sp := newSmall(f, sealed)
		header, seal, ends, frames := sp.bytes[:128], sp.bytes[1024:1024+48], sp.bytes[4096:4096+64], sp.bytes[smallStart:smallStart+sp.used]
		f.Add(header, seal, ends, frames, uint16(len(sp.bytes)))
		f.Add(header, seal, ends, frames, uint16(smallStart+300))
		f.Add([]byte{}, seal, ends, frames, uint16(len(sp.bytes)))
		f.Add([]byte{}, []byte{}, []byte{}, []byte{}, uint16(100))
	}
	image := newImage(f)
	f.Fuzz(func(t *testing.T, header, seal, ends, frames []byte, size uint16) {
		file := make([]byte, smallStart+smallArea)
		copy(file[:128], header)
		copy(file[1024:4096], seal)
		copy(file[4096:smallStart], ends)
		copy(file[smallStart:], frames)
		requireSoundOnly(t, image, file[:min(int(size), len(file))])
		// The fuzzer does not guess checksums: let the header be sound.
		if len(header) >= 128 {
			binary.LittleEndian.PutUint64(file[40:], smallArea)
			copy(file[512:640], file[:128])
			reseal(file)
			requireSoundOnly(t, image, file[:min(int(size), len(file))])
		}
	})
}

// requireSoundOnly fails the test if something comes out of the file that is
// not in it.
func requireSoundOnly(t *testing.T, image *image, file []byte) {
	t.Helper()
	table := crc32.MakeTable(crc32.Castagnoli)
	for _, s := range image.claim(t, file).Segments {
		area := make([]byte, s.Pending().Used)
		contents, err := s.Load(area)
		must(t, err)
		start := 4096 + disk.EndsSize(s.Size())
		for _, offset := range contents.Pending {
			var f segment.Frame
			segment.View(area[offset:], &f)
			b := file[start+offset:]
			sum := crc32.Update(crc32.Checksum(b[40:40+len(f.Payload)], table), table, b[12:40])
			if got, want := binary.LittleEndian.Uint32(b[8:]), sum^s.Salt(); got != want {
				t.Errorf("got a frame at %d with checksum %08x, want %08x", offset, got, want)
			}
			if file[4096+disk.End(offset)] == disk.Final {
				t.Errorf("got a frame at %d that is final", offset)
			}
		}
		if len(contents.Pending) < s.Pending().Records && contents.Err == nil {
			t.Errorf("got %d of %d records and no error, want one", len(contents.Pending), s.Pending().Records)
		}
	}
}
