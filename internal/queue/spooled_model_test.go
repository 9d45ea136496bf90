package queue_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// spooledModel does in plain slices what a queue with files does, over several
// lives of the process, with a disk that fails in every way it can. Records go
// by their numbers.
type spooledModel struct {
	*testing.T

	config  queue.Config
	queue   *queue.Queue
	store   *store
	random  *rand.Rand
	step    int
	puts    int
	queued  []int // in order
	open    []queue.Record
	final   []queue.Record
	kept    map[int]bool // in a file when it was looked at last
	broke   bool         // a file may have broken since
	tagged  map[int]bool // whose tag has not come back
	ended   map[queue.Outcome]uint64
	extra   uint64 // accepted by earlier processes
	waiting map[*queue.Barrier]map[int]bool
}

func TestAQueueWithFilesDoesWhatAPlainSliceDoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 2))
			segment := smallFrame * (1 + random.IntN(8))
			m := &spooledModel{
				T: t, random: random,
				config: queue.Config{
					MaxRecords: 1 << 20, SegmentSize: segment, MaxBytes: segment * (4 + random.IntN(8)),
					RecordBytes: random.IntN(40), EvictOldest: seed%3 == 0, ShowEvicted: seed%2 == 0,
				},
				store: &store{T: t},
			}
			if seed%4 == 0 {
				m.config.MaxRecords = 20 + random.IntN(50)
			}
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("at step %d with %+v", m.step, m.config)
				}
			})
			m.begin(nil)
			for m.step = range 300 {
				m.act()
				m.check()
			}
			m.finishAll()
		})
	}
}

// begin starts a process.
func (m *spooledModel) begin(found []segment.Found) {
	m.config.Store = m.store
	m.queue = queue.New(m.config)
	m.kept, m.tagged = make(map[int]bool), make(map[int]bool)
	m.ended = make(map[queue.Outcome]uint64)
	m.waiting = make(map[*queue.Barrier]map[int]bool)
	m.queued, m.open, m.final, m.extra = nil, nil, nil, 0
	for _, f := range found {
		numbers := f.File.(*file).numbers()
		m.queued = append(m.queued, numbers...)
	}
	m.extra = uint64(len(m.queued))
	m.queue.Recover(found)
}

func (m *spooledModel) act() {
	switch m.random.IntN(24) {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		m.put()
	case 8, 9, 10:
		m.take()
	case 11, 12:
		m.finish()
	case 13:
		records := some(m.random, &m.final)
		m.queue.Release(records)
	case 14, 15, 16:
		m.store.arrive()
	case 17:
		m.queue.Persist()
	case 18:
		m.barrier()
	case 19:
		m.store.supply = segment.Supply(m.random.IntN(4))
	case 20:
		m.store.supply, m.store.frail = segment.Ready, max(m.random.IntN(12)-6, 0)
	case 21:
		if n := len(m.store.files); n > 0 && m.random.IntN(3) == 0 {
			m.store.files[m.random.IntN(n)].broken, m.broke = true, true
		}
	case 22:
		m.expire()
	case 23:
		if m.random.IntN(10) == 0 {
			m.crash()
		}
	}
	m.lose()
}

func (m *spooledModel) put() {
	m.puts++
	n := m.puts
	it := item(n, 1+m.random.IntN(100))
	if n%3 == 0 {
		it.Tag = n
	}
	it.InMemory = m.random.IntN(4) == 0
	evicted, err := m.queue.Put(it, nil)
	m.gone(evicted, queue.QueueFull)
	switch {
	case err == nil:
		m.queued = append(m.queued, n)
		m.broke = m.broke || !it.Kept
		if it.Kept {
			m.kept[n] = true
		}
		if n%3 == 0 {
			m.tagged[n] = true
		}
	case errors.Is(err, queue.ErrNoFile) && (m.store.supply != segment.Soon || it.InMemory):
		m.Fatalf("Put: got %v with supply %d, in memory: %v", err, m.store.supply, it.InMemory)
	case !errors.Is(err, queue.ErrNoFile) && !errors.Is(err, queue.ErrFull) && !errors.Is(err, queue.ErrTooLarge):
		m.Fatalf("Put: got %v, want none of that kind", err)
	}
}

