package queue_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// model does in plain slices what the queue does in segments, and fails its
// test as soon as the two differ. Records go by their numbers.
type model struct {
	*testing.T

	config  queue.Config
	queue   *queue.Queue
	random  *rand.Rand
	step    int
	puts    int // numbers given so far
	last    int // number of the last accepted record
	queued  []int
	sizes   map[int]int    // payload bytes of every number
	order   map[int]uint64 // sequence of every accepted number
	open    []queue.Record // taken and not finished
	final   []queue.Record // finished and not released
	ended   map[queue.Outcome]uint64
	waiting map[*queue.Barrier]*front
}

// front is what a barrier waits for.
type front struct {
	numbers []int // not finished
	callers int   // of Barrier
}

// finished takes records out of everything that waits for them.
func (m *model) finished(numbers []int, o queue.Outcome) {
	m.ended[o] += uint64(len(numbers))
	for _, f := range m.waiting {
		f.numbers = slices.DeleteFunc(f.numbers, func(n int) bool { return slices.Contains(numbers, n) })
	}
}

func (m *model) put() {
	m.puts++
	n := m.puts
	it := item(n, 1+m.random.IntN(m.random.IntN(m.config.MaxBytes)+1))
	if n%3 == 0 {
		it.Tag = n
	}
	m.sizes[n] = len(it.Payload)
	idle := len(m.queued)+len(m.open)+len(m.final) == 0
	evicted, err := m.queue.Put(it, nil)
	frame := max((frameHeader+len(it.Payload)+7)/8*8, 64)
	switch {
	case errors.Is(err, queue.ErrTooLarge):
		if frame <= m.config.MaxBytes {
			m.Fatalf("Put of %d bytes: got %v, want another result", len(it.Payload), err)
		}
	case errors.Is(err, queue.ErrFull):
		if idle || m.config.EvictOldest && len(m.open)+len(m.final) == 0 {
			m.Fatalf("Put of %d bytes with nothing in the way: got %v, want none", len(it.Payload), err)
		}
		if s := m.queue.Snapshot(); len(m.queued) < m.config.MaxRecords && s.Bytes+max(frame, m.config.SegmentSize) <= m.config.MaxBytes {
			m.Fatalf("Put of %d bytes into %d: got %v, want none", len(it.Payload), s.Bytes, err)
		}
	case err != nil:
		m.Fatalf("Put: got error %v, want none of that kind", err)
	}
	if len(evicted) > 0 {
		if err != nil || !m.config.EvictOldest {
			m.Fatalf("Put: got evicted %v with error %v, want none", numbers(evicted), err)
		}
		for _, n := range numbers(evicted) {
			m.sizes[n] = 0 // no payload is shown
		}
		m.taken(evicted)
		m.queue.Pass(evicted)
		m.finished(numbers(evicted), queue.QueueFull)
	}
	if err == nil {
		m.queued = append(m.queued, n)
		m.order[n] = m.order[m.last] + 1
		m.last = n
	}
}

// taken compares records that left the queue with its oldest.
func (m *model) taken(records []queue.Record) {
	if want := m.queued[:len(records)]; !slices.Equal(numbers(records), want) {
		m.Fatalf("got records %v, want %v, the oldest", numbers(records), want)
	}
	m.queued = m.queued[len(records):]
	for i := range records {
		r, n := &records[i], number(&records[i])
		var tag any
		if n%3 == 0 {
			tag = n
		}
		if r.Tag != tag || r.Sequence() != m.order[n] || len(r.Payload) != m.sizes[n] {
			m.Fatalf("record %d: got tag %v, sequence %d, %d bytes, want %v, %d, %d",
				n, r.Tag, r.Sequence(), len(r.Payload), tag, m.order[n], m.sizes[n])
		}
		requireWhole(m.T, r)
	}
}

func (m *model) take() {
	records, size := m.random.IntN(6), m.random.IntN(m.config.MaxBytes)
	want, left := 0, size
	for want < min(records, len(m.queued)) {
		if left -= m.sizes[m.queued[want]]; left < 0 && want > 0 {
			break
		}
		want++
	}
	got := m.queue.Take(nil, records, size)
	if len(got) != want {
		m.Fatalf("Take of %d records and %d bytes: got %v, want %d", records, size, numbers(got), want)
	}
	m.taken(got)
	m.open = append(m.open, got...)
}

// some removes a few random records from a slice.
func (m *model) some(from *[]queue.Record) []queue.Record {
	var out []queue.Record
	for n := m.random.IntN(4); n > 0 && len(*from) > 0; n-- {
		i := m.random.IntN(len(*from))
		out = append(out, (*from)[i])
		*from = slices.Delete(*from, i, i+1)
	}
	return out
}

