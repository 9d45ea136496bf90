package disk

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"sort"
)

// Sweep is what Claim found.
type Sweep struct {
	// Segments are those of dead owners that have pending records, or damaged
	// ones, oldest first. They are neither open nor mapped.
	Segments []*Segment
	// Owners are the dead owners of these segments, which are ours now. Each is
	// to be closed when its segments are retired.
	Owners []*Owner
	// Quarantined says which files were moved to the quarantine, and why.
	Quarantined []string
	// Foreign counts dead owners of another project key.
	Foreign int
	// Newer counts segments of a later version of the format. They were left
	// where they are.
	Newer int
	// Alive counts the other owners of this lane and project key that live.
	Alive int
}

// Claim looks for dead owners of the identity in dir, takes their locks, and
// says what they left. Own, which may be nil, is passed over. What it cannot
// look at it leaves where it is, for another try: then the error says so, and
// the sweep holds the rest. A directory that does not exist is empty. Several
// processes may claim at the same time; every dead owner goes to one of them.
func Claim(sys System, dir string, id Identity, own *Owner) (Sweep, error) {
	entries, err := sys.ReadDir(dir)
	if isGone(err) {
		return Sweep{}, nil
	}
	if err != nil {
		return Sweep{}, fmt.Errorf("look for segments: %w", err)
	}
	c := claim{sys: sys, root: dir, id: id, head: make([]byte, firstRead)}
	var held []*Owner
	for _, e := range entries {
		theirs, mark, ok := parseDirectory(e.Name())
		if !ok || !e.IsDir() || own != nil && mark == own.mark {
			continue
		}
		o := &Owner{sys: sys, id: theirs, root: dir, mark: mark}
		if theirs != id {
			c.note(c.count(o))
			continue
		}
		err := c.sweep(o)
		if errors.Is(err, ErrHeld) {
			held = append(held, o)
			continue
		}
		c.note(err)
	}
	// A lock that somebody only tried is held for a moment as well.
	for _, o := range held {
		err := c.sweep(o)
		if errors.Is(err, ErrHeld) {
			c.found.Alive++
			continue
		}
		c.note(err)
	}
	sort.SliceStable(c.found.Segments, func(i, j int) bool {
		a, b := c.found.Segments[i], c.found.Segments[j]
		return cmp.Or(cmp.Compare(a.pending.Oldest, b.pending.Oldest), cmp.Compare(a.header.ordinal, b.header.ordinal)) < 0
	})
	return c.found, errors.Join(c.errs...)
}

// claim is one call of Claim.
type claim struct {
	sys   System
	root  string
	id    Identity
	found Sweep
	errs  []error
	head  []byte // what every file is read into
	area  []byte // and its frames, if they have to be read
}

// note keeps an error that is more than somebody else's being faster.
func (c *claim) note(err error) {
	if err != nil && !errors.Is(err, errLost) {
		c.errs = append(c.errs, err)
	}
}

// count counts an owner that is not ours to sweep, if it is dead and left
// something. If it did not, its directory goes: it may be the one that its owner
// gave up because the lock was held for this look.
func (c *claim) count(o *Owner) error {
	_, err := c.sys.Stat(o.lockPath())
	if isGone(err) {
		return nil // it is just being made, or removed
	}
	if err == nil {
		err = o.take()
	}
	if err != nil {
		return fmt.Errorf("look at owner directory: %w", err)
	}
	if empty, err := o.empty(); empty || err != nil {
		return errors.Join(err, o.Close())
	}
	if o.id.Key != c.id.Key { // else it waits for a spool of its lane
		c.found.Foreign++
	}
	return o.unlock()
}

// sweep takes the lock of an owner and looks at each of its segments. The
// error is ErrHeld, among others, if it lives.
func (c *claim) sweep(o *Owner) error {
	if err := o.take(); err != nil {
		return fmt.Errorf("claim owner directory: %w", err)
	}
	segments, err := c.inspectAll(o)
	if err != nil && Exhausted(err) || len(segments) == 0 {
		// If this process has no descriptors left, another try gets everything.
		return errors.Join(err, o.Close())
	}
	c.found.Segments = append(c.found.Segments, segments...)
	c.found.Owners = append(c.found.Owners, o)
	return err
}

// inspectAll returns the segments of an owner that are to be sent.
func (c *claim) inspectAll(o *Owner) ([]*Segment, error) {
	entries, err := c.sys.ReadDir(o.Dir())
	if isGone(err) {
		err = nil // its owner gave up making it
	}
	if err != nil {
		return nil, fmt.Errorf("claim owner directory: %w", err)
	}
	var segments []*Segment
	var errs []error
	for _, e := range entries {
		if !isSegment(e.Name()) || !e.Type().IsRegular() { // to open a pipe is to wait for its writer
			continue
		}
		s, err := c.inspect(o, filepath.Join(o.Dir(), e.Name()))
		if err != nil {
			errs = append(errs, fmt.Errorf("claim segment: %w", err))
			if Exhausted(err) {
				break
			}
		}
		if s != nil {
			segments = append(segments, s)
			o.ordinal = max(o.ordinal, s.header.ordinal)
		}
	}
	return segments, errors.Join(errs...)
}
