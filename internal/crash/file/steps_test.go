package file_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// withSteps makes a crash file in dir that has these steps.
func withSteps(t *testing.T, dir string, steps ...string) *file.File {
	t.Helper()
	f := create(t, dir, 0)
	r, err := f.OpenSteps(ring.DefaultSize)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if !r.Add([]byte(s)) {
			t.Fatalf("Add(%s): got false, want true", s)
		}
	}
	return f
}

// path returns the path of the only file in dir with that ending.
func path(t *testing.T, dir, ending string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"+ending))
	if err != nil || len(found) != 1 {
		t.Fatalf("got files %q and error %v that end in %s, want one", found, err, ending)
	}
	return found[0]
}

// age makes a file look as if it was written to that many days ago.
func age(t *testing.T, path string, days int) {
	t.Helper()
	then := time.Now().Add(-time.Duration(days) * 24 * time.Hour)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

// take returns the only crash in dir.
func take(t *testing.T, dir string) *file.Left {
	t.Helper()
	s := find(t, dir)
	if len(s.Left) != 1 {
		t.Fatalf("got %+v, want one file", s)
	}
	return s.Left[0]
}

// Proves EXC-33.
func TestStepsComeWithTheCrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := withSteps(t, dir, `{"n":1}`, `{"n":2}`)
	write(t, f, "panic: x\n")
	if s := find(t, dir); len(s.Left) != 0 || names(t, dir) != ".crash .steps" {
		t.Errorf("got %+v and files %q while the owner lives, want nothing and both", s, names(t, dir))
	}
	f.Die()
	for _, want := range []string{".1.crash .steps", ".2.crash .steps"} {
		l := take(t, dir)
		if got := texts(l.Steps); got != `{"n":1} {"n":2}` || string(l.Text) != "panic: x\n" || names(t, dir) != want {
			t.Errorf("got steps %s, text %q and files %q, want both steps and %q", got, l.Text, names(t, dir), want)
		}
		l.Keep()
	}
	l := take(t, dir)
	for range 2 {
		if err := l.Done(); err != nil {
			t.Errorf("done: %v", err)
		}
	}
	if got := names(t, dir); got != "" {
		t.Errorf("got files %q after Done, want none", got)
	}
}

func TestStepsAreMadeOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := create(t, dir, 0)
	if got := names(t, dir); got != ".crash" {
		t.Errorf("got files %q before anybody asked for steps, want the crash file", got)
	}
	if _, err := f.OpenSteps(1); !errors.Is(err, ring.ErrSize) {
		t.Errorf("got error %v of one byte, want ErrSize", err)
	}
	rings := make([]*ring.Ring, 4)
	var all sync.WaitGroup
	for i := range rings {
		all.Go(func() {
			r, err := f.OpenSteps(ring.DefaultSize)
			if err != nil {
				t.Error(err)
			}
			rings[i] = r
		})
	}
	all.Wait()
	for _, r := range rings {
		if r == nil || r != rings[0] {
			t.Errorf("got rings %v, want one", rings)
		}
	}
	for range 2 {
		if err := f.Remove(); err != nil {
			t.Errorf("remove: %v", err)
		}
	}
	if rings[0].Add([]byte("{}")) {
		t.Error("Add after Remove: got true, want false")
	}
	if _, err := f.OpenSteps(ring.DefaultSize); !errors.Is(err, file.ErrRemoved) {
		t.Errorf("got error %v after Remove, want ErrRemoved", err)
	}
	if got := names(t, dir); got != "" {
		t.Errorf("got files %q after Remove, want none", got)
	}
}