func (m *model) finish() {
	o := queue.Outcome(m.random.IntN(int(queue.DryRun) + 1))
	records := m.some(&m.open)
	again := m.final // finished before, so this changes nothing
	finish(m.queue, append(slices.Clone(records), again...), o)
	m.finished(numbers(records), o)
	m.final = append(m.final, records...)
}

func (m *model) barrier() {
	b := m.queue.Barrier()
	f := m.waiting[b]
	if f == nil {
		f = &front{numbers: append(numbers(m.open), m.queued...)}
		m.waiting[b] = f
	}
	f.callers++
	if b.Sequence != m.order[m.last] {
		m.Fatalf("got a barrier behind sequence %d, want %d", b.Sequence, m.order[m.last])
	}
}

func (m *model) leave() {
	for b, f := range m.waiting {
		m.queue.Leave(b)
		if f.callers--; f.callers == 0 {
			delete(m.waiting, b)
		}
		return
	}
}

// check compares everything that can be seen without changing the queue.
func (m *model) check() {
	s := m.queue.Snapshot()
	requireSum(m.T, &s)
	want := queue.Depth{Records: len(m.queued)}
	for _, n := range m.queued {
		want.Bytes += m.sizes[n]
	}
	if s.Queued != want || s.Pending != uint64(len(m.queued)+len(m.open)) || s.Accepted != m.order[m.last] {
		m.Fatalf("got depth %+v, %d pending, %d accepted, want %+v, %d, %d",
			s.Queued, s.Pending, s.Accepted, want, len(m.queued)+len(m.open), m.order[m.last])
	}
	for o := range s.Outcomes() {
		if s.Ended(o) != m.ended[o] {
			m.Fatalf("got %d that ended as %v, want %d", s.Ended(o), o, m.ended[o])
		}
	}
	var oldest int64
	if len(m.queued) > 0 {
		oldest = int64(m.queued[0]) * 1000
	}
	if s.Oldest != oldest {
		m.Fatalf("got oldest %d, want %d", s.Oldest, oldest)
	}
	idle := len(m.queued)+len(m.open)+len(m.final) == 0
	if s.Bytes > m.config.MaxBytes || idle && s.Bytes > max(m.config.SegmentSize, m.config.MaxBytes) {
		m.Fatalf("got %d bytes in use, want at most %d", s.Bytes, m.config.MaxBytes)
	}
	for _, r := range slices.Concat(m.open, m.final) {
		requireWhole(m.T, &r)
	}
	for b, f := range m.waiting {
		requireLeft(m.T, m.queue, b, len(f.numbers))
	}
}

func TestTheQueueDoesWhatAPlainSliceDoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			config := queue.Config{
				MaxRecords:  1 + random.IntN(20),
				MaxBytes:    100 + random.IntN(3000),
				SegmentSize: 50 + random.IntN(800),
				EvictOldest: seed%2 == 0,
				Arena:       new(accountant),
			}
			m := &model{
				T: t, config: config, queue: queue.New(config), random: random,
				sizes: make(map[int]int), order: make(map[int]uint64),
				ended: make(map[queue.Outcome]uint64), waiting: make(map[*queue.Barrier]*front),
			}
			if config.SegmentSize > config.MaxBytes {
				m.config.SegmentSize = config.MaxBytes
			}
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("at step %d with %+v", m.step, m.config)
				}
			})
			m.run(500)
		})
	}
}

// run makes random calls, and then empties the queue.
func (m *model) run(steps int) {
	for m.step = range steps {
		switch m.random.IntN(10) {
		case 0, 1, 2, 3:
			m.put()
		case 4, 5:
			m.take()
		case 6:
			m.finish()
		case 7:
			m.queue.Release(m.some(&m.final))
		case 8:
			m.barrier()
		case 9:
			m.leave()
		}
		m.check()
	}
	m.open = m.queue.Take(m.open, len(m.queued), 1<<30)
	m.queued = nil
	finish(m.queue, m.open, queue.Shutdown)
	m.finished(numbers(m.open), queue.Shutdown)
	m.queue.Release(slices.Concat(m.open, m.final))
	m.open, m.final = nil, nil
	m.check()
	arena := m.config.Arena.(*accountant)
	if s := m.queue.Snapshot(); arena.out != s.Bytes || len(arena.regions) > 1 {
		m.Fatalf("got %d bytes handed out in %d segments, want the %d of at most one", arena.out, len(arena.regions), s.Bytes)
	}
	if got := m.queue.Take(nil, 1, 1); got != nil {
		m.Fatal("got a record from the empty queue, want none")
	}
}
