package torture_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/torture"
)

// How large the texts are of which a file is made, and where its frames begin.
var long = torture.Sizes{Least: 5000, Most: 5000}

const (
	area   = 4096 + 4096
	second = area + 5096
)

// spoolFile is a file of the spool with events 0 to 2, of which the first is final.
func spoolFile(t testing.TB, sealed bool) []byte {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("got error %v, want none", err)
		}
	}
	o, err := disk.NewOwner(disk.Local(), t.TempDir(), disk.Identity{Lane: "analytics"})
	check(err)
	s, err := o.Create(1<<14, false)
	check(err)
	var frames []byte
	all := segment.Summary{Records: 3}
	for i := range 3 {
		id := numbered(i)
		payload := []byte(`{"distinct_id":"` + id.String() + `","event":"torture","text":"` + torture.Text(seed, id, long) + `"}`)
		frame := make([]byte, segment.Size(len(payload)))
		segment.Write(frame, &segment.Frame{Payload: payload, Accepted: int64(i + 1)}, segment.Checksum(payload))
		frames = s.AppendSalted(frames, frame)
		all.Payload += len(payload)
	}
	all.Used = len(frames)
	check(s.WriteFrames(0, frames))
	ends := make([]byte, disk.EndsSize(s.Size()))
	ends[0] = disk.Final
	check(s.WriteEnds(ends, 0, 0))
	if sealed {
		check(s.Seal(all))
	}
	file, err := os.ReadFile(s.Name())
	check(err)
	check(s.Retire())
	check(o.Close())
	return file
}

func TestAutopsy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		harm   func(file []byte) []byte
		sealed bool
		want   []string
		sound  bool
	}{
		"nothing was done": {
			harm: func(f []byte) []byte { return f }, sound: true,
			want: []string{"there is no seal", "3 sound frames up to 15288, 1 of them final, of 1 ends that say so"},
		},
		"nothing was done to a sealed one": {
			harm: func(f []byte) []byte { return f }, sealed: true, sound: true,
			want: []string{"the seal says: 3 records in 15288 bytes"},
		},
		"a byte was changed": {
			harm: func(f []byte) []byte { f[second+1000]++; return f },
			want: []string{
				"1 sound frames up to 5096; the next one begins 5096 bytes behind that", "complete: true",
				"event 1.0.1", "1 bytes of its text differ, from 911 to 911",
			},
		},
		"the header of a frame was changed": {
			harm: func(f []byte) []byte { f[second+20]++; return f },
			want: []string{"event 1.0.1", "its text is as it should be"},
		},
		"a page is zeros": {
			harm: func(f []byte) []byte { clear(f[area+8192 : area+12288]); return f }, sealed: true,
			want: []string{"zeros from 3096 to 5091 of the frame", "1993 bytes of its text differ, from 3007 to 4999"},
		},
		"the last frame ends early": {
			harm: func(f []byte) []byte { clear(f[area+12288:]); return f },
			want: []string{"2 sound frames up to 10192", "at 10192 of the area, 18384 of the file, final: 0", "zeros from 2096 to 5091 of the frame"},
		},
		"the last frame has no state, and the seal speaks of it": {
			harm: func(f []byte) []byte { clear(f[area+10192:][:4]); return f }, sealed: true,
			want: []string{"2 sound frames up to 10192", "complete: false", "its text is as it should be"},
		},
		"a frame is of another salt": {
			harm: func(f []byte) []byte { f[second+8] ^= 0x10; return f },
			want: []string{"its checksum is that of salt", "its text is as it should be"},
		},
		"a frame claims to be longer than the file": {
			harm: func(f []byte) []byte { f[second+6] = 0xFF; return f },
			want: []string{"which is more than there is", "its text is as it should be"},
		},
		"there is something else": {
			harm: func(f []byte) []byte { copy(f[area+10192:], bytes.Repeat([]byte("what"), 1276)); return f },
			want: []string{"it does not say which event it was"},
		},
		"the first header was changed": {
			harm: func(f []byte) []byte { f[20]++; return f }, sound: true,
			want: []string{"the header at 0 is not sound", "the header at 512 says", "3 sound frames"},
		},
		"both headers were changed": {
			harm: func(f []byte) []byte { f[20]++; f[532]++; return f },
			want: []string{"the header at 0 is not sound", "the header at 512 is not sound"},
		},
		"the seal was changed": {
			harm: func(f []byte) []byte { f[1030]++; return f }, sealed: true, sound: true,
			want: []string{"the seal is not sound"},
		},
		"it was cut off within its frames": {
			harm: func(f []byte) []byte { return f[:area+13001] }, sealed: true,
			want: []string{"21193 bytes", "it should have 24576 bytes", "which is more than there is"},
		},
		"it was cut off within its ends": {
			harm: func(f []byte) []byte { return f[:5000] },
			want: []string{"it should have 24576 bytes"},
		},
		"it was cut off within its header": {harm: func(f []byte) []byte { return f[:100] }, want: []string{"100 bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, damaged := torture.Autopsy(c.harm(spoolFile(t, c.sealed)), seed, long)
			if damaged == c.sound {
				t.Errorf("got damaged: %v, want %v", damaged, !c.sound)
			}
			for _, want := range c.want {
				if !strings.Contains(report, want) {
					t.Errorf("got a report without %q:\n%s", want, report)
				}
			}
		})
	}
}

// Whatever was done to a file, there is a report.
func FuzzAutopsy(f *testing.F) {
	file := spoolFile(f, true)
	f.Add(uint16(0), []byte{1}, uint16(0))
	f.Add(uint16(512), make([]byte, 10_000), uint16(100))
	f.Add(uint16(second), []byte("CDGH\xff\xff\xff\xff"), uint16(1001))
	f.Fuzz(func(t *testing.T, at uint16, change []byte, missing uint16) {
		harmed := bytes.Clone(file[:max(len(file)-int(missing), 0)])
		copy(harmed[min(int(at), len(harmed)):], change)
		if report, _ := torture.Autopsy(harmed, seed, long); report == "" {
			t.Error("got no report, want one")
		}
	})
}
