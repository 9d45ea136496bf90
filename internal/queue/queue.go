package queue

import (
	"errors"
	"reflect"
	"slices"
	"sync"

	"github.com/hedgerow/posthog/internal/segment"
)

// Errors of [Queue.Put].
var (
	// ErrFull means that the queue holds as many records or bytes as it may.
	ErrFull = errors.New("queue is full")
	// ErrClosed means that the queue accepts nothing any more.
	ErrClosed = errors.New("queue is closed")
	// ErrNoFile means that the record needs another file, which is being made:
	// wait for the store, or put it with InMemory.
	ErrNoFile = errors.New("the file for the record is not ready")
	// ErrTooLarge means that the record could never fit into the queue.
	ErrTooLarge = errors.New("record is larger than the queue")
)

// Config sets a queue's bounds. Every field is required except Store, Arena and
// those that may be zero or false.
type Config struct {
	// MaxRecords bounds the records that were put and not yet taken.
	MaxRecords int
	// MaxBytes bounds the memory of all segments, those in flight included.
	MaxBytes int
	// RecordBytes counts against MaxBytes as well, for each record that is not
	// released: what its consumer needs to hold it. [RecordBytes] is the least.
	RecordBytes int
	// SegmentSize is the usual size of a segment. A record that does not fit
	// into one gets a segment of its own.
	SegmentSize int
	// FirstSegment is the size of the segment that an empty queue begins with.
	// The default is SegmentSize.
	FirstSegment int
	// EvictOldest makes Put evict the oldest untaken records instead of
	// refusing the new one.
	EvictOldest bool
	// ShowEvicted keeps the memory of evicted records until they are released,
	// so that the caller of Put can look at them. It makes evictions useless
	// where bytes are short. Without it, and with a Store, evicted records have
	// no payload.
	ShowEvicted bool
	// Store keeps the segments in files. With it, MaxBytes still bounds the
	// memory, and the store bounds the files. Nil means memory only.
	Store segment.Store
	// Arena provides the segments' memory. The default is the Budget, or the
	// heap.
	Arena Arena
	// Budget bounds the memory of this and other queues together. It does not go
	// with a Store. Nil means that MaxBytes is all.
	Budget *Budget
}

// Item is what [Queue.Put] copies into the queue.
type Item struct {
	segment.Frame
	// Tag comes back with the record. It lives beside the record, not in it.
	Tag any
	// InMemory accepts the record even if the file for it is not ready.
	InMemory bool

	// Sequence is set by Put: the record's place in the order of acceptance.
	Sequence uint64
	// Kept is set by Put: the record is in a file.
	Kept bool
}

// Record is a view of an accepted item. Payload is valid until the record is
// released and must not be changed.
type Record struct {
	segment.Frame
	Tag any

	sequence uint64
	span     *span // nil once released
	offset   int
	finished bool // and not passed
}

// RecordBytes is the size of a Record, beside its payload.
var RecordBytes = int(reflect.TypeFor[Record]().Size())

// Largest returns the largest payload that a queue of maxBytes takes.
func Largest(maxBytes int) int {
	return max(maxBytes&^(segment.Align-1)-segment.HeaderSize, 0)
}

// Sequence is the record's place in the order of acceptance, from 1.
func (r *Record) Sequence() uint64 { return r.sequence }

// Queue is described in the package comment. Use [New] to make one.
type Queue struct {
	config Config
	ready  chan struct{} // capacity 1; Put sends, the consumer receives

	mu        sync.Mutex    // guards everything below
	spans     []*span       // in use, oldest first; the last takes new records unless it is sealed
	reading   int           // index of the first that is not read to its end
	bytes     int           // of memory of all spans
	resident  int           // records that are in memory and not released
	queued    Depth         // records put and not taken
	taken     int           // records taken and not finished
	finished  int           // records finished and not passed
	out       int           // records taken and not released
	loads     int           // spans that are being read from their files
	admitted  int           // events admitted and not settled
	sequence  uint64        // of the last record put
	wakeAt    Depth         // at which ready is signalled
	kept      int           // records left to the store for the next process
	recovered uint64        // records found in the store
	lost      []Record      // that the store could not read, for Lost
	damage    error         // why
	ends      []int         // offsets of one span that End is to be told of
	room      chan struct{} // closed when space appears; nil when nobody waits
	closed    bool
	retired   bool // nothing is read from files any more
	ledger    Ledger
	barriers  []*Barrier // in order of their sequence
}

// New returns an empty queue. It allocates no segment before the first Put.
func New(config Config) *Queue {
	if config.SegmentSize > config.MaxBytes {
		config.SegmentSize = config.MaxBytes
	}
	switch {
	case config.Arena != nil:
	case config.Budget != nil:
		config.Arena = config.Budget
	default:
		config.Arena = &heap{size: config.SegmentSize}
	}
	return &Queue{config: config, ready: make(chan struct{}, 1), wakeAt: Depth{Records: 1, Bytes: 1}}
}

// Ready is signalled when the queue stops being empty, when it reaches the
// depth given to [Queue.WakeAt], and when Close is called. Signals coalesce.
func (q *Queue) Ready() <-chan struct{} { return q.ready }

