package torture

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Ledger holds what processes said about their events against what was
// received of them. Its methods may be called from several goroutines.
type Ledger struct {
	seed  uint64
	sizes Sizes

	mu       sync.Mutex // guards everything below
	events   map[ID]*entry
	offered  map[lane]int // how many numbers of each goroutine may exist
	uuids    map[string]ID
	slow     map[int]bool // the processes whose disk does not keep up
	counts   Counts
	findings []string
}

// lane is one goroutine of one process.
type lane struct{ process, worker int }

// entry is what is known of an event.
type entry struct {
	said     Word   // "" if its process did not live to say anything
	uuid     string // that its process knew, if any
	volatile bool   // accepted by a process whose disk does not keep up
	receipts int
	first    [sha256.Size]byte // of the bytes of the first receipt
}

// Counts sums a ledger up. Lost, Changed and Invented must be zero.
type Counts struct {
	Accepted   int // events that were reported as accepted
	Unsynced   int // of these, without certainty that a disk has them
	Refused    int // events that were reported as refused
	Received   int // different events that arrived
	Duplicates int // further receipts of these
	Slow       int // processes whose disk did not keep up
	Excused    int // accepted by these after they had said so, and never received
	Lost       int // accepted, and never received
	Changed    int // received with another uuid, time or content than before
	Invented   int // received, although nobody offered it or it was refused
}

// Add adds other to c.
func (c *Counts) Add(other Counts) {
	c.Accepted += other.Accepted
	c.Unsynced += other.Unsynced
	c.Refused += other.Refused
	c.Received += other.Received
	c.Duplicates += other.Duplicates
	c.Slow += other.Slow
	c.Excused += other.Excused
	c.Lost += other.Lost
	c.Changed += other.Changed
	c.Invented += other.Invented
}

// maxFindings bounds the findings that are put into words.
const maxFindings = 10

// NewLedger returns an empty ledger for events whose texts follow from the
// seed and the sizes.
func NewLedger(seed uint64, sizes Sizes) *Ledger {
	return &Ledger{
		seed:    seed,
		sizes:   sizes,
		events:  make(map[ID]*entry),
		offered: make(map[lane]int),
		uuids:   make(map[string]ID),
		slow:    make(map[int]bool),
	}
}

// Say notes a report about events. Those about anything else are ignored.
func (l *Ledger) Say(r Report) {
	if !r.Word.hasID() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch r.Word {
	case Slow:
		l.slow[r.ID.Process] = true
		l.counts.Slow = len(l.slow)
		return
	case Refused:
		l.counts.Refused++
	case Unsynced:
		l.counts.Unsynced++
		l.counts.Accepted++
	default:
		l.counts.Accepted++
	}
	e := l.entry(r.ID)
	e.said, e.uuid, e.volatile = r.Word, r.UUID, l.slow[r.ID.Process]
	at := lane{r.ID.Process, r.ID.Worker}
	l.offered[at] = max(l.offered[at], r.ID.Number+1)
}

// Receipt is an event as a server received it.
type Receipt struct {
	ID   string // as [ID.String] wrote it
	UUID string
	Text string
	Raw  []byte // all of it: name, uuid, time, properties
}

// Receive notes that an event arrived. It comes after everything that the
// event's process has said.
func (l *Ledger) Receive(r Receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, err := ParseID(r.ID)
	if err != nil {
		l.find(&l.counts.Invented, "received %.200s: %v", r.Raw, err)
		return
	}
	e, known := l.events[id]
	switch at := (lane{id.Process, id.Worker}); {
	case known && e.said == Refused:
		l.find(&l.counts.Invented, "event %v was refused, and received", id)
	case !known && id.Number > l.offered[at]: // one more may have been accepted than was reported
		l.find(&l.counts.Invented, "event %v was received, but its goroutine offered %d", id, l.offered[at])
	}
	if r.Text != Text(l.seed, id, l.sizes) {
		l.find(&l.counts.Changed, "event %v was received with another text: %.200s", id, r.Raw)
	}
	if known && e.uuid != "" && r.UUID != e.uuid {
		l.find(&l.counts.Changed, "event %v was accepted as %s, and received as %s", id, e.uuid, r.UUID)
	}
	if other, taken := l.uuids[r.UUID]; taken && other != id {
		l.find(&l.counts.Changed, "events %v and %v were received with one uuid, %s", other, id, r.UUID)
	}
	l.uuids[r.UUID] = id
	l.count(l.entry(id), id, r.Raw)
}

// count counts a receipt of id with these bytes. Callers hold mu.
func (l *Ledger) count(e *entry, id ID, raw []byte) {
	sum := sha256.Sum256(raw)
	switch e.receipts++; {
	case e.receipts == 1:
		e.first = sum
		l.counts.Received++
		return
	case e.first != sum:
		l.find(&l.counts.Changed, "event %v was received again with other bytes: %.200s", id, raw)
	}
	l.counts.Duplicates++
}

// entry returns what is known of id. Callers hold mu.
func (l *Ledger) entry(id ID) *entry {
	e, known := l.events[id]
	if !known {
		e = new(entry)
		l.events[id] = e
	}
	return e
}

// find counts something that must not be. Callers hold mu.
func (l *Ledger) find(kind *int, format string, args ...any) {
	*kind++
	if len(l.findings) < maxFindings {
		l.findings = append(l.findings, fmt.Sprintf(format, args...))
	}
}

// Balance counts the events that were accepted and not received, and returns
// the sums together with the first things that must not be, in words. It is
// the last call.
func (l *Ledger) Balance() (Counts, []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := slices.SortedFunc(maps.Keys(l.events), func(a, b ID) int {
		return slices.Compare([]int{a.Process, a.Worker, a.Number}, []int{b.Process, b.Worker, b.Number})
	})
	for _, id := range ids {
		switch e := l.events[id]; {
		case e.receipts > 0, e.said == Refused:
		case e.volatile:
			l.counts.Excused++
		default:
			l.find(&l.counts.Lost, "event %v was %s, and never received", id, e.said)
		}
	}
	return l.counts, l.findings
}
