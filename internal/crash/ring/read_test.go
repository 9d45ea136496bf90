package ring_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// forge returns a file with these frames, one behind the other, each with the position that its payload is keyed by.
type forged struct {
	position int64
	payload  string
}

func forge(area int, frames ...forged) []byte {
	file := make([]byte, ring.HeaderSize+area)
	ring.PutHeader(file, salt, area)
	at := ring.HeaderSize
	for _, f := range frames {
		b := make([]byte, segment.Size(len(f.payload)))
		segment.Write(b, &segment.Frame{Payload: []byte(f.payload), Accepted: f.position}, segment.Checksum([]byte(f.payload)))
		segment.Copy(file[at:], b, salt)
		at += len(b)
	}
	return file
}

func TestWhatDoesNotCount(t *testing.T) {
	t.Parallel()
	const area = 4096
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing at all":              {nil, ""},
		"half a header":               {forge(area)[:40], ""},
		"a header alone":              {forge(area, forged{0, `{}`})[:ring.HeaderSize], ""},
		"half a frame":                {forge(area, forged{0, `{}`})[:ring.HeaderSize+60], ""},
		"two in a row":                {forge(area, forged{0, `{"a":1}`}, forged{64, `{"b":2}`}), `{"a":1} {"b":2}`},
		"of the rounds before":        {forge(area, forged{2*area + 0, `{"a":1}`}, forged{64, `{"b":2}`}), `{"a":1}`},
		"of the round before":         {forge(area, forged{area, `{"a":1}`}, forged{64, `{"b":2}`}, forged{128, `{"c":3}`}), `{"b":2} {"c":3} {"a":1}`},
		"in another place":            {forge(area, forged{0, `{"a":1}`}, forged{128, `{"b":2}`}), `{"a":1}`},
		"a position below zero":       {forge(area, forged{-area, `{"a":1}`}, forged{64, `{"b":2}`}), `{"b":2}`},
		"below zero, alone":           {forge(area, forged{-area, `{"a":1}`}), ""},
		"a position beyond all":       {forge(area, forged{-area & (1<<63 - 1), `{"a":1}`}, forged{64, `{"b":2}`}), `{"b":2}`},
		"no JSON":                     {forge(area, forged{0, `{"a":1}`}, forged{64, `{"b":2`}, forged{128, `{"c":3}`}), `{"a":1} {"c":3}`},
		"two objects":                 {forge(area, forged{0, `{}{}`}, forged{64, `{"b":2}`}), `{"b":2}`},
		"no object":                   {forge(area, forged{0, `[{}]`}, forged{64, ` {} `}, forged{128, `{"c":3}`}), `{"c":3}`},
		"an area of nothing":          {forge(0), ""},
		"an area that is too large":   {forge(2<<20, forged{0, `{}`}), ""},
		"an area that is not aligned": {forge(area+4, forged{0, `{}`}), ""},
	} {
		got := string(bytes.Join(readBytes(c.file), []byte(" ")))
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// What is not said by the header in so many words is not read.
func TestAHeaderThatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	for at := range ring.HeaderSize {
		file := forge(4096, forged{0, `{}`})
		file[at] ^= 1
		if got := readBytes(file); got != nil {
			t.Errorf("byte %d: got %q, want nothing", at, got)
		}
		sum := crc32.Checksum(file[:60], crc32.MakeTable(crc32.Castagnoli))
		binary.LittleEndian.PutUint32(file[60:], sum)
		// The magic, the version, the size, and the lower bytes of an area that is a multiple of eight decide; a salt is another.
		if got := readBytes(file); got != nil && at < 17 {
			t.Errorf("byte %d, with a checksum: got %q, want nothing", at, got)
		}
	}
}

// A step is free to hold what looks like a frame. When the head of its own frame is overwritten it must not come to life.
func TestAStepThatHoldsAFrame(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), 16<<10)
	inner := make([]byte, 64)
	segment.Write(inner, &segment.Frame{Payload: []byte(`{"forged":1}`), Accepted: 1 << 40}, segment.Checksum([]byte(`{"forged":1}`)))
	for range 4 {
		for range 60 {
			r.Add([]byte(`{"` + strings.Repeat(string(inner), 8) + `"}`))
			r.Add([]byte(`{"x":"` + strings.Repeat(string(inner), 8) + `"}`))
			r.Add([]byte(`{"a":1}`))
			for _, s := range read(t, path) {
				if string(s) != `{"a":1}` {
					t.Fatalf("got %q, want none but those that are JSON", s)
				}
			}
		}
	}
}

