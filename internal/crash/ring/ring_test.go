package ring_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

func TestStepsComeBackInOrder(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			set(sys)
			r, path := create(t, sys, ring.DefaultSize)
			if got := read(t, path); len(got) != 0 {
				t.Errorf("got %q of a new ring, want nothing", got)
			}
			var want [][]byte
			for n := range 20 {
				want = append(want, numbered(n, 50*n))
				if !r.Add(want[n]) {
					t.Fatalf("Add of step %d: got false, want true", n)
				}
				if got := read(t, path); joined(got) != joined(want) {
					t.Fatalf("got\n%swant\n%s", joined(got), joined(want))
				}
			}
			must(t, r.Close())
			if got := read(t, path); joined(got) != joined(want) {
				t.Errorf("got after Close\n%swant\n%s", joined(got), joined(want))
			}
		})
	}
}

func TestWhatIsNoStepIsRefused(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), 16<<10)
	for name, c := range map[string]struct {
		step string
		want bool
	}{
		"the largest":        {string(numbered(1, ring.MaxStep)), true},
		"one byte too large": {string(numbered(1, ring.MaxStep+1)), false},
		"nothing":            {"", false},
		"half an object":     {"{", false},
		"an array":           {"[1]", false},
		"no end":             {`{"a":1`, false},
		"no beginning":       {`"a":1}`, false},
		"the empty object":   {"{}", true},
	} {
		if got := r.Add([]byte(c.step)); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if got := read(t, path); len(got) != 2 {
		t.Errorf("got\n%swant two steps", joined(got))
	}
}

func TestTheEndOfARing(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			set(sys)
			r, path := create(t, sys, ring.DefaultSize)
			for range 2 {
				must(t, r.Close())
			}
			if r.Add([]byte("{}")) {
				t.Error("Add after Close: got true, want false")
			}
			if sys.Opened() != 0 || sys.Mapped() != 0 {
				t.Errorf("got %d files open and %d mapped after Close, want none", sys.Opened(), sys.Mapped())
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("got error %v after Close, want the file", err)
			}
			for range 2 {
				must(t, r.Remove())
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("got error %v after Remove, want no file", err)
			}
		})
	}
}

// Who sweeps the directory of a living process sees by its lock that it lives.
func TestTheFileIsLockedWhileItsOwnerLives(t *testing.T) {
	t.Parallel()
	r, path := create(t, disk.Local(), ring.DefaultSize)
	other, err := disk.Local().Open(path, os.O_RDWR)
	must(t, err)
	defer func() { _ = other.Close() }()
	if err := other.Lock(); !errors.Is(err, disk.ErrHeld) {
		t.Errorf("lock while the owner lives: got error %v, want ErrHeld", err)
	}
	must(t, r.Close())
	if err := other.Lock(); err != nil {
		t.Errorf("lock of the dead: got error %v, want none", err)
	}
}

func TestRingsThatAreNotMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, size := range []int{-1, 0, 4096, 12 << 10, 16<<10 + 8, 1<<20 + 4096} {
		if _, err := ring.Create(filepath.Join(dir, "x"), size); !errors.Is(err, ring.ErrSize) {
			t.Errorf("%d bytes: got error %v, want ErrSize", size, err)
		}
	}
	there := filepath.Join(dir, "there")
	must(t, os.WriteFile(there, []byte("mine"), 0o600))
	if _, err := ring.Create(there, ring.DefaultSize); !errors.Is(err, os.ErrExist) || !strings.Contains(err.Error(), there) {
		t.Errorf("a file that exists: got error %v, want one that says so, and where", err)
	}
	if got := contents(t, there); string(got) != "mine" {
		t.Errorf("got %q in the file that existed, want it as it was", got)
	}
	for _, size := range []int{16 << 10, 1 << 20} {
		r, err := ring.Create(filepath.Join(dir, fmt.Sprint(size)), size)
		must(t, err)
		if !r.Add(numbered(1, ring.MaxStep)) {
			t.Errorf("%d bytes: got false, want room for the largest step", size)
		}
		must(t, r.Remove())
	}
}

func TestStepsOfManyGoroutines(t *testing.T) {
	t.Parallel()
	for mode, set := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			sys := faulty.New(disk.Local())
			set(sys)
			r, path := create(t, sys, 1<<20)
			const adders, each = 8, 40
			var all sync.WaitGroup
			for a := range adders {
				all.Go(func() {
					for i := range each {
						if !r.Add(numbered(a*each+i, 60+7*a)) {
							t.Errorf("goroutine %d, step %d: got false, want true", a, i)
						}
					}
				})
			}
			all.Wait()
			last := map[int]int{}
			got := read(t, path)
			for _, s := range got {
				var n int
				_, err := fmt.Sscanf(string(s), `{"n":%d,`, &n)
				must(t, err)
				if i, seen := last[n/each]; seen && n != i+1 || !seen && n%each != 0 {
					t.Errorf("goroutine %d: got step %d after %d, want the next one", n/each, n, i)
				}
				last[n/each] = n
			}
			if len(got) != adders*each {
				t.Errorf("got %d steps, want %d", len(got), adders*each)
			}
		})
	}
}

// Closing meets those who add.
func TestCloseWhileOthersAdd(t *testing.T) {
	t.Parallel()
	r, _ := create(t, disk.Local(), 16<<10)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for r.Add([]byte(`{"a":1}`)) {
			}
		})
	}
	all.Go(func() { _ = r.Remove() })
	all.Wait()
}
