package spool

import (
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// How many usual files are made ahead: at least, and at most, when files were
// used up faster than they were made.
const (
	minSpares = 2
	maxSpares = 8
)

// maxLarge bounds the files that were made to measure and not fetched.
const maxLarge = 2

// shelf is what can be handed out, and the account of all files. The spool's
// lock guards it.
type shelf struct {
	size int   // of the frames area of a usual file
	max  int64 // bound on bytes

	spares []*File // usual files
	large  []*File // files made to measure
	target int     // how many spares are made, if there are fewer than half of them
	making bool    // they are being made
	asked  int     // size of the large file that is asked for, or 0

	refused int // size from which on files cannot be made for now, or 0

	bytes   int64 // of all files
	leaving int64 // of those whose segment is over
	limbo   int64 // of those that broke and stay until their records are elsewhere

	changed chan struct{} // closed when something was put here, or never will be
	told    bool          // it is closed
}

func newShelf(size int, bound int64) shelf {
	h := shelf{size: size, max: bound, target: minSpares, changed: make(chan struct{}), told: true}
	close(h.changed)
	return h
}

// take removes a file for a segment of size bytes, or returns nil.
func (h *shelf) take(size int) *File {
	files := &h.spares
	if size > h.size {
		files = &h.large
	}
	// The oldest goes first: its ordinal is the smallest.
	i := slices.IndexFunc(*files, func(f *File) bool { return f.disk.Size() >= size })
	if i < 0 {
		return nil
	}
	f := (*files)[i]
	*files = slices.Delete(*files, i, i+1)
	return f
}

// pop removes the newest of files, or returns nil.
func pop(files *[]*File) *File {
	n := len(*files)
	if n == 0 {
		return nil
	}
	f := (*files)[n-1]
	*files = slices.Delete(*files, n-1, n)
	return f
}

func (h *shelf) put(f *File) {
	if f.disk.Size() == h.size {
		h.spares = append(h.spares, f)
	} else {
		h.large = append(h.large, f)
		h.asked = 0
	}
	h.announce()
}

// clear removes everything.
func (h *shelf) clear() []*File {
	files := slices.Concat(h.spares, h.large)
	h.spares, h.large = nil, nil
	return files
}

// announce wakes whoever waits for a file.
func (h *shelf) announce() {
	if !h.told {
		h.told = true
		close(h.changed)
	}
}

// ask notes that a file for size bytes is wanted, and more files ahead.
func (h *shelf) ask(size int) {
	if size <= h.size {
		h.target, h.making = min(2*h.target, maxSpares), true
	} else {
		h.asked = max(h.asked, size)
	}
	if h.told {
		h.changed, h.told = make(chan struct{}), false
	}
}

// full reports whether the bound forbids a file for size bytes, even if the
// files on the shelf went for it.
func (h *shelf) full(size int) bool { return !h.possible(size, h.leaving) }

// possible reports whether a file for size bytes is within the bound once the
// files on the shelf, and gone bytes beside, have made room for it.
func (h *shelf) possible(size int, gone int64) bool {
	used := h.bytes - gone
	for _, f := range h.spares {
		used -= f.bytes
	}
	for _, f := range h.large {
		used -= f.bytes
	}
	return used+disk.FileSize(disk.Round(max(size, h.size))) <= h.max
}

// fits reports whether there is room for another file for size bytes now.
func (h *shelf) fits(size int) bool {
	return h.bytes-h.limbo+disk.FileSize(disk.Round(size)) <= h.max
}

// lacks returns the size of the file that should be made next, or 0. If
// another file has to make room for it, it returns that one instead.
func (h *shelf) lacks() (size int, surplus *File) {
	if h.asked > 0 && h.possible(h.asked, h.limbo) {
		switch {
		case len(h.large) >= maxLarge:
			return 0, pop(&h.large)
		case h.fits(h.asked):
			return h.asked, nil
		case len(h.spares) > 0:
			return 0, pop(&h.spares)
		default:
			return 0, pop(&h.large)
		}
	}
	// Between half of the target and all of it, files that come back from
	// their use are enough.
	switch n := len(h.spares); {
	case n >= h.target:
		h.making = false
	case n < max(h.target/2, minSpares):
		h.making = true
	}
	if h.making && h.fits(h.size) {
		return h.size, nil
	}
	return 0, nil
}

// stale removes the files made to measure that nobody fetched since before.
func (h *shelf) stale(before time.Time) []*File {
	var files []*File
	h.large = slices.DeleteFunc(h.large, func(f *File) bool {
		old := f.made.Before(before)
		if old {
			files = append(files, f)
		}
		return old
	})
	return files
}