// gone takes the oldest records, which the queue ended by itself, out of the
// model.
func (m *spooledModel) gone(records []queue.Record, o queue.Outcome) {
	for i := range records {
		n := m.queued[i]
		if got := number(&records[i]); records[i].Payload != nil && got != n {
			m.Fatalf("got %d ended as %v, want %d, the oldest", got, o, n)
		}
	}
	m.untag(records)
	m.passed(m.queued[:len(records)], o)
	m.queued = m.queued[len(records):]
	m.queue.Pass(records)
	m.queue.Release(records)
}

// untag notes the tags that came back.
func (m *spooledModel) untag(records []queue.Record) {
	for _, tag := range tags(records) {
		if !m.tagged[tag] {
			m.Fatalf("got the tag %d, which came back before", tag)
		}
		delete(m.tagged, tag)
	}
}

func (m *spooledModel) passed(numbers []int, o queue.Outcome) {
	m.ended[o] += uint64(len(numbers))
	for _, n := range numbers {
		for _, front := range m.waiting {
			delete(front, n)
		}
	}
}

func (m *spooledModel) take() {
	say := m.queue.WakeAt(queue.Depth{Records: 5, Bytes: 200})
	most := m.random.IntN(9)
	records := m.queue.Take(nil, most, 1<<20)
	if len(records) != min(most, say.Records) {
		m.Fatalf("WakeAt says that %d can be taken, and Take of %d gives %d", say.Records, most, len(records))
	}
	if got := numbers(records); !slices.Equal(got, m.queued[:len(records)]) {
		m.Fatalf("got %v, want %v, the oldest", got, m.queued[:len(records)])
	}
	m.untag(records)
	m.queued = m.queued[len(records):]
	m.open = append(m.open, records...)
}

// some removes a few random records from a slice.
func some(random *rand.Rand, from *[]queue.Record) (picked []queue.Record) {
	for n := random.IntN(9); n > 0 && len(*from) > 0; n-- {
		i := random.IntN(len(*from))
		picked = append(picked, (*from)[i])
		*from = slices.Delete(*from, i, i+1)
	}
	return picked
}

func (m *spooledModel) finish() {
	records := some(m.random, &m.open)
	finish(m.queue, records, queue.Delivered)
	m.passed(numbers(records), queue.Delivered)
	m.final = append(m.final, records...)
}

func (m *spooledModel) barrier() {
	front := make(map[int]bool)
	for _, n := range slices.Concat(m.queued, numbers(m.open)) {
		front[n] = true
	}
	m.waiting[m.queue.Barrier()] = front
}

func (m *spooledModel) expire() {
	if len(m.queued) > 0 && m.random.IntN(4) == 0 {
		young := m.queued[0] + m.random.IntN(6)
		expired := m.queue.Expire(int64(young) * 1000)
		if n := len(expired); n > 0 && m.queued[n-1] >= young {
			m.Fatalf("Expire before %d: got %v", young, m.queued[:n])
		}
		m.gone(expired, queue.Expired)
	}
}

// lose takes records out of the model that were in a broken file only.
func (m *spooledModel) lose() {
	lost, _ := m.queue.Lost()
	if len(lost) > 0 {
		m.Fatalf("got %d lost, want none: every file can be read", len(lost))
	}
}

// crash ends the process. The next one finds what was in files and not final.
func (m *spooledModel) crash() {
	unfinished := slices.Concat(numbers(m.open), m.queued)
	filed := m.filed()
	kept := slices.DeleteFunc(unfinished, func(n int) bool { return !filed[n] })
	slices.Sort(kept)
	for _, f := range m.store.files {
		f.broken = false // it was the process that could not write it
	}
	next, found := m.store.restart()
	slices.SortFunc(found, func(a, b segment.Found) int { return byFirst(a.File.(*file), b.File.(*file)) })
	next.files = nil
	for _, f := range found {
		next.files = append(next.files, f.File.(*file))
	}
	m.store = next
	m.begin(found)
	if lost := slices.DeleteFunc(kept, func(n int) bool { return slices.Contains(m.queued, n) }); len(lost) > 0 {
		m.Fatalf("the next process found %v, and not %v", m.queued, lost)
	}
}

