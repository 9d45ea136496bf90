package queue

import (
	"errors"
	"reflect"
	"slices"
	"sync"
)

// Errors of [Queue.Put].
var (
	// ErrFull means that the queue holds as many records or bytes as it may.
	ErrFull = errors.New("queue is full")
	// ErrClosed means that the queue accepts nothing any more.
	ErrClosed = errors.New("queue is closed")
	// ErrTooLarge means that the record could never fit into the queue.
	ErrTooLarge = errors.New("record is larger than the queue")
)

// Config sets a queue's bounds. Every field is required except Arena and those that may be
// zero or false.
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
	// EvictOldest makes Put evict the oldest untaken records instead of
	// refusing the new one.
	EvictOldest bool
	// ShowEvicted keeps the memory of evicted records until they are released,
	// so that the caller of Put can look at them. It makes evictions useless
	// where bytes are short. Without it evicted records have no payload.
	ShowEvicted bool
	// Arena provides the segments' memory. The default is the heap.
	Arena Arena
}

// Item is what [Queue.Put] copies into the queue.
type Item struct {
	Payload  []byte
	UUID     [16]byte
	Format   uint8
	Accepted int64 // nanoseconds since 1970
	// Tag comes back with the record. It lives beside the record, not in it.
	Tag any
}

// Record is a view of an accepted item. Payload is valid until the record is
// released and must not be changed.
type Record struct {
	Payload  []byte
	UUID     [16]byte
	Format   uint8
	Accepted int64 // nanoseconds since 1970
	Tag      any

	sequence uint64
	segment  *segment // nil once released
	offset   int
	finished bool // and not passed
}

// RecordBytes is the size of a Record, beside its payload.
var RecordBytes = int(reflect.TypeFor[Record]().Size())

// Sequence is the record's place in the order of acceptance, from 1.
func (r *Record) Sequence() uint64 { return r.sequence }

// Queue is described in the package comment. Use [New] to make one.
type Queue struct {
	config Config
	ready  chan struct{} // capacity 1; Put sends, the consumer receives

	mu         sync.Mutex // guards everything below
	head, tail *segment   // unread frames from head to tail; tail takes new ones
	bytes      int        // of all segments in use
	queued     Depth      // records put and not taken
	taken      int        // records taken and not finished
	finished   int        // records finished and not passed
	out        int        // records taken and not released
	admitted   int        // events admitted and not settled
	sequence   uint64     // of the last record put
	wakeAt     Depth      // at which ready is signalled
	tags       map[uint64]any
	room       chan struct{} // closed when space appears; nil when nobody waits
	closed     bool
	ledger     Ledger
	barriers   []*Barrier // in order of their sequence
}

// New returns an empty queue. It allocates no segment before the first Put.
func New(config Config) *Queue {
	if config.SegmentSize > config.MaxBytes {
		config.SegmentSize = config.MaxBytes
	}
	if config.Arena == nil {
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
// and returns the depth of now, so that nothing is missed in between.
func (q *Queue) WakeAt(mark Depth) Depth {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wakeAt = mark
	return q.queued
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
	size := frameSize(len(item.Payload))
	if size > q.config.MaxBytes {
		return evicted, ErrTooLarge
	}
	sum := checksum(item.Payload)
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return evicted, ErrClosed
	}
	if q.queued.Records >= q.config.MaxRecords || !q.reserve(size) {
		var err error
		if evicted, err = q.makeRoom(size, evicted); err != nil {
			q.mu.Unlock()
			return evicted, err
		}
	}
	q.tail.put(item, sum)
	q.sequence++
	q.queued.Records++
	q.queued.Bytes += len(item.Payload)
	q.ledger.Accepted++
	if item.Tag != nil {
		q.tag(item.Tag)
	}
	wake := q.queued.Records == 1 || q.queued.reaches(q.wakeAt, len(item.Payload))
	q.mu.Unlock()
	if wake {
		q.signal()
	}
	return evicted, nil
}

// tag remembers a tag for the record that was put last.
func (q *Queue) tag(tag any) {
	if q.tags == nil {
		q.tags = make(map[uint64]any)
	}
	q.tags[q.sequence] = tag
}

// Take appends the oldest queued records to dst: at most records of them, and
// no more than fit into bytes of payload, but always one if there is one.
func (q *Queue) Take(dst []Record, records, bytes int) []Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	dst = slices.Grow(dst, min(records, q.queued.Records))
	for n := 0; n < records && q.queued.Records > 0; n++ {
		if bytes -= q.head.peek(); bytes < 0 && n > 0 {
			break
		}
		dst = append(dst, Record{})
		q.pop(&dst[len(dst)-1])
	}
	q.announceRoom()
	return dst
}

// pop moves the oldest queued record into r.
func (q *Queue) pop(r *Record) {
	r.sequence = q.sequence - uint64(q.queued.Records) + 1
	q.head.take(r)
	q.queued.Records--
	q.queued.Bytes -= len(r.Payload)
	q.taken++
	q.out++
	if len(q.tags) > 0 {
		if tag, ok := q.tags[r.sequence]; ok {
			r.Tag = tag
			delete(q.tags, r.sequence)
		}
	}
	q.advance()
}

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