// Steps that nothing can be made of are no reason to leave the crash untold.
func TestStepsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	elsewhere := filepath.Join(t.TempDir(), "x.steps")
	r, err := ring.Create(elsewhere, ring.DefaultSize)
	if err != nil || !r.Add([]byte(`{"of":"another"}`)) || r.Close() != nil {
		t.Fatalf("got error %v, want a ring with a step", err)
	}
	for name, spoil := range map[string]func(path string) error{
		"a link":       func(path string) error { return errors.Join(os.Remove(path), os.Symlink(elsewhere, path)) },
		"no file":      os.Remove,
		"an empty one": func(path string) error { return os.Truncate(path, 0) },
		"other bytes":  func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("steps", 20_000)), 0o600) },
		"a directory":  func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			f := withSteps(t, dir, `{"n":1}`)
			write(t, f, "panic: x\n")
			f.Die()
			if err := spoil(path(t, dir, ".steps")); err != nil {
				t.Fatal(err)
			}
			l := take(t, dir)
			if len(l.Steps) != 0 || string(l.Text) != "panic: x\n" {
				t.Errorf("got steps %s and text %q, want the text alone", texts(l.Steps), l.Text)
			}
			if err := l.Done(); err != nil {
				t.Error(err)
			}
			want := map[bool]string{true: ".steps"}[name == "a directory" || name == "a link"]
			if got := names(t, dir); got != want {
				t.Errorf("got files %q after Done, want %q", got, want)
			}
		})
	}
}

// Whoever is killed between removing the one file and the other leaves the second, and no crash without its steps.
func TestASweeperThatDiesBetweenTheTwoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	withSteps(t, dir, `{"n":1}`).Die()
	if err := os.Remove(path(t, dir, ".crash")); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]string{0: ".steps", 6: ".steps"} {
		age(t, path(t, dir, ".steps"), days)
		if s := find(t, dir); len(s.Left)+len(s.Torn)+s.Dropped != 0 || names(t, dir) != want {
			t.Errorf("%d days: got %+v and files %q, want nothing but %q", days, s, names(t, dir), want)
		}
	}
	age(t, path(t, dir, ".steps"), 8)
	if s := find(t, dir); len(s.Left)+len(s.Torn)+s.Dropped != 0 || names(t, dir) != "" {
		t.Errorf("8 days: got %+v and files %q, want none", s, names(t, dir))
	}
}

// The crash goes first, always: when it cannot be removed, the steps stay with it.
func TestACrashThatCannotBeRemovedKeepsItsSteps(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, f *file.File, dir string) error{
		"of the living": func(t *testing.T, f *file.File, dir string) error {
			t.Helper()
			replace(t, path(t, dir, ".crash"))
			err := f.Remove()
			if r, _ := f.OpenSteps(ring.DefaultSize); r != nil {
				t.Error("got a ring after Remove, want none")
			}
			if got := texts(readSteps(t, dir)); got != `{"n":1}` {
				t.Errorf("got steps %s, want one", got)
			}
			return err
		},
		"of the dead": func(t *testing.T, f *file.File, dir string) error {
			t.Helper()
			f.Die()
			l := take(t, dir)
			replace(t, path(t, dir, ".crash"))
			return l.Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := end(t, withSteps(t, dir, `{"n":1}`), dir); err == nil {
				t.Error("got no error, want one")
			}
			if got := names(t, dir); !strings.HasSuffix(got, ".crash .steps") {
				t.Errorf("got files %q, want both", got)
			}
		})
	}
}

// readSteps reads the steps in dir, which nobody may have locked.
func readSteps(t *testing.T, dir string) [][]byte {
	t.Helper()
	open, err := disk.Local().Open(path(t, dir, ".steps"), os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	if err := open.Lock(); err != nil {
		t.Errorf("got error %v, want a file without an owner", err)
	}
	return ring.Read(open, ring.DefaultSize)
}

// replace puts in place of a file what cannot be removed: a directory that is not empty.
func replace(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "full"), 0o700)); err != nil {
		t.Fatal(err)
	}
}

// A process that lives long has steps that are old, and a crash file that somebody may have cleaned away.
func TestOldStepsOfTheLivingAreLeftAlone(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(crash string) error{
		"with a crash file": func(string) error { return nil },
		"without":           os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			f := withSteps(t, dir, `{"n":1}`)
			if err := spoil(path(t, dir, ".crash")); err != nil {
				t.Fatal(err)
			}
			before := names(t, dir)
			age(t, path(t, dir, ".steps"), 30)
			if find(t, dir); names(t, dir) != before {
				t.Errorf("got files %q, want %q", names(t, dir), before)
			}
			if r, err := f.OpenSteps(ring.DefaultSize); err != nil || !r.Add([]byte("{}")) {
				t.Errorf("got error %v, want a ring to add to", err)
			}
		})
	}
}