// Depth is how much is queued: put and not yet taken.
type Depth struct {
	Records int
	Bytes   int // of payload
}

// reaches reports whether adding one record of size bytes led to d crossing a
// mark.
func (d Depth) reaches(mark Depth, size int) bool {
	return d.Records == mark.Records || d.Bytes >= mark.Bytes && d.Bytes-size < mark.Bytes
}

// WakeAt sets the depth at which Ready is signalled, by records or by bytes,
// and returns how much Take can take now, so that nothing is missed in between.
// It takes more than one Take where formats differ.
func (q *Queue) WakeAt(mark Depth) Depth {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wakeAt = mark
	if q.config.Store == nil {
		return q.queued
	}
	var d Depth
	holding := q.holding()
	for _, s := range q.spans[q.reading:] {
		if s.unread == 0 {
			continue // its records turned out to be missing
		}
		if !q.takeable(s, holding, d.Records) {
			break
		}
		if s.held == 0 {
			holding += q.weight(s)
		}
		d.Records += s.unread
		d.Bytes += s.payload
	}
	return d
}

// takeable reports whether records of s can be taken: they are in memory, and
// the spans that are held with it leave enough of the memory to the others.
func (q *Queue) takeable(s *span, holding, taken int) bool {
	if s.region == nil {
		return false
	}
	return q.config.Store == nil || q.retired || s.held > 0 || q.out+taken == 0 || holding+q.weight(s) <= q.config.MaxBytes/2
}

// Depth returns how much is queued.
func (q *Queue) Depth() Depth {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queued
}

func (q *Queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default: // a signal is already waiting
	}
}

// Put copies item into the queue and accepts it, and appends the records that
// it had to evict for it to evicted. Those are finished as [QueueFull]; the
// caller passes and releases them. It never waits.
func (q *Queue) Put(item *Item, evicted []Record) ([]Record, error) {
	size := segment.Size(len(item.Payload))
	if size > q.config.MaxBytes {
		return evicted, ErrTooLarge
	}
	sum := segment.Checksum(item.Payload)
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return evicted, ErrClosed
	}
	err := ErrFull
	if q.queued.Records < q.config.MaxRecords {
		err = q.reserve(size, item.InMemory)
	}
	if err == ErrFull { //nolint:errorlint // it is never wrapped in here
		evicted, err = q.makeRoom(size, item.InMemory, evicted)
	}
	if err != nil {
		q.mu.Unlock()
		return evicted, err
	}
	q.add(item, sum, size)
	wake := q.queued.Records == 1 || q.queued.reaches(q.wakeAt, len(item.Payload))
	q.mu.Unlock()
	if wake {
		q.signal()
	}
	return evicted, nil
}

// add puts item into the last span, which has room for it.
func (q *Queue) add(item *Item, sum uint32, size int) {
	s := q.tail()
	at := s.put(item, sum)
	q.sequence++
	q.queued.Records++
	q.queued.Bytes += len(item.Payload)
	q.resident++
	q.config.Budget.take(q.config.RecordBytes)
	q.ledger.Accepted++
	if s.file != nil && !s.file.Append(at, s.region[at:at+size], q.sequence) {
		s.file.Discard() // the store has the span persisted again
		s.file = nil
	}
	item.Sequence, item.Kept = q.sequence, s.file != nil
	if item.Tag != nil {
		if s.tags == nil {
			s.tags = make(map[int]any)
		}
		s.tags[at] = item.Tag
	}
}

// Take appends the oldest queued records to dst: at most records of them, and
// no more than fit into bytes of payload, but always one if there is one. All of
// them have one format. It stops in front of records that are not in memory.
func (q *Queue) Take(dst []Record, records, bytes int) []Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	dst = slices.Grow(dst, min(records, q.queued.Records))
	for n := 0; n < records; n++ {
		s := q.front()
		if s == nil || s.held == 0 && !q.takeable(s, q.holding(), 0) {
			break
		}
		if n > 0 && s.format() != dst[len(dst)-1].Format {
			break
		}
		if bytes -= s.peek(); bytes < 0 && n > 0 {
			break
		}
		dst = append(dst, Record{})
		q.pop(s, &dst[len(dst)-1])
	}
	q.prefetch()
	q.announceRoom()
	return dst
}

// pop moves the oldest queued record, which is in s, into r.
func (q *Queue) pop(s *span, r *Record) {
	r.sequence = q.oldest()
	s.take(r)
	q.queued.Records--
	q.queued.Bytes -= len(r.Payload)
	q.taken++
	q.out++
	if s.unread == 0 {
		q.advance()
	}
}

// oldest is the sequence of the oldest queued record.
func (q *Queue) oldest() uint64 { return q.sequence - uint64(q.queued.Records) + 1 }

// announceRoom wakes whoever waits for space.
func (q *Queue) announceRoom() {
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

// Room returns a channel that is closed when space may have appeared since
// the call, or when the queue is closed. To wait for space without missing
// it, call Room, try Put, and only then receive.
func (q *Queue) Room() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		done := make(chan struct{})
		close(done)
		return done
	}
	if q.room == nil {
		q.room = make(chan struct{})
	}
	return q.room
}

// Close makes every later Put fail with [ErrClosed].
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.announceRoom()
	q.mu.Unlock()
	q.signal()
}
