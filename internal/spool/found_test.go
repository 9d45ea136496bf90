package spool_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// died leaves n records behind, as a process that is gone does.
func died(t *testing.T, c spool.Config, n int) []string {
	t.Helper()
	w := next(t, c)
	w.start()
	w.add(0, n)
	synctest.Wait()
	inFiles, _ := w.queue.kept()
	w.die()
	return inFiles
}

// What is final in a file that was found stays so, whatever is added to it.
func TestEndsOfEarlierLivesAreKept(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		const records, each = 10, 3
		names := died(w.T, w.config, records)
		for life := range 3 {
			w := next(w.T, w.config)
			w.start()
			left := each
			for _, f := range w.Found() {
				area := make([]byte, f.Pending.Used)
				loaded := make(chan segment.Contents)
				f.File.Load(area, func(c segment.Contents) { loaded <- c })
				contents := <-loaded
				if contents.Err != nil {
					w.Errorf("life %d: Load: got %v, want no error", life, contents.Err)
				}
				n := min(left, len(contents.Pending))
				for _, at := range contents.Pending[:n] { // one by one, as they come
					f.File.End([]int{at})
					synctest.Wait()
				}
				left -= n
				if n == len(contents.Pending) {
					f.File.Discard()
				}
			}
			w.leave()
		}
		revive(w.T, w.config).requireAll(w.T, names[3*each:], nil)
	})
}

func TestSegmentsBeyondTheBoundAreSaidToBeSo(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		_ = died(w.T, w.config, 22)
		w.config.MaxBytes = 2*file + file/2
		w.start()
		found := w.Found()
		if again := w.Found(); again != nil {
			w.Errorf("second Found: got %d segments, want none", len(again))
		}
		for i, f := range found {
			if want := i < len(found)-2; f.Excess != want {
				w.Errorf("segment %d of %d: got excess: %v, want %v", i, len(found), f.Excess, want)
			}
			if f.Pending.Records == 0 || f.Pending.Used == 0 {
				w.Errorf("segment %d: got %+v, want records", i, f.Pending)
			}
		}
		if supply := w.supply(small); supply != full {
			w.Errorf("Begin: got supply %d, want %d", supply, full)
		}
		for _, f := range found {
			f.File.Discard() // and is not used again, or the directory could not go
		}
		if got := w.Stats().Bytes; got != 0 {
			w.Errorf("when all are discarded: got %d bytes, want 0", got)
		}
		synctest.Wait()
		if supply := w.supply(small); supply != ready {
			w.Errorf("later: got supply %d, want %d", supply, ready)
		}
		if owners, err := filepath.Glob(filepath.Join(w.config.Dir, "*")); len(owners) != 1 {
			w.Errorf("later: got directories %v, error %v, want our own", owners, err)
		}
		w.leave()
		requireEmpty(w.T, w.config.Dir)
	})
}

// The disk comes back after the start: what the dead left is found then.
func TestWhatTheDeadLeftIsFoundWhenTheDiskComesBack(t *testing.T) {
	t.Parallel()
	for what, operation := range map[string]string{"nothing works": "", "directories cannot be read": "ReadDir"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				names := died(w.T, w.config, 10)
				w.system.Before(func(op faulty.Op) error {
					if op.Name == operation || operation == "" {
						return syscall.EMFILE
					}
					return nil
				})
				w.start()
				if found := w.Found(); len(found) > 0 {
					w.Errorf("Found: got %d segments, want none", len(found))
				}
				<-time.After(10 * time.Second)
				if got := w.log.count("posthog: "); got != 1 {
					w.Errorf("got log %q, want one line", w.log.lines)
				}
				w.system.Heal()
				<-time.After(30 * time.Second)
				synctest.Wait()
				read(w.T, w.queue.found).requireAll(w.T, names, nil)
				w.leave()
				requireEmpty(w.T, w.config.Dir)
			})
		})
	}
}

func TestALoadThatFails(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		err     error
		lasting bool
		loaded  time.Duration // how long it takes until it is known
		failed  bool
		left    bool // for the next process
	}{
		"is tried again while too many files are open": {syscall.EMFILE, false, 500 * time.Second, false, false},
		"is tried again when the disk fails once":      {syscall.EIO, false, 2 * time.Second, false, false},
		"is given up when the disk fails for long":     {syscall.EACCES, true, 61 * time.Second, true, true},
		"is given up when the file is gone":            {syscall.ENOENT, true, 0, true, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				names := died(w.T, w.config, 2)
				w.start()
				synctest.Wait()
				w.system.Before(func(op faulty.Op) error {
					if op.Name == "Open" {
						return tc.err
					}
					return nil
				})
				found := w.Found()
				area := make([]byte, found[0].Pending.Used)
				var contents segment.Contents
				loaded := make(chan struct{})
				began := time.Now()
				found[0].File.Load(area, func(c segment.Contents) { contents = c; close(loaded) })
				if !tc.lasting {
					<-time.After(tc.loaded - time.Second)
					w.system.Heal()
				}
				<-loaded
				if took := time.Since(began); took > tc.loaded+30*time.Second || (contents.Err != nil) != tc.failed {
					w.Errorf("Load: got error %v after %v, want an error: %v, after %v or so", contents.Err, took, tc.failed, tc.loaded)
				}
				found[0].File.Discard()
				synctest.Wait()
				w.system.Heal()
				w.leave()
				if tc.left {
					revive(w.T, w.config).requireAll(w.T, names, nil)
				}
				requireEmpty(w.T, w.config.Dir)
			})
		})
	}
}

func TestWhatIsLeftAloneIsReportedOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		_ = died(w.T, w.config, 1)
		files, err := filepath.Glob(filepath.Join(w.config.Dir, "analytics-*", "*.segment"))
		if err != nil || len(files) == 0 {
			w.Fatalf("got files %v, error %v, want some", files, err)
		}
		for _, file := range files {
			if err := overwrite(file, bytes.Repeat([]byte{0x55}, 1024)); err != nil {
				w.Fatalf("spoil: %v", err)
			}
		}
		other := w.config
		other.ProjectKey = "phc_other"
		_ = died(w.T, other, 1)
		w.start()
		synctest.Wait()
		<-time.After(2 * time.Minute)
		for _, text := range []string{fmt.Sprintf("2 posthog: some files of the spool in %s (%d)", w.config.Dir, len(files)), "2 posthog: clients with another project key (1)"} {
			if got := w.log.count(text); got != 1 {
				w.Errorf("got log %q, want %q once", w.log.lines, text)
			}
		}
		w.leave()
	})
}

func overwrite(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(b, 0)
	return err
}
