package disk_test

import (
	"os"
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// A dead owner of another project key counts if it left something. If it did
// not, nobody is told of it, and its directory goes.
func TestForeignOwnersThatLeftNothing(t *testing.T) {
	t.Parallel()
	other := analytics
	other.Key = disk.KeyOf("phc_other")
	for name, c := range map[string]struct{ segments, want int }{"nothing": {0, 0}, "a segment": {1, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			sys := faulty.New(disk.Local())
			o, err := disk.NewOwner(sys, dir, other)
			must(t, err)
			for range c.segments {
				create(t, o, 4096)
			}
			sys.Kill()
			sweep := claim(t, dir)
			left, err := os.ReadDir(dir)
			must(t, err)
			if sweep.Foreign != c.want || len(left) != c.want {
				t.Errorf("got %d counted and %v left, want %d of each", sweep.Foreign, left, c.want)
			}
		})
	}
}
