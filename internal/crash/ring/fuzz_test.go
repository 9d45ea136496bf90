package ring_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/segment"
)

// Whatever is in a file, reading it ends, and gives objects of JSON that are in it, within bounds. The fuzzer guesses no
// checksums: so the file is read as it is, with a sound header, and with all frames made sound as well.
func FuzzRead(f *testing.F) {
	three := forge(512, forged{0, `{"a":1}`}, forged{64, `{"b":"` + string(numbered(1, 60)) + `"}`}, forged{512 + 192, `{}`})
	f.Add(three, uint16(512))
	f.Add(three[:200], uint16(512))
	f.Add(forge(1024, forged{1 << 40, `{"a":1}`}, forged{64, `{"b":2`}), uint16(1024))
	f.Add([]byte("HGSTEPS\x1a"), uint16(8))
	f.Fuzz(func(t *testing.T, file []byte, area uint16) {
		requireBounded(t, file)
		if len(file) < ring.HeaderSize {
			return
		}
		ring.PutHeader(file, salt, int(area)*8)
		requireBounded(t, file)
		for at := ring.HeaderSize; at+segment.MinSize <= len(file); at += segment.Align {
			b := file[at:]
			n := int(binary.LittleEndian.Uint16(b[4:])) // most lengths fit
			if string(b[:4]) != "CDGH" || segment.Size(n) > len(b) {
				continue
			}
			var frame segment.Frame
			binary.LittleEndian.PutUint32(b[4:], uint32(n))
			segment.View(b, &frame)
			if frame.Accepted>>32 != 0x7777 { // some are wherever the fuzzer says
				frame.Accepted = int64(at-ring.HeaderSize) + int64(area)*8*(frame.Accepted&7)
			}
			sound := make([]byte, segment.Size(n))
			segment.Write(sound, &frame, segment.Checksum(frame.Payload))
			segment.Copy(b, sound, salt)
		}
		requireBounded(t, file)
	})
}

func requireBounded(t *testing.T, file []byte) {
	t.Helper()
	got := readBytes(file)
	if n := array(got); len(got) > 0 && n > ring.MaxRead {
		t.Errorf("got %d bytes, want %d at most", n, ring.MaxRead)
	}
	for _, s := range got {
		if !json.Valid(s) || s[0] != '{' || !bytes.Contains(file, s) {
			t.Errorf("got %q, want an object that is in the file", s)
		}
	}
}
