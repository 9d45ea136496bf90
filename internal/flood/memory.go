package flood

// A memory holds what is known of a bounded number of errors, the latest used ones, and finds it by where the error is. The
// lock of its Seen guards it.
//
// When something fails, errors come by the thousand, and what is known of them is in no cache of the processor. So all
// that is known of one lies together, in 128 bytes.
type memory[Scope comparable] struct {
	size    int
	entries []entry[Scope] // entries[0] begins and ends the ring: next is the latest used, previous the one that goes first
	chains  []int32        // the first entry of each chain, 0 for none; as many as a power of two
}

// An entry is a part of the ring, and of a chain: that of the entries with one hash.
type entry[Scope comparable] struct {
	identity
	occurrence[Scope]
	next, previous int32
	chained        int32 // the next of the chain; 0 is none
}

// fewChains is how many there are at first.
const fewChains = 16

func newMemory[Scope comparable](size int) memory[Scope] {
	return memory[Scope]{size: min(size, 1<<31-2), entries: make([]entry[Scope], 1), chains: make([]int32, fewChains)}
}

// find returns what is known of id, or nil, and counts as its use. The pointer is valid until the next put.
func (m *memory[Scope]) find(id identity) *occurrence[Scope] {
	for at := *m.chain(id); at != 0; at = m.entries[at].chained {
		if e := &m.entries[at]; e.identity == id {
			m.unlink(at)
			m.link(at)
			return &e.occurrence
		}
	}
	return nil
}

// put returns room for what is to be known of id, which find does not know. If the memory is full, the entry whose use is
// longest ago goes. The pointer is valid until the next put.
func (m *memory[Scope]) put(id identity) *occurrence[Scope] {
	at := m.vacancy()
	m.entries[at] = entry[Scope]{identity: id}
	m.enchain(at)
	m.link(at)
	return &m.entries[at].occurrence
}

// vacancy returns an entry that is in no ring and no chain.
func (m *memory[Scope]) vacancy() int32 {
	if len(m.entries) > m.size {
		at := m.entries[0].previous
		m.unlink(at)
		m.unchain(at)
		return at
	}
	if len(m.entries) > len(m.chains) { // so that they stay short
		m.chains = make([]int32, 2*len(m.chains))
		for at := 1; at < len(m.entries); at++ {
			m.enchain(int32(at))
		}
	}
	m.entries = append(m.entries, entry[Scope]{})
	return int32(len(m.entries) - 1) // newMemory keeps the size below that
}

// chain returns where the chain of id begins.
func (m *memory[Scope]) chain(id identity) *int32 {
	hash := uint64(id.address) * 0x9e3779b97f4a7c15 >> 32 // the golden ratio keeps neighbours apart
	return &m.chains[int(hash)&(len(m.chains)-1)]
}

// enchain puts an entry at the beginning of its chain.
func (m *memory[Scope]) enchain(at int32) {
	e := &m.entries[at]
	first := m.chain(e.identity)
	e.chained, *first = *first, at
}

// unchain takes an entry out of its chain.
func (m *memory[Scope]) unchain(at int32) {
	e := &m.entries[at]
	link := m.chain(e.identity)
	for *link != at {
		link = &m.entries[*link].chained
	}
	*link = e.chained
}

// link puts an entry at the beginning of the ring.
func (m *memory[Scope]) link(at int32) {
	first := m.entries[0].next
	m.entries[at].next, m.entries[at].previous = first, 0
	m.entries[first].previous = at
	m.entries[0].next = at
}

// unlink takes an entry out of the ring.
func (m *memory[Scope]) unlink(at int32) {
	next, previous := m.entries[at].next, m.entries[at].previous
	m.entries[next].previous, m.entries[previous].next = previous, next
}
