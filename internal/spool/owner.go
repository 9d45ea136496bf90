package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// owner is a directory that is ours, and the files in it. The keeper alone
// uses it.
type owner struct {
	disk  *disk.Owner
	files map[*File]struct{}
}

// establish makes a directory of our own, and looks for those of the dead. If it
// cannot make one, it looks for them once all the same: what they left may be
// what fills the disk.
func (k *keeper) establish() error {
	own, err := disk.NewOwner(k.spool.config.System, k.spool.config.Dir, k.id)
	if err != nil {
		if !k.swept {
			k.claim()
		}
		return err
	}
	k.own = &owner{disk: own, files: make(map[*File]struct{})}
	k.owners = append(k.owners, k.own)
	k.claim()
	return nil
}

// claim takes over what dead owners left.
func (k *keeper) claim() {
	k.claimed = k.now
	var own *disk.Owner
	if k.own != nil {
		own = k.own.disk
	}
	sweep, err := disk.Claim(k.spool.config.System, k.spool.config.Dir, k.id, own)
	k.unclaimed = err
	k.partly = k.partly || err != nil
	owners := make(map[*disk.Owner]*owner, len(sweep.Owners))
	for _, o := range sweep.Owners {
		owners[o] = &owner{disk: o, files: make(map[*File]struct{})}
		k.owners = append(k.owners, owners[o])
	}
	found := make([]segment.Found, len(sweep.Segments))
	room := k.spool.config.MaxBytes - k.spool.Stats().Bytes
	for i, d := range slices.Backward(sweep.Segments) { // the newest stay
		f := k.newFile(d, owners[d.Owner()])
		f.found, f.mapped, f.tracked = true, false, false
		f.sealing, f.settled, f.sealed = true, true, true
		room -= f.bytes
		found[i] = segment.Found{File: f, Pending: d.Pending(), Excess: room < 0}
	}
	k.tell(&sweep)
	if len(found) == 0 {
		return
	}
	if k.queue != nil {
		k.queue.Recover(found)
		return
	}
	k.spool.mu.Lock()
	k.found = append(k.found, found...)
	k.spool.mu.Unlock()
}

// tell reports what a sweep left alone.
func (k *keeper) tell(sweep *disk.Sweep) {
	dir, notices := k.spool.config.Dir, k.spool.config.Notices
	if n := len(sweep.Quarantined); n > 0 {
		notices.Report(notice.Warn, "spool quarantine",
			"posthog: some files of the spool in %s (%d) could not be understood; their events are not sent, and they are kept in its folder quarantine; the first: %s", dir, n, sweep.Quarantined[0])
	}
	if sweep.Newer > 0 && !k.swept {
		notices.Report(notice.Warn, "spool newer",
			"posthog: some files of the spool in %s (%d) are of a newer version of this library and were left alone; start that version to have their events sent", dir, sweep.Newer)
	}
	if sweep.Foreign > 0 && !k.swept {
		notices.Report(notice.Warn, "spool foreign",
			"posthog: clients with another project key (%d) may have left events in the spool in %s; start one with that key to have them sent", sweep.Foreign, dir)
	}
	k.swept = true
	if k.unclaimed != nil && k.own != nil && k.told != k.unclaimed.Error() { // else the log says that the spool is down
		k.told = k.unclaimed.Error()
		notices.Report(notice.Warn, "spool unclaimed",
			"posthog: what earlier processes left in the spool in %s cannot be read for now, and will be tried again: %v", dir, k.unclaimed)
	}
}

// newFile takes a file into account.
func (k *keeper) newFile(d *disk.Segment, o *owner) *File {
	s := k.spool
	f := &File{spool: s, disk: d, owner: o, bytes: d.Bytes(), mapped: d.Mapped()}
	f.tracked = !f.mapped || s.config.syncs()
	f.last = -1
	o.files[f] = struct{}{}
	s.mu.Lock()
	s.shelf.bytes += f.bytes
	s.mu.Unlock()
	return f
}

// vanished reports whether an owner's directory is not there any more, or is
// somebody else's.
func vanished(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, disk.ErrReplaced)
}

// watch makes sure that our directory is still there, and reports whether it
// is. If not, everything in it is lost to the next process, so it has to be copied.
func (k *keeper) watch() bool {
	if k.own == nil || k.now.Sub(k.watched) < watchInterval {
		return true
	}
	k.watched = k.now
	err := k.own.disk.Present()
	if vanished(err) {
		k.abandon(err)
		return false
	}
	return true
}

// abandon gives up our directory.
func (k *keeper) abandon(why error) {
	s, o := k.spool, k.own
	k.own = nil
	s.mu.Lock()
	for f := range o.files {
		if !f.discarded {
			s.giveUp(f, fmt.Errorf("its directory is gone: %w", why))
		}
	}
	s.distrustSpares()
	s.mu.Unlock()
	s.config.Notices.Report(notice.Warn, "spool removed",
		"posthog: the spool's directory was removed while it was in use, and is made again; events whose only copy was there are lost: %v", why)
	k.leave(o)
}

// leave closes a directory that has no files and gets none.
func (k *keeper) leave(o *owner) {
	if o == k.own || len(o.files) > 0 {
		return
	}
	k.owners = slices.DeleteFunc(k.owners, func(other *owner) bool { return other == o })
	k.note(o.disk.Close())
	if k.partly {
		k.partly, k.unclaimed = len(k.owners) > 1, errPartly // it may be in another of them
	}
}

// errPartly says that something may be in a directory that was left.
var errPartly = errors.New("not everything in it could be read at first")
