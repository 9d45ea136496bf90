// Package lru remembers a bounded number of things, the latest used ones, for a bounded time.
//
// It runs on whatever goroutine calls it and starts none. It never reads a clock: what time it is comes with each
// call. Its lock is held for a map access and a few assignments, never while anything of the caller's runs other than
// the comparison of keys.
package lru

import (
	"sync"
	"time"
)

// A Cache holds values by key. It is safe for concurrent use; its memory grows with what is in it, and stays with it
// until Clear.
type Cache[K comparable, V any] struct {
	capacity int
	ttl      time.Duration

	mu      sync.Mutex    // guards the fields below
	places  map[K]int32   // where in entries a key is
	entries []entry[K, V] // entries[0] begins and ends the ring: next is the latest used, previous the one that goes first
	free    int32         // the first of the entries that hold nothing, linked by next; 0 is none
}

// An entry is a part of the ring of what is held.
type entry[K comparable, V any] struct {
	key            K
	value          V
	put            time.Time
	next, previous int32
}

// New returns a Cache for at most capacity values, which lives for ttl after each Put. A capacity below 1 holds nothing; a
// ttl of 0 or less has no end.
func New[K comparable, V any](capacity int, ttl time.Duration) *Cache[K, V] {
	c := &Cache[K, V]{capacity: min(capacity, 1<<31-2), ttl: ttl}
	c.reset()
	return c
}

func (c *Cache[K, V]) reset() {
	c.places = make(map[K]int32)
	c.entries = make([]entry[K, V], 1)
	c.free = 0
}

// Get returns the value of key, and counts as its use. It reports false if there is none, or if it was put ttl ago or
// earlier; then it is gone.
func (c *Cache[K, V]) Get(key K, now time.Time) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.places[key]
	if !ok {
		return value, false
	}
	if c.ttl > 0 && now.Sub(c.entries[at].put) >= c.ttl {
		c.remove(at)
		return value, false
	}
	c.unlink(at)
	c.link(at)
	return c.entries[at].value, true
}

// Put makes value the value of key from now on. If the Cache is full, the key whose use is longest ago goes.
func (c *Cache[K, V]) Put(key K, value V, now time.Time) {
	if c.capacity < 1 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.places[key]
	if ok {
		c.unlink(at)
	} else {
		if len(c.places) >= c.capacity {
			c.remove(c.entries[0].previous)
		}
		at = c.vacancy()
		c.places[key] = at
	}
	e := &c.entries[at]
	e.key, e.value, e.put = key, value, now
	c.link(at)
}

// Delete forgets key.
func (c *Cache[K, V]) Delete(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.places[key]; ok {
		c.remove(at)
	}
}

// Clear forgets everything and gives the memory back.
func (c *Cache[K, V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reset()
}

// Len returns how many values are held, with those whose time is over and that nobody has asked for since.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.places)
}

// vacancy returns an entry that holds nothing and is in no list.
func (c *Cache[K, V]) vacancy() int32 {
	if at := c.free; at != 0 {
		c.free = c.entries[at].next
		return at
	}
	c.entries = append(c.entries, entry[K, V]{})
	return int32(len(c.entries) - 1) // New keeps the capacity below that
}

// remove empties the entry at a place of the ring.
func (c *Cache[K, V]) remove(at int32) {
	c.unlink(at)
	delete(c.places, c.entries[at].key)
	c.entries[at] = entry[K, V]{next: c.free}
	c.free = at
}

// link puts an entry at the beginning of the ring.
func (c *Cache[K, V]) link(at int32) {
	first := c.entries[0].next
	c.entries[at].next, c.entries[at].previous = first, 0
	c.entries[first].previous = at
	c.entries[0].next = at
}

// unlink takes an entry out of the ring.
func (c *Cache[K, V]) unlink(at int32) {
	next, previous := c.entries[at].next, c.entries[at].previous
	c.entries[next].previous, c.entries[previous].next = previous, next
}
