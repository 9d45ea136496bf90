package disk

// Left reports whether Claim would find segments of the identity in dir. It
// makes nothing and keeps no lock. What it cannot look at it takes for nothing.
func Left(sys System, dir string, id Identity) bool {
	entries, err := sys.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		theirs, mark, ok := parseDirectory(e.Name())
		if !ok || !e.IsDir() || theirs != id {
			continue
		}
		if o := (&Owner{sys: sys, id: id, root: dir, mark: mark}); o.hasSegments() && o.dead() {
			return true
		}
	}
	return false
}

// hasSegments reports whether there are files of segments.
func (o *Owner) hasSegments() bool {
	entries, err := o.sys.ReadDir(o.Dir())
	if err != nil {
		return false
	}
	for _, e := range entries {
		if isSegment(e.Name()) {
			return true
		}
	}
	return false
}

// dead reports whether nobody has the lock.
func (o *Owner) dead() bool {
	if _, err := o.sys.Stat(o.lockPath()); err != nil {
		return isGone(err) // Claim makes it
	}
	if o.take() != nil {
		return false
	}
	return o.unlock() == nil
}
