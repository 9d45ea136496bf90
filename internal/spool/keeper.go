package spool

import (
	"time"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// watchInterval is the least time between two looks at the directory, and
// between two times that the pages of a file in use are populated.
const watchInterval = time.Second

// idleWatch is the time between two looks while there is nothing to do: what is
// appended to mapped memory wakes nobody.
const idleWatch = 10 * time.Second

// claimInterval is the time between two looks for what dead owners left. The
// first is at the start; but whoever starts before its predecessor is killed, as
// in a rolling deployment, finds nothing then.
const claimInterval = time.Minute

// keeper is the goroutine that looks after the files. Until it is started it
// does what Open needs on the goroutine of that.
type keeper struct {
	spool *Spool
	id    disk.Identity
	queue segment.Queue   // nil until Start, or if only Close started it
	found []segment.Found // for Found; the spool's lock guards it

	own       *owner // makes files; nil while there is none
	owners    []*owner
	claimed   time.Time // when dead owners were looked for
	unclaimed error     // why not everything was claimed
	partly    bool      // and what was not may be in a directory whose lock we hold since
	swept     bool      // what a sweep left alone is in the log
	told      string    // what the log says of unclaimed

	open   []*File            // sealed files with a descriptor, the least recently used first
	limbo  []*File            // discarded files that broke
	failed map[*File]struct{} // with work that failed, for the next try

	committer *committer // nil unless there is one
	retry     retry
	reported  error // why the log says that the spool is down
	now       time.Time
	watched   time.Time
	look      *time.Ticker // wakes an idle keeper for another look
	running   bool         // on its own goroutine
	tracking  bool         // there were files for a committer
	last      bool         // the spool closes
	errs      []error      // of closing
}

func newKeeper(s *Spool, id disk.Identity) *keeper {
	return &keeper{spool: s, id: id, failed: make(map[*File]struct{}), retry: newRetry()}
}

// begin does what there is to be done before the first record.
func (k *keeper) begin() {
	k.now = time.Now()
	k.watched = k.now
	if err := k.establish(); err != nil {
		k.fail(err)
	} else {
		k.restock()
	}
	k.report()
}

func (k *keeper) run() {
	s := k.spool
	defer close(s.kept)
	defer k.end()
	k.running = true
	k.look = time.NewTicker(idleWatch)
	defer k.look.Stop()
	s.left = errOver // unless finish ends well
	if k.tracking {
		k.startCommitter()
	}
	for open := true; open; {
		k.pass()
		open = k.wait()
	}
	k.finish()
}

// wait returns when there is something to do, and reports whether that is more
// than to finish.
func (k *keeper) wait() bool {
	for {
		select {
		case <-k.spool.wake:
			return true
		case <-k.retry.timer.C:
			return true
		case <-k.spool.closing:
			return false
		case k.now = <-k.look.C:
			if !k.watch() || k.now.Sub(k.claimed) >= claimInterval {
				return true
			}
		}
	}
}

// end says that nothing is to be had any more, whatever it was that ended the
// keeper.
func (k *keeper) end() {
	s := k.spool
	s.mu.Lock()
	s.ended = true
	s.shelf.announce()
	s.mu.Unlock()
	k.stopCommitter()
}

// pass does everything that there is to do now.
func (k *keeper) pass() {
	k.now = time.Now()
	k.watch()
	tried := k.hasten()
	defer tried()
	if k.retry.due(k.now) {
		k.tryAgain()
	}
	if k.own != nil && k.now.Sub(k.claimed) >= claimInterval {
		k.claim()
	}
	for k.step() {
		k.now = time.Now()
	}
	k.populate()
	k.report()
	k.retry.schedule(k.now, k.troubled())
}

// step does one thing, the most urgent one, and reports whether there was any.
func (k *keeper) step() bool {
	return k.refill() || k.serve() || k.restock() || k.sweep() || k.persist() || k.free()
}

// refill makes a file if somebody may be waiting for one.
func (k *keeper) refill() bool {
	s := k.spool
	s.mu.Lock()
	empty := s.hungry && (len(s.shelf.spares) == 0 || s.shelf.asked > 0)
	s.mu.Unlock()
	return empty && k.restock()
}

// persist has the queue copy what lives in memory only, as far as there are
// files. It reports whether it asked.
func (k *keeper) persist() bool {
	s := k.spool
	if k.queue == nil {
		return false
	}
	s.mu.Lock()
	due := s.persist
	if due {
		s.persist, s.hungry = false, false
	}
	s.mu.Unlock()
	if !due {
		return false
	}
	for _, f := range k.limbo {
		f.until = 0 // what was copied may have broken as well
	}
	for k.queue.Persist() {
		k.restock()
	}
	for _, f := range k.limbo {
		k.clearToGo(f)
	}
	return true
}

const populateAhead = 64 << 10

// populate makes the pages that will be written next writable again: what the
// kernel has written to the disk it protects.
func (k *keeper) populate() {
	s := k.spool
	var files [4]*File
	n := 0
	s.mu.Lock()
	for _, f := range s.active {
		if f.mapped && !f.sealing && n < len(files) {
			files[n] = f
			n++
		}
	}
	s.mu.Unlock()
	for _, f := range files[:n] {
		if k.now.Sub(f.populated) < watchInterval {
			continue
		}
		f.populated = k.now
		from := int(f.reached.Load())
		_ = f.disk.Populate(from, min(from+populateAhead, f.disk.Size())) // if that fails, Append finds out
	}
}
