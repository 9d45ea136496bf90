package queue

import (
	"errors"
	"sync"
	"sync/atomic"
)

// Budget is memory that several queues share, beside the bound that each of
// them has by itself. A queue with a Budget keeps no memory while it is empty.
// It is safe for concurrent use.
type Budget struct {
	limit int64

	used   atomic.Int64
	waited atomic.Bool // somebody may wait for freed

	mu    sync.Mutex       // guards what follows
	spare map[int][][]byte // for the next Alloc, by size; they do not count as used
	freed chan struct{}    // closed when memory comes back; nil when nobody waits
}

// errSpent means that the other queues have the memory.
var errSpent = errors.New("the shared memory is in use")

// budgetSpares is how many regions of each of its sizes a Budget keeps.
const budgetSpares = 16

// NewBudget returns a Budget of limit bytes, most of which are handed out in
// regions of these sizes.
func NewBudget(limit int, sizes ...int) *Budget {
	b := &Budget{limit: int64(limit), spare: make(map[int][][]byte)}
	for _, size := range sizes {
		b.spare[size] = make([][]byte, 0, budgetSpares)
	}
	return b
}

// Used returns how much of the memory is in use: that of segments, and what
// their records need beside it.
func (b *Budget) Used() int { return int(b.used.Load()) }

// has reports whether size more bytes are within the limit.
func (b *Budget) has(size int) bool { return b == nil || b.used.Load()+int64(size) <= b.limit }

// take uses size bytes, even beyond the limit.
func (b *Budget) take(size int) {
	if b != nil {
		b.used.Add(int64(size))
	}
}

// give gives size bytes back.
func (b *Budget) give(size int) {
	if b == nil {
		return
	}
	b.used.Add(-int64(size))
	if !b.waited.Load() {
		return // whoever is about to wait looks for memory once more
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.freed != nil {
		close(b.freed)
		b.freed = nil
	}
	b.waited.Store(false)
}

// room returns a channel that is closed when memory has come back since the
// call.
func (b *Budget) room() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.freed == nil {
		b.freed = make(chan struct{})
	}
	b.waited.Store(true)
	return b.freed
}

// Alloc implements [Arena]. It fails when the memory is in use.
func (b *Budget) Alloc(size int) ([]byte, error) {
	for {
		used := b.used.Load()
		if used+int64(size) > b.limit {
			return nil, errSpent
		}
		if b.used.CompareAndSwap(used, used+int64(size)) {
			break
		}
	}
	if region := b.reuse(size); region != nil {
		return region, nil
	}
	return make([]byte, size), nil
}

// reuse returns a spare region, or nil if there is none of that size.
func (b *Budget) reuse(size int) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	spare := b.spare[size]
	if len(spare) == 0 {
		return nil
	}
	last := len(spare) - 1
	region := spare[last]
	spare[last] = nil
	b.spare[size] = spare[:last]
	return region
}

// Free implements [Arena]. Another queue may get the region next.
func (b *Budget) Free(region []byte) {
	b.keep(region)
	b.give(len(region))
}

// keep keeps a region for the next Alloc, if it is worth it.
func (b *Budget) keep(region []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	spare, usual := b.spare[len(region)]
	if usual && len(spare) < budgetSpares {
		b.spare[len(region)] = append(spare, region)
	}
}

// SharedRoom returns a channel that is closed when memory of the [Budget] has
// come back since the call: space may have appeared that another queue had. It
// is nil without a Budget. See [Queue.Room].
func (q *Queue) SharedRoom() <-chan struct{} {
	if q.config.Budget == nil {
		return nil
	}
	return q.config.Budget.room()
}

// free gives the memory of a segment back. Once the queue is closed a request
// that nobody waits for may still read it, so no other queue gets it then.
func (q *Queue) free(region []byte) {
	if q.closed && q.config.Budget != nil {
		q.config.Budget.give(len(region))
		return
	}
	q.config.Arena.Free(region)
}
