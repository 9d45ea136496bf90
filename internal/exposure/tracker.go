// Package exposure remembers which exposures to feature flags were reported, so that each is reported once.
//
// It owns a table of fixed size that holds hashes and nothing else: no id and no key of a flag. It runs on whatever
// goroutine calls it, starts none, reads no clock, and waits for nothing but a short lock, which an exposure that was
// reported before does not even take. When the table is full, each new exposure displaces one that was not met
// lately: a forgotten exposure is reported again, and none is ever taken for another.
package exposure

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// DefaultBytes is the size of a Tracker's table unless another is asked for: room for some 600,000 exposures, of
// which the first 300,000 displace hardly any.
const DefaultBytes = 12_000_000

// shards is how many parts a table has, each with a lock of its own.
const shards = 256

// A Tracker remembers exposures. It is safe for concurrent use, and its methods allocate nothing except to let the
// table grow.
type Tracker struct {
	seeds  [2]maphash.Seed // one for each half of a Key
	shards [shards]shard
}

// New returns a Tracker whose table grows with what is in it up to that many bytes, and not below 32 KiB. Zero or less
// means DefaultBytes.
func New(bytes int) *Tracker {
	if bytes <= 0 {
		bytes = DefaultBytes
	}
	t := &Tracker{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	for i := range t.shards {
		t.shards[i].limit = max(1, bytes/shards/bucketBytes)
	}
	return t
}

// First reports whether k is met for the first time, and remembers it. Of many calls at once for one key, one is the
// first.
func (t *Tracker) First(k Key) bool {
	s := t.shard(k)
	if s.table.Load().met(k) {
		return false
	}
	return s.add(k)
}

// Forget takes k out again, whose report failed, so that the next is the first.
func (t *Tracker) Forget(k Key) { t.shard(k).remove(k) }

// Clear forgets everything and gives the memory back.
func (t *Tracker) Clear() {
	for i := range t.shards {
		t.shards[i].clear()
	}
}

// Bytes returns how large the table is now.
func (t *Tracker) Bytes() int {
	buckets := 0
	for i := range t.shards {
		buckets += t.shards[i].table.Load().size()
	}
	return buckets * bucketBytes
}

func (t *Tracker) shard(k Key) *shard { return &t.shards[k.high>>(64-8)] }

// A shard is a part of the table that grows by itself.
type shard struct {
	table atomic.Pointer[table] // read without the lock, replaced with it
	limit int                   // how many buckets the table may have

	mu sync.Mutex // held by whoever changes what is in the table

	_ [40]byte // shards side by side do not share a cache line
}

// add is First for a key that was not met a moment ago.
func (s *shard) add(k Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	table := s.table.Load()
	if table.met(k) {
		return false
	}
	for !table.place(k) {
		if table.size() == s.limit {
			table.displace(k)
			break
		}
		table = table.grown(s.limit)
		s.table.Store(table)
	}
	return true
}

func (s *shard) remove(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.table.Load().remove(k)
}

func (s *shard) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.table.Store(nil)
}
