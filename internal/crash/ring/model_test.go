package ring_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// Whatever was added, what is read is the end of it, without a gap: as much as may be given back, or as the ring
// holds. Both ways of writing leave the same bytes.
func TestWhatIsReadIsTheEndOfWhatWasAdded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{16 << 10, 64 << 10} {
		for kind, draw := range map[string]func(*rand.Rand) int{
			"tiny":      func(*rand.Rand) int { return 2 },
			"of a size": func(*rand.Rand) int { return 216 },
			"usual":     func(r *rand.Rand) int { return 20 + r.IntN(300) },
			"mixed":     func(r *rand.Rand) int { return 10 << r.IntN(10) },
			"large":     func(r *rand.Rand) int { return ring.MaxStep - r.IntN(3000) },
		} {
			t.Run(fmt.Sprintf("%s, %d", kind, size), func(t *testing.T) {
				t.Parallel()
				mapped, path := create(t, disk.Local(), size)
				sys := faulty.New(disk.Local())
				sys.Unmapped()
				written, other := create(t, sys, size)
				seed := uint64(size + len(kind))
				random := rand.New(rand.NewPCG(seed, 1))
				m := model{area: size - ring.HeaderSize}
				for n := range 700 {
					step := numbered(n, draw(random))
					if kind == "tiny" {
						step = fmt.Appendf(nil, `{"%d":0}`, n)
					}
					if !mapped.Add(step) || !written.Add(step) {
						t.Fatalf("Add of step %d: got false, want true", n)
					}
					m.add(step)
					if n%16 != 0 && n < 660 {
						continue
					}
					file := contents(t, path)
					if err := m.check(readBytes(file)); err != nil {
						t.Fatalf("seed %d, after step %d: %v", seed, n, err)
					}
					if !bytes.Equal(file, contents(t, other)) {
						t.Fatalf("seed %d, after step %d: got other bytes with WriteAt, want the same", seed, n)
					}
				}
			})
		}
	}
}

// A model knows all that was added.
type model struct {
	area    int
	steps   [][]byte
	largest int // of their frames
}

func (m *model) add(step []byte) {
	m.steps = append(m.steps, step)
	m.largest = max(m.largest, segment.Size(len(step)))
}

// check says what is wrong with what was read.
func (m *model) check(got [][]byte) error {
	older := len(m.steps) - len(got)
	if older < 0 || !slices.EqualFunc(got, m.steps[older:], bytes.Equal) {
		return fmt.Errorf("got\n%swant the end of\n%s", joined(got), joined(m.steps))
	}
	if array(got) > ring.MaxRead {
		return fmt.Errorf("got %d bytes, want %d at most", array(got), ring.MaxRead)
	}
	if older == 0 {
		return nil
	}
	if array(m.steps[older-1:]) > ring.MaxRead {
		return nil
	}
	// The next one must have been in the way: of the newest frames, or of what stays unused at the end.
	used := m.largest - segment.Align
	for _, s := range m.steps[older-1:] {
		used += segment.Size(len(s))
	}
	if used < m.area {
		return fmt.Errorf("got %d steps of %d, want one more: the frames would take %d bytes of %d", len(got), len(m.steps), used, m.area)
	}
	return nil
}
