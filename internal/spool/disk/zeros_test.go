package disk_test

import (
	"os"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// A file whose making was cut short holds nothing but zeros. One that begins
// with zeros, however many, and has something behind them was damaged.
func TestAFileThatBeginsWithZerosIsKept(t *testing.T) {
	t.Parallel()
	const size = 1 << 16
	for name, c := range map[string]struct {
		zeros int64
		want  int // files in the quarantine
	}{
		"only zeros":            {disk.FileSize(size), 0},
		"all but the frames":    {disk.FileSize(size) - size, 1},
		"all but the last page": {disk.FileSize(size) - 4096, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			killed(t, dir, func(_ *faulty.System, o *disk.Owner) {
				w := newWriter(create(t, o, size))
				must(t, w.append(1, 60, 1000))
			})
			file, err := os.OpenFile(onlySegment(t, dir), os.O_RDWR, 0)
			must(t, err)
			_, err = file.WriteAt(make([]byte, c.zeros), 0)
			must(t, err)
			must(t, file.Close())
			if sweep := claim(t, dir); len(sweep.Segments) > 0 || len(sweep.Quarantined) != c.want {
				t.Errorf("got %+v, want no segment and %d files in the quarantine", sweep, c.want)
			}
		})
	}
}
