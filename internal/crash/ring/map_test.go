//go:build linux || darwin

package ring_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// Somebody empties the file of a living process, or makes it shorter. That is the end of the ring, and of nothing else.
func TestAFileThatIsTruncatedUnderItsMapping(t *testing.T) {
	t.Parallel()
	for _, to := range []int64{0, 8192} {
		t.Run(fmt.Sprint(to), func(t *testing.T) {
			t.Parallel()
			r, path := create(t, disk.Local(), ring.DefaultSize)
			if !r.Add(numbered(0, 100)) {
				t.Fatal("Add: got false, want true")
			}
			must(t, os.Truncate(path, to))
			added := 0
			for n := 1; n < 200 && r.Add(numbered(n, 100)); n++ {
				added++
			}
			if fit := max(0, int(to)-ring.HeaderSize) / 144; added > fit {
				t.Errorf("got %d steps added to a file of %d bytes, want %d at most", added, to, fit)
			}
			if r.Add(numbered(0, 100)) {
				t.Error("Add after a fault: got true, want false")
			}
			if got := read(t, path); to > 0 && len(got) != added+1 {
				t.Errorf("got %d steps back, want %d", len(got), added+1)
			}
			must(t, r.Remove())
		})
	}
}

func TestTheFileIsOfItsOwnerAlone(t *testing.T) {
	t.Parallel()
	_, path := create(t, disk.Local(), ring.DefaultSize)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 || info.Size() != ring.DefaultSize {
		t.Errorf("got mode %v and %d bytes, want 0600 and %d", info.Mode(), info.Size(), ring.DefaultSize)
	}
}
