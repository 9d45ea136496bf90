package ring_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// A process is killed before each operation of its life in turn, and in the middle of it. What it had added is read, but
// for what the last step was to be written over.
func TestKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		for _, torn := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, torn: %v", mode, torn), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for at := 1; ; at++ {
					path := filepath.Join(dir, fmt.Sprint(at))
					sys := faulty.New(disk.Local())
					set(sys)
					sys.KillAt(at, torn)
					added, over := live(sys, path)
					if over {
						if at < 60 {
							t.Errorf("got a life of %d operations, want more", at)
						}
						return
					}
					if err := survived(path, added); err != nil {
						t.Fatalf("killed at operation %d: %v", at, err)
					}
					_ = os.Remove(path)
				}
			})
		}
	}
}

// live adds steps until the ring came round twice, and says how many, and whether it was not killed.
func live(sys *faulty.System, path string) (added int, over bool) {
	r, err := ring.CreateOn(sys, path, 16<<10, salt)
	if err != nil {
		return 0, false
	}
	for ; added < 60; added++ {
		if !r.Add(numbered(added, stepSize(added))) {
			return added, false
		}
	}
	return added, r.Close() == nil
}

// stepSize is different for each step, and now and then large.
func stepSize(n int) int { return 40 + n*37%211 + n%9/8*6000 }

// survived says what is wrong with what the dead left. The last step may be there although nobody was told.
func survived(path string, added int) error {
	file, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && added == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	got := readBytes(file)
	m := model{area: 16<<10 - ring.HeaderSize}
	for n := range added {
		m.add(numbered(n, stepSize(n)))
	}
	next := numbered(added, stepSize(added))
	if len(got) > 0 && bytes.Equal(got[len(got)-1], next) {
		m.add(next)
		return m.check(got)
	}
	if err := m.check(got); err == nil {
		return nil
	}
	// What the next one was to be written over may be gone, with a hole, and is the oldest.
	room := m.largest + len(next) + ring.HeaderSize
	m.area -= room
	for cut := 0; cut < len(got); cut++ {
		if err = m.check(got[cut:]); err == nil {
			return nil
		}
	}
	return fmt.Errorf("got\n%swant the last of %d: %w", joined(got), added, err)
}
