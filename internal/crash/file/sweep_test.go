package file_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// onlyPath returns the path of the only file in dir.
func onlyPath(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("got %d files and error %v, want one", len(entries), err)
	}
	return filepath.Join(dir, entries[0].Name())
}

func TestAttemptsAreCounted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	create(t, dir, 0).Die()
	for attempt := 1; attempt <= file.MaxAttempts; attempt++ {
		s := find(t, dir)
		if len(s.Left) != 1 || s.Left[0].Attempts != attempt {
			t.Fatalf("attempt %d: got %+v", attempt, s)
		}
		s.Left[0].Keep()
	}
	if s := find(t, dir); len(s.Left) != 0 || s.Dropped != 1 || names(t, dir) != "" {
		t.Errorf("got %+v and files %q after the last attempt, want none", s, names(t, dir))
	}
}

func TestOldFilesAreRemoved(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		age     time.Duration
		text    string
		dropped int
	}{
		"six days":                   {6 * 24 * time.Hour, "panic: x\n", 0},
		"eight days":                 {8 * 24 * time.Hour, "panic: x\n", 1},
		"the future":                 {-24 * time.Hour, "panic: x\n", 0},
		"eight days, without a word": {8 * 24 * time.Hour, "", 0}, // it says when the process began
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			f := create(t, dir, 0)
			write(t, f, tc.text)
			f.Die()
			then := time.Now().Add(-tc.age)
			if err := os.Chtimes(onlyPath(t, dir), then, then); err != nil {
				t.Fatal(err)
			}
			s := find(t, dir)
			if s.Dropped != tc.dropped || len(s.Left) != 1-tc.dropped {
				t.Errorf("got %+v, want %d dropped", s, tc.dropped)
			}
			if len(s.Left) == 1 && !s.Left[0].Time.Equal(then.Truncate(time.Nanosecond)) {
				t.Errorf("got time %v, want %v", s.Left[0].Time, then)
			}
		})
	}
}

func TestTheNewestFilesAreTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range file.MaxFiles + 3 {
		f := create(t, dir, i)
		write(t, f, string(rune('a'+i)))
		f.Die()
	}
	s := find(t, dir)
	if len(s.Left) != file.MaxFiles || s.Dropped != 3 {
		t.Fatalf("got %d files and %d dropped, want %d and 3", len(s.Left), s.Dropped, file.MaxFiles)
	}
	if first, last := string(s.Left[0].Text), string(s.Left[file.MaxFiles-1].Text); first != "t" || last != "a" {
		t.Errorf("got files from %q to %q, want the oldest first, from t to a", first, last)
	}
}

func TestTornFilesAreSetAside(t *testing.T) {
	t.Parallel()
	const name = "ph-1795089600123-4711-8c1f60a4b2d97e35.crash"
	for title, text := range map[string]string{
		"an empty file":         "",
		"half a header":         `{"v":1,"uuid":"x`,
		"no separator":          `{"v":1,"uuid":"x"}` + "\npanic: x\n",
		"another version":       `{"v":2,"uuid":"x"}` + "\n---\n",
		"no uuid":               `{"v":1}` + "\n---\n",
		"no JSON":               "panic: x\n---\n",
		"nothing but line ends": "\n\n\n\n",
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if text == "" { // one that is being made is as empty
				if s := find(t, dir); len(s.Torn)+s.Dropped != 0 || names(t, dir) != ".crash" {
					t.Fatalf("got %+v and files %q of a fresh one, want it left alone", s, names(t, dir))
				}
				then := time.Now().Add(-2 * time.Minute)
				if err := os.Chtimes(filepath.Join(dir, name), then, then); err != nil {
					t.Fatal(err)
				}
			}
			s := find(t, dir)
			if len(s.Left) != 0 || len(s.Torn) != 1 || names(t, dir) != ".torn" {
				t.Fatalf("got %+v and files %q, want a torn one", s, names(t, dir))
			}
			if got, err := os.ReadFile(s.Torn[0]); err != nil || string(got) != text {
				t.Errorf("got %q and error %v in it, want what was there", got, err)
			}
			if again := find(t, dir); len(again.Torn)+again.Dropped != 0 {
				t.Errorf("got %+v the next time, want nothing new", again)
			}
			then := time.Now().Add(-8 * 24 * time.Hour)
			if err := os.Chtimes(s.Torn[0], then, then); err != nil {
				t.Fatal(err)
			}
			if old := find(t, dir); old.Dropped != 1 || names(t, dir) != "" {
				t.Errorf("got %+v and files %q a week later, want it removed", old, names(t, dir))
			}
		})
	}
}