// filed are the numbers that the files have, except for those that the queue
// gives back as soon as they were read.
func (m *spooledModel) filed() map[int]bool {
	all := make(map[int]bool)
	for _, f := range m.store.files {
		for _, n := range f.numbers() {
			if !f.reading || slices.Contains(m.queued, n) {
				all[n] = true
			}
		}
	}
	return all
}

func (m *spooledModel) check() {
	s := m.queue.Snapshot()
	requireSum(m.T, &s)
	if s.Queued.Records != len(m.queued) || s.Pending != uint64(len(m.queued)+len(m.open)) || s.Recovered != m.extra {
		m.Fatalf("got %d queued, %d pending, %d recovered, want %d, %d, %d",
			s.Queued.Records, s.Pending, s.Recovered, len(m.queued), len(m.queued)+len(m.open), m.extra)
	}
	for o := range s.Outcomes() {
		if s.Ended(o) != m.ended[o] {
			m.Fatalf("got %d that ended as %v, want %d", s.Ended(o), o, m.ended[o])
		}
	}
	for b, front := range m.waiting {
		requireLeft(m.T, m.queue, b, len(front))
	}
	for _, r := range slices.Concat(m.open, m.final) {
		requireWhole(m.T, &r)
	}
	// What is read next may exceed the bound, if everything else is in no file.
	if most := m.config.MaxBytes + max(m.config.SegmentSize, 144); s.Bytes > most {
		m.Fatalf("got %d bytes in use, want at most %d", s.Bytes, most)
	}
	if m.step%5 == 0 {
		m.checkFiles(&s)
	}
}

// checkFiles compares what the next process would find with what it has to.
func (m *spooledModel) checkFiles(s *queue.Snapshot) {
	filed, broken := m.filed(), false
	for _, f := range m.store.files {
		broken = broken || f.broken
	}
	m.broke = m.broke || broken
	pending := make(map[int]bool)
	for _, n := range slices.Concat(numbers(m.open), m.queued) {
		pending[n] = true
	}
	for n := range filed {
		if !pending[n] {
			m.Fatalf("record %d is in a file, and is not pending", n)
		}
	}
	for n := range m.kept {
		if pending[n] && !filed[n] && !m.broke {
			m.Fatalf("record %d was in a file, and is in none", n)
		}
	}
	m.kept, m.broke = filed, broken
	if !broken && s.Kept != len(filed) {
		m.Fatalf("got %d that outlive the process, want the %d in files", s.Kept, len(filed))
	}
}

// finishAll delivers everything, and expects that nothing is left.
func (m *spooledModel) finishAll() {
	m.store.supply, m.store.frail = segment.Ready, 0
	for len(m.queued)+len(m.open) > 0 {
		before := len(m.queued) + len(m.open)
		m.take()
		end(m.queue, m.open, queue.Delivered)
		m.passed(numbers(m.open), queue.Delivered)
		m.open = nil
		m.queue.Release(m.final)
		m.final = nil
		arrived := m.store.arrive()
		m.check()
		if stuck := !arrived && before == len(m.queued)+len(m.open) && m.queue.WakeAt(queue.Depth{Records: 1, Bytes: 1}).Records == 0; stuck {
			m.Fatalf("stuck with %d queued", len(m.queued))
		}
	}
	m.queue.Release(m.final)
	m.store.arriveAll()
	if got := slices.Collect(maps.Keys(m.tagged)); len(got) > 0 {
		m.Errorf("the tags %v never came back", got)
	}
	if got := m.store.numbers(); len(got) > 0 || len(m.store.files) > 1 {
		m.Errorf("got %v left in %d files, want nothing in at most one", got, len(m.store.files))
	}
	for _, f := range m.store.files {
		f.broken = true
	}
	m.queue.Persist()
	m.store.supply = segment.None
	if got, want := capacity(m.queue), capacity(queue.New(m.config)); got != want {
		m.Errorf("the empty queue has room for %d records, want the %d of a new one", got, want)
	}
}

// capacity fills a queue, and returns how many records that took.
func capacity(q *queue.Queue) (n int) {
	for {
		if evicted, err := q.Put(item(1, 10), nil); err != nil || len(evicted) > 0 {
			return n
		}
		n++
	}
}
