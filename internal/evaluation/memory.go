package evaluation

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Bounds of a MemoryFallback.
const (
	// DefaultMemoryEntries is how many entries it has unless it is told otherwise.
	DefaultMemoryEntries = 10_000
	// MaxMemoryBytes is how much text its entries have at most, together.
	MaxMemoryBytes = 64 << 20
)

// A MemoryFallback is a Fallback in the memory of the process. It waits for nothing, so the Engine calls it without
// detour. When it is full, the entry whose use is longest ago goes.
type MemoryFallback struct {
	size int

	mu      sync.Mutex // guards what follows
	entries map[string]*list.Element
	recent  list.List // of *memoryEntry, the latest used first
	bytes   int
}

type memoryEntry struct {
	key     string
	text    []byte
	expires time.Time
}

var _ Fallback = (*MemoryFallback)(nil)

// NewMemoryFallback returns a MemoryFallback for at most size entries, or DefaultMemoryEntries if size is not positive.
func NewMemoryFallback(size int) *MemoryFallback {
	if size <= 0 {
		size = DefaultMemoryEntries
	}
	return &MemoryFallback{size: size, entries: make(map[string]*list.Element)}
}

// Get implements [Fallback]. It does not look at the context, and never fails.
func (m *MemoryFallback) Get(_ context.Context, key string) (entry []byte, found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.entries[key]
	if !ok {
		return nil, false, nil
	}
	held := element.Value.(*memoryEntry)
	if !time.Now().Before(held.expires) {
		m.removeLocked(element)
		return nil, false, nil
	}
	m.recent.MoveToFront(element)
	return held.text, true, nil
}

// Set implements [Fallback]. It does not look at the context, and never fails. An entry of more than MaxMemoryBytes is
// not kept.
func (m *MemoryFallback) Set(_ context.Context, key string, entry []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.entries[key]; ok {
		m.removeLocked(old)
	}
	if len(entry) > MaxMemoryBytes {
		return nil
	}
	m.entries[key] = m.recent.PushFront(&memoryEntry{key: key, text: entry, expires: time.Now().Add(ttl)})
	m.bytes += len(entry)
	for len(m.entries) > m.size || m.bytes > MaxMemoryBytes {
		m.removeLocked(m.recent.Back())
	}
	return nil
}

// removeLocked forgets an entry. Its caller has the lock.
func (m *MemoryFallback) removeLocked(element *list.Element) {
	held := m.recent.Remove(element).(*memoryEntry)
	delete(m.entries, held.key)
	m.bytes -= len(held.text)
}