// A sweeper that meets a file before its owner has locked it leaves it alone: its owner lives. The owner may have to
// make another.
func TestFilesAreMadeWhileOthersSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			s, err := file.Find(dir, time.Now())
			if err != nil {
				t.Errorf("find: %v", err)
			}
			if len(s.Left)+len(s.Torn)+s.Dropped > 0 {
				t.Errorf("got %+v of the living, want nothing", s)
			}
		}
	}()
	for range 1000 {
		f, err := file.Create(dir, header, time.Now())
		if err != nil {
			t.Errorf("create: %v", err)
			break
		}
		if _, err := os.Stat(f.Output().Name()); err != nil {
			t.Errorf("the file of the living is gone: %v", err)
		}
		if err := f.Remove(); err != nil {
			t.Errorf("remove: %v", err)
		}
	}
	close(stop)
	<-stopped
}

// Proves EXC-33.
func TestTwoSweepersTakeAFileOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for round := range 100 {
		create(t, dir, 0).Die()
		var taken atomic.Int32
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				s, err := file.Find(dir, time.Now())
				if err != nil {
					t.Errorf("find: %v", err)
				}
				for _, l := range s.Left {
					taken.Add(1)
					if err := l.Done(); err != nil {
						t.Errorf("done: %v", err)
					}
				}
			})
		}
		both.Wait()
		if n := taken.Load(); n != 1 {
			t.Fatalf("round %d: the file was taken %d times, want once", round, n)
		}
	}
}

func TestFilesOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	others := []string{
		"notes.txt", "x.crash", "ph-1-2-3.crash", "ph--1-2-8c1f60a4b2d97e35.crash", "ph-1-2-8c1f60a4b2d97e35.01.crash",
		"ph-1-2-8c1f60a4b2d97e35.-1.crash", "ph-1-2-8c1f60a4b2d97e35.1.torn", "ph-1-x-8c1f60a4b2d97e35.crash",
	}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "ph-1-2-8c1f60a4b2d97e35.crash"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("notes.txt", filepath.Join(dir, "ph-1-2-8c1f60a4b2d97e36.crash")); err != nil {
		t.Logf("this system has no links: %v", err)
		others = others[:len(others)-1]
	}
	if s := find(t, dir); len(s.Left)+len(s.Torn)+s.Dropped != 0 {
		t.Errorf("got %+v, want nothing", s)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != len(others)+2 {
		t.Errorf("got %d files and error %v, want %d", len(entries), err, len(others)+2)
	}
}

func FuzzParseLeft(f *testing.F) {
	f.Add([]byte("{\"v\":1,\"uuid\":\"x\"}\n---\n=00000000 \npanic: x\n"))
	f.Add([]byte("{\"v\":1,\"uuid\":\"x\"}\n---\n=1c291ca3 {}\n=zz"))
	f.Add([]byte("{}\n---\n"))
	f.Add([]byte("{\"v\":1,\"uuid\":\"x\"}\n---\n" + record(`{"uuid":"`+first+`"}`) + record(`{"delivered":"`+first+`"}`) + record("{}")))
	f.Fuzz(func(t *testing.T, whole []byte) {
		l, err := file.ParseLeft(whole)
		if err != nil {
			return
		}
		total := len(l.Text)
		for _, r := range l.Records {
			total += len(r)
		}
		if l.Header.UUID == "" || total > len(whole) {
			t.Errorf("%q: got %+v", whole, l)
		}
		for _, r := range l.Records {
			var event struct{ UUID string }
			if json.Unmarshal(r, &event) == nil && l.Delivered(event.UUID) && bytes.Contains(r, []byte(`"uuid"`)) {
				t.Errorf("%q: got record %q, which was delivered", whole, r)
			}
		}
	})
}
