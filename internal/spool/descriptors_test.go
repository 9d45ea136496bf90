package spool_test

import (
	"testing"
	"testing/synctest"
	"time"
)

// Files that wait for their turn have no descriptor and no mapping.
func TestDescriptorsAreFewHoweverManyFilesThereAre(t *testing.T) {
	t.Parallel()
	inModes(t, func(w *world) {
		w.start()
		w.add(0, 150)
		synctest.Wait()
		files := len(w.queue.regions)
		// The lock, the file in use, eight that are sealed and eight that wait for
		// a sync, at most eight spares.
		if o, m := w.system.Opened(), w.system.Mapped(); files < 30 || o > 26 || m > 25 {
			w.Errorf("with %d files: got %d descriptors and %d mappings, want at most 26 and 25", files, o, m)
		}
		// What is said about a closed file is added to what was said before.
		for range 30 {
			w.queue.finish(1)
			synctest.Wait()
		}
		inFiles, _ := w.queue.kept()
		w.leave()
		revive(w.T, w.config).requireAll(w.T, inFiles, nil)
	})
}

// A record of a closed file ends long after others of that file did.
func TestEndsOfAClosedFileAreAdded(t *testing.T) {
	t.Parallel()
	inModes(t, func(w *world) {
		w.start()
		w.add(0, 3)
		r := w.queue.regions[0]
		r.file.End(r.offsets[1:2])
		w.add(3, 60)
		synctest.Wait()
		r.file.End([]int{r.offsets[0], r.offsets[2]})
		synctest.Wait()
		w.leave()
		revive(w.T, w.config).requireAll(w.T, names(3, 60), nil)
	})
}

// The kernel protects the pages that it has written to the disk, so that the
// first to write into them again would have to wait.
func TestThePagesThatComeNextAreKeptWritable(t *testing.T) {
	t.Parallel()
	inBubble(t, usual, func(w *world) {
		w.add(0, 1)
		synctest.Wait()
		populated := w.count("Populate")
		for _, step := range []struct {
			pause time.Duration
			want  int32
		}{{time.Second / 2, 0}, {time.Second, 1}, {time.Second / 2, 1}, {time.Second / 2, 2}} {
			<-time.After(step.pause)
			w.queue.regions[0].file.End(nil) // the keeper is awake
			synctest.Wait()
			if got := populated.Load(); got != step.want {
				w.Errorf("%v later: got the pages populated %d times, want %d", step.pause, got, step.want)
			}
		}
		w.leave()
	})
}
