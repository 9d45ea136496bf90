package flagsync_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// write makes text the contents of a file, with its own time stamp.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBytesAreThereAtOnceAndNeverPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, flagsync.Config{Bytes: []byte(document("a"))}, status(500))
		w.want(flagsync.Bytes, "a")
		w.Start()
		w.Use()
		if err := w.Wait(t.Context()); err != nil {
			t.Errorf("Wait: %v", err)
		}
		if err := w.Reload(t.Context()); err != nil {
			t.Errorf("Reload: %v", err)
		}
		if got := w.Status(); got.Condition != flagsync.Current || !got.NextAttempt.IsZero() {
			t.Errorf("status %+v, want current and no next attempt", got)
		}
	})
}

// Live definitions beat embedded ones, which beat the backup.
func TestBytesUntilSomethingBetterComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.Bytes = []byte(document("embedded"))
		c.BackupPath = filepath.Join(t.TempDir(), "backup.json")
		write(t, c.BackupPath, document("saved"))
		w := open(t, c, answers{status(503), status(503), ok(document("a"), "")}...)
		_ = w.Reload(t.Context())
		w.want(flagsync.Bytes, "embedded")
		if got := w.Status().Condition; got != flagsync.Stale {
			t.Errorf("condition %v, want stale", got)
		}
		pass(3 * time.Second)
		w.want(flagsync.Network, "a")
	})
}

func TestAFileIsReadAgainWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "flags.json")
		w := open(t, flagsync.Config{File: path, Secret: "phs_test"}, status(500))
		w.Start()
		pass(10 * time.Second)
		w.want(flagsync.None)
		if got := w.reported(); len(got) != 1 {
			t.Errorf("reports of a missing file %q, want one", got)
		}
		write(t, path, document("a"))
		pass(time.Second)
		w.want(flagsync.File, "a")
		pass(time.Minute)
		if got := w.State().Generation; got != 1 {
			t.Errorf("generation %d of a file that did not change, want 1", got)
		}
		write(t, path, document("a", "b"))
		pass(time.Second)
		w.want(flagsync.File, "a", "b")
		w.reported()

		write(t, path, document("c")[:40]) // somebody is still writing
		pass(10 * time.Second)
		w.want(flagsync.File, "a", "b")
		if got := w.Status(); got.Condition != flagsync.Stale || got.LastError == nil {
			t.Errorf("status %+v of a damaged file, want stale and an error", got)
		}
		if got := w.reported(); len(got) != 1 || !strings.Contains(got[0], "not a definitions document") {
			t.Errorf("reports of a damaged file %q, want one", got)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		w.want(flagsync.File, "a", "b")
		write(t, path, document("c"))
		pass(time.Second)
		w.want(flagsync.File, "c")
		if len(w.service.seen()) > 0 || w.Status().Polls != (flagsync.Polls{}) {
			t.Error("PostHog was asked in spite of a file")
		}
	})
}

// A change within the grain of the file system's clock is not missed.
func TestAFileThatChangesWithinItsTimeStamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "flags.json")
		stamp := time.Now()
		rewrite := func(key string) {
			write(t, path, document(key))
			if err := os.Chtimes(path, stamp, stamp); err != nil {
				t.Fatal(err)
			}
		}
		w := open(t, flagsync.Config{File: path}, status(500))
		rewrite("a")
		w.Start()
		synctest.Wait()
		w.want(flagsync.File, "a")
		rewrite("b")
		pass(time.Second)
		w.want(flagsync.File, "b")
		pass(time.Minute)
		rewrite("c") // an hour later, with the old stamp: somebody sets it back
		pass(time.Minute)
		w.want(flagsync.File, "b")
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.File, "c")
	})
}

func TestADirectoryIsNoFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, flagsync.Config{File: t.TempDir()}, status(500))
		if err := w.Reload(t.Context()); err == nil {
			t.Error("Reload of a directory: no error")
		}
	})
}

func TestTheBackupHoldsWhatWasLoadedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.BackupPath = filepath.Join(t.TempDir(), "new", "backup.json")
		w := open(t, c, ok(document("a"), "x"), status(304), ok(document("b"), ""), status(503), status(402), ok("{}", ""))
		for i, want := range []string{"a", "a", "b", "b", "b", "b"} {
			if i == 1 { // it is not written again
				if err := os.Remove(c.BackupPath); err != nil {
					t.Fatal(err)
				}
			}
			_ = w.Reload(t.Context())
			got, err := os.ReadFile(c.BackupPath)
			if i == 1 {
				if err == nil {
					t.Error("an unchanged document was written again")
				}
				continue
			}
			if err != nil || string(got) != document(want) {
				t.Errorf("after load %d the backup has %q, %v; want %q", i, got, err, document(want))
			}
		}
		info, err := os.Stat(c.BackupPath)
		if err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
		}
	})
}

func TestTheBackupIsReadWhenTheFirstLoadFails(t *testing.T) {
	for name, c := range map[string]struct {
		answer  []http.HandlerFunc
		backup  string
		source  flagsync.Source
		keys    []string
		reports int
	}{
		"no service":          {answer: []http.HandlerFunc{status(503)}, backup: document("saved"), source: flagsync.Backup, keys: []string{"saved"}, reports: 1},
		"no answer":           {answer: []http.HandlerFunc{hang("")}, backup: document("saved"), source: flagsync.Backup, keys: []string{"saved"}, reports: 1},
		"a key that is wrong": {answer: []http.HandlerFunc{status(401)}, backup: document("saved"), source: flagsync.Backup, keys: []string{"saved"}, reports: 1},
		"no quota left":       {answer: []http.HandlerFunc{status(402)}, backup: document("saved"), source: flagsync.None, reports: 1},
		"a damaged backup":    {answer: []http.HandlerFunc{status(503)}, backup: "{", source: flagsync.None, reports: 2},
		"no backup":           {answer: []http.HandlerFunc{status(503)}, source: flagsync.None, reports: 2},
		"no need":             {answer: []http.HandlerFunc{ok(document("a"), "")}, backup: document("saved"), source: flagsync.Network, keys: []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := secret()
				config.BackupPath = filepath.Join(t.TempDir(), "backup.json")
				if c.backup != "" {
					write(t, config.BackupPath, c.backup)
				}
				w := open(t, config, c.answer...)
				_ = w.Reload(t.Context())
				w.want(c.source, c.keys...)
				if got := w.reported(); len(got) != c.reports {
					t.Errorf("reports %q, want %d", got, c.reports)
				}
				if c.source == flagsync.Backup {
					if got := w.Status(); got.Condition != flagsync.Stale || w.Wait(t.Context()) != nil {
						t.Errorf("status %+v, want stale and ready", got)
					}
				}
				w.service.answer(ok(document("b"), ""))
				pass(2 * time.Minute)
				w.want(flagsync.Network, "b")
				for _, r := range w.service.seen() {
					if got := r.header.Get("If-None-Match"); got != "" {
						t.Errorf("asked with ETag %q, want none: a backup has none", got)
					}
				}
			})
		})
	}
}

func TestTheBackupIsForTheFirstLoadAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.BackupPath = filepath.Join(t.TempDir(), "backup.json")
		write(t, c.BackupPath, document("saved"))
		w := open(t, c, status(402), status(503))
		for range 3 {
			_ = w.Reload(t.Context())
			w.want(flagsync.None)
		}
	})
}

// A provider that has nothing is no failure, but a backup stays a backup.
func TestABackupIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, false)
		f.get = none
		c := flagsync.Config{Provider: f, BackupPath: filepath.Join(t.TempDir(), "backup.json")}
		write(t, c.BackupPath, document("saved"))
		w := open(t, c, status(500))
		for range 2 {
			_ = w.Reload(t.Context())
			w.want(flagsync.Backup, "saved")
			if got := w.Status().Condition; got != flagsync.Stale {
				t.Errorf("condition %v, want stale", got)
			}
		}
	})
}

func TestABackupThatCannotBeWrittenIsReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.BackupPath = filepath.Join(t.TempDir(), "file", "backup.json")
		write(t, filepath.Dir(c.BackupPath), "in the way")
		w := open(t, c, ok(document("a"), ""), ok(document("b"), ""))
		for range 3 {
			if err := w.Reload(t.Context()); err != nil {
				t.Errorf("Reload: %v", err)
			}
		}
		if got := w.reported(); len(got) != 1 {
			t.Errorf("reports %q, want one", got)
		}
		w.want(flagsync.Network, "b")
	})
}