// Each byte of a file in turn is damaged. That costs the step that it was in, and no other, and never makes one up.
func TestDamageCostsTheStepThatItIsIn(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), 16<<10)
	var all []string
	for n := range 6 {
		all = append(all, string(numbered(n, 30+20*n)))
		r.Add([]byte(all[n]))
	}
	file := contents(t, path)
	end := ring.HeaderSize
	for _, s := range all {
		end += segment.Size(len(s))
	}
	for at := ring.HeaderSize; at < end; at++ {
		file[at] ^= 0x10
		got := readBytes(file)
		file[at] ^= 0x10
		if len(got) < len(all)-1 {
			t.Errorf("byte %d: got\n%swant one step less than %d at most", at, joined(got), len(all))
		}
		i := 0
		for _, s := range got {
			for i < len(all) && all[i] != string(s) {
				i++
			}
		}
		if i == len(all) {
			t.Errorf("byte %d: got\n%swant what was added, in order", at, joined(got))
		}
	}
}

// A file that is cut off anywhere gives what is in front.
func TestAFileThatIsCutOff(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), 16<<10)
	for n := range 6 {
		r.Add(numbered(n, 32)) // frames of 72 bytes
	}
	file := contents(t, path)
	for size := range ring.HeaderSize + 8*72 {
		want := min(max(0, size-ring.HeaderSize)/72, 6)
		if got := readBytes(file[:size]); len(got) != want {
			t.Errorf("%d bytes: got %d steps, want %d", size, len(got), want)
		}
		// A file may become shorter while it is read.
		if got := ring.Read(bytes.NewReader(file[:size]), int64(len(file))); len(got) != want {
			t.Errorf("%d bytes that were more: got %d steps, want %d", size, len(got), want)
		}
	}
	if got := ring.Read(bytes.NewReader(append(file, file...)), int64(2*len(file))); len(got) != 6 {
		t.Errorf("something behind the end: got %d steps, want 6", len(got))
	}
	if got := ring.Read(bytes.NewReader(file), 1<<60); len(got) != 6 {
		t.Errorf("a size that is none: got %d steps, want 6", len(got))
	}
}

// What is given back makes an array of so many bytes, and not of one more.
func TestTheBoundOfWhatIsGivenBack(t *testing.T) {
	t.Parallel()
	for _, more := range []int{0, 1} {
		r, path := create(t, disk.Local(), ring.DefaultSize)
		sizes := []int{8000 + more, 8000, 8000, 8000, ring.MaxRead - 2 - 4*8001}
		for n, size := range sizes {
			r.Add(numbered(n, size))
		}
		got := read(t, path)
		if want := len(sizes) - more; len(got) != want {
			t.Errorf("%d bytes more: got %d steps of %d bytes, want %d", more, len(got), array(got), want)
		}
	}
}

// worn is a file one of whose blocks the disk does not give.
type worn struct {
	io.ReaderAt
	at int64
}

func (w worn) ReadAt(p []byte, off int64) (int, error) {
	if off < w.at+4096 && off+int64(len(p)) > w.at {
		return 0, syscall.EIO
	}
	return w.ReaderAt.ReadAt(p, off)
}

func TestABlockThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), 16<<10)
	for n := range 100 {
		r.Add(numbered(n, 100)) // frames of 144 bytes
	}
	file := contents(t, path)
	for at := int64(0); at <= int64(len(file)); at += 4096 {
		want := 0
		for n := range int64(100) {
			if start := ring.HeaderSize + 144*n; at > 0 && (start >= at+4096 || start+144 <= at) {
				want++
			}
		}
		if got := ring.Read(worn{bytes.NewReader(file), at}, int64(len(file))); len(got) != want {
			t.Errorf("block at %d: got %d steps, want %d", at, len(got), want)
		}
	}
}
