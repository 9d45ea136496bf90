package ring_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// The bytes of the format, which other versions of the library will read: a ring with three steps, and one that came round.
func TestBytesOfAFile(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), 16<<10)
	for _, step := range []string{
		`{"$message":"put the kettle on","$timestamp":"2026-08-22T09:15:04.123Z"}`,
		`{"$message":"out of tea","$timestamp":"2026-08-22T09:15:05.000Z","cups":3,"kind":"oolong"}`,
		`{}`,
	} {
		if !r.Add([]byte(step)) {
			t.Fatalf("Add(%s): got false, want true", step)
		}
	}
	file := contents(t, path)
	golden.Compare(t, "testdata/three.bin", file[:512])
	if rest := file[512:]; len(file) != 16<<10 || !bytes.Equal(rest, make([]byte, len(rest))) {
		t.Errorf("got a file of %d bytes, want 16 KiB of zeros behind the steps", len(file))
	}
}

func TestBytesOfAFileThatCameRound(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), 16<<10)
	for n := range 100 {
		if !r.Add(numbered(n, 100+17*n)) {
			t.Fatalf("Add of step %d: got false, want true", n)
		}
	}
	file := contents(t, path)
	golden.Compare(t, "testdata/round.bin", file)
	var got bytes.Buffer
	for _, s := range readBytes(file) {
		fmt.Fprintf(&got, "%s\n", s)
	}
	golden.Compare(t, "testdata/round.json", got.Bytes())
}
