package spool_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool"
)

// memory is a queue as small as the spool allows: it keeps every record in
// memory, and in a file if there is one.
type memory struct {
	spool *spool.Spool
	size  int

	mu       sync.Mutex // the queue's lock
	regions  []*region
	sequence uint64
	persists int             // calls of Persist
	safe     map[string]bool // records that must outlive the process from now on
	ended    map[string]bool // records that are final
	found    []segment.Found // given to Recover
}

// region is a segment.
type region struct {
	bytes   []byte
	write   int
	file    segment.File
	offsets []int
	names   []string
	final   int // of names
	sealed  bool
}

func newMemory(s *spool.Spool, size int) *memory {
	return &memory{spool: s, size: size, safe: make(map[string]bool), ended: make(map[string]bool)}
}

// record is what a name is stored as. Three go into a small segment.
func record(name string) []byte {
	return []byte(name + ":" + strings.Repeat("x", 1200-len(name)))
}

// put adds a record, waiting for a file as long as a caller would. It returns
// its sequence, and whether it is in a file.
func (m *memory) put(name string) (sequence uint64, kept bool) {
	return m.putPayload(name, record(name))
}

func (m *memory) putPayload(name string, payload []byte) (sequence uint64, kept bool) {
	patience := time.NewTimer(100 * time.Millisecond)
	defer patience.Stop()
	for inMemory := false; ; {
		changed := m.spool.Changed()
		sequence, kept, ok := m.try(name, payload, inMemory)
		if ok {
			return sequence, kept
		}
		select {
		case <-changed:
		case <-patience.C:
			inMemory = true
		}
	}
}

// try is put without waiting: not ok means that a file is being made.
func (m *memory) try(name string, payload []byte, inMemory bool) (sequence uint64, kept, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	size := segment.Size(len(payload))
	r := m.tail()
	if r == nil || r.sealed || len(r.bytes)-r.write < size {
		file, supply := m.spool.Begin(max(size, m.size))
		if supply == segment.Soon && !inMemory {
			return 0, false, false
		}
		m.seal(r)
		r = &region{bytes: make([]byte, max(size, m.size)), file: file}
		m.regions = append(m.regions, r)
	}
	m.sequence++
	at := r.write
	frame := segment.Frame{Payload: payload, Accepted: time.Now().UnixNano()}
	segment.Write(r.bytes[at:], &frame, segment.Checksum(payload))
	r.write += size
	r.offsets, r.names = append(r.offsets, at), append(r.names, name)
	if r.file != nil && !r.file.Append(at, r.bytes[at:at+size], m.sequence) {
		r.file.Discard()
		r.file = nil
	}
	return m.sequence, r.file != nil, true
}

func (m *memory) tail() *region {
	if n := len(m.regions); n > 0 {
		return m.regions[n-1]
	}
	return nil
}

func (m *memory) seal(r *region) {
	if r == nil || r.sealed {
		return
	}
	r.sealed = true
	if r.file != nil {
		r.file.Seal(r.summary())
	}
}

func (r *region) summary() segment.Summary {
	s := segment.Summary{Records: len(r.names), Used: r.write}
	for _, at := range r.offsets {
		s.Payload += segment.PayloadSize(r.bytes[at:])
	}
	s.Oldest, s.Newest = segment.Accepted(r.bytes), segment.Accepted(r.bytes[r.offsets[len(r.offsets)-1]:])
	return s
}

// finish makes the n oldest records final.
func (m *memory) finish(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n > 0 && len(m.regions) > 0 {
		r := m.regions[0]
		k := min(n, len(r.names)-r.final)
		if r.file != nil && k > 0 {
			r.file.End(r.offsets[r.final : r.final+k])
		}
		for _, name := range r.names[r.final : r.final+k] {
			m.ended[name] = true
		}
		r.final += k
		n -= k
		if r.final < len(r.names) || !r.sealed {
			return
		}
		if r.file != nil {
			r.file.Discard()
		}
		m.regions = m.regions[1:]
	}
}

// Persist implements segment.Queue.
func (m *memory) Persist() (left bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.persists++
	for i, r := range m.regions {
		if r.file != nil && !r.file.Broken() || r.final == len(r.names) {
			continue
		}
		return m.persist(r) && slices.ContainsFunc(m.regions[i:], func(r *region) bool { return r.file == nil || r.file.Broken() })
	}
	return false
}

func (m *memory) persist(r *region) bool {
	if r.file != nil {
		r.file.Discard()
		r.file = nil
	}
	file, supply := m.spool.Begin(len(r.bytes))
	if supply != segment.Ready {
		return false
	}
	for _, at := range r.offsets {
		frame := r.bytes[at : at+segment.Size(segment.PayloadSize(r.bytes[at:]))]
		if !file.Append(at, frame, m.sequence) {
			file.Discard()
			return true
		}
	}
	if r.final > 0 {
		file.End(r.offsets[:r.final])
	}
	r.file = file
	if r.sealed {
		r.file.Seal(r.summary())
	}
	return true
}

// Recover implements segment.Queue.
func (m *memory) Recover(found []segment.Found) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found = append(m.found, found...)
}

// end gives every file back.
func (m *memory) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.regions {
		m.seal(r)
		if r.final == len(r.names) && r.file != nil {
			r.file.Discard()
			r.file = nil
		}
	}
}

// kept returns the names of the records that are not final, by whether they are
// in a file.
func (m *memory) kept() (inFiles, inMemory []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.regions {
		if r.file != nil && !r.file.Broken() {
			inFiles = append(inFiles, r.names[r.final:]...)
		} else {
			inMemory = append(inMemory, r.names[r.final:]...)
		}
	}
	return inFiles, inMemory
}

// name returns the name of the nth record.
func name(n int) string { return fmt.Sprintf("record %d", n) }