// Steps that have ended take no more, and go with the crash that comes after.
func TestEndSteps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := withSteps(t, dir, `{"n":1}`)
	for range 2 {
		f.EndSteps()
	}
	if r, err := f.OpenSteps(ring.DefaultSize); err != nil || r.Add([]byte("{}")) {
		t.Errorf("got error %v, want a ring that takes nothing", err)
	}
	write(t, f, "panic: x\n")
	f.Die()
	if l := take(t, dir); texts(l.Steps) != `{"n":1}` || string(l.Text) != "panic: x\n" {
		t.Errorf("got steps %s and text %q, want those of the dead", texts(l.Steps), l.Text)
	}
}

// The steps may be older than the crash, by as much as the process did nothing.
func TestOldStepsOfAFreshCrashAreRead(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{0, 1, file.MaxAttempts - 1} {
		dir := t.TempDir()
		withSteps(t, dir, `{"n":1}`).Die()
		age(t, path(t, dir, ".steps"), 30)
		for range attempts {
			take(t, dir).Keep()
		}
		if l := take(t, dir); texts(l.Steps) != `{"n":1}` {
			t.Errorf("after %d attempts: got steps %s, want one", attempts, texts(l.Steps))
		}
		// Others sweep while it is being delivered.
		if find(t, dir); !strings.HasSuffix(names(t, dir), ".crash .steps") {
			t.Errorf("after %d attempts: got files %q, want both", attempts, names(t, dir))
		}
	}
}

func TestStepsGoWithTheirCrash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil   func(t *testing.T, dir string)
		dropped int
	}{
		"that is old": {func(t *testing.T, dir string) {
			t.Helper()
			if err := os.WriteFile(path(t, dir, ".crash"), []byte("{\"v\":1,\"uuid\":\"x\"}\n---\npanic: x\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			age(t, path(t, dir, ".crash"), 8)
		}, 1},
		"that was tried too often": {func(t *testing.T, dir string) {
			t.Helper()
			for range file.MaxAttempts {
				take(t, dir).Keep()
			}
		}, 1},
		"that is torn, and old": {func(t *testing.T, dir string) {
			t.Helper()
			if err := os.WriteFile(path(t, dir, ".crash"), []byte("half a hea"), 0o600); err != nil {
				t.Fatal(err)
			}
			age(t, path(t, dir, ".steps"), 8)
			if s := find(t, dir); len(s.Torn) != 1 {
				t.Errorf("got %+v, want a torn file", s)
			}
			if find(t, dir); names(t, dir) != ".steps .torn" {
				t.Errorf("got files %q, want both", names(t, dir))
			}
			age(t, path(t, dir, ".torn"), 8)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			withSteps(t, dir, `{"n":1}`).Die()
			c.spoil(t, dir)
			if s := find(t, dir); len(s.Left) != 0 || s.Dropped != c.dropped || names(t, dir) != "" {
				t.Errorf("got %+v and files %q, want %d dropped and none left", s, names(t, dir), c.dropped)
			}
		})
	}
}

func TestStepsOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	others := []string{"notes.steps", "ph-1-2-3.steps", "ph-1-2-8c1f60a4b2d97e35.1.steps", "ph-1-2-8c1f60a4b2d97e35.crash.steps"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		age(t, filepath.Join(dir, name), 30)
	}
	find(t, dir)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != len(others) {
		t.Errorf("got %d files and error %v, want %d", len(entries), err, len(others))
	}
}

// Several sweepers give a file back and forth, and rename it each time, while its steps are old enough for an orphan's.
func TestSweepersThatGiveAFileBackKeepItsSteps(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		dir := t.TempDir()
		withSteps(t, dir, `{"n":1}`).Die()
		age(t, path(t, dir, ".steps"), 30)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				for len(mustReadDir(t, dir)) > 0 {
					s, err := file.Find(dir, time.Now())
					if err != nil {
						t.Errorf("round %d: find: %v", round, err)
					}
					for _, l := range s.Left {
						if texts(l.Steps) != `{"n":1}` {
							t.Errorf("round %d, attempt %d: got steps %s, want one", round, l.Attempts, texts(l.Steps))
						}
						if l.Attempts < file.MaxAttempts {
							l.Keep()
						} else if err := l.Done(); err != nil {
							t.Errorf("round %d: done: %v", round, err)
						}
					}
				}
			})
		}
		all.Wait()
	}
}

func mustReadDir(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Error(err)
		return nil
	}
	return entries
}
