package model_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// machine is the model, beside the process that it is compared with. Records go
// by their numbers, which rise in the order of acceptance.
type machine struct {
	*rapid.T

	*process

	dir     string
	evict   bool
	last    int            // number of the last record
	first   int            // number of the last record of earlier processes
	queued  []int          // accepted and neither taken nor ended, in order
	flying  []queue.Record // taken and not finished
	final   []queue.Record // finished and not released
	memory  map[int]bool   // those of queued and flying that Put did not say to be in a file
	doubt   map[int]bool   // those of them that a lost directory may have taken along
	again   map[int]bool   // final for an earlier process, which may not have written that down
	ends    []int          // final, and perhaps not written down
	lost    uint64         // records that turned out to be unreadable
	ended   uint64
	removed bool // the directory was, in this process
	gone    bool // and the spool may not be at work again
	trouble bool // something may have failed, and wait for its next try
	rest    bool // nothing happens while the spool is at work
}

func (m *machine) begin() {
	m.process = start(m.T, m.dir, m.evict)
	m.lost, m.ended, m.first = 0, 0, m.last
	m.removed, m.gone, m.trouble = false, false, false
	m.flying, m.final, m.ends = nil, nil, nil
	m.memory, m.doubt = make(map[int]bool), make(map[int]bool)
}

// put accepts records, in memory only if there is no file and they do not want
// to wait for one.
func (m *machine) put(t *rapid.T) {
	for range rapid.IntRange(1, 8).Draw(t, "records") {
		m.last++
		it := record(m.last, rapid.OneOf(rapid.IntRange(0, 600), rapid.IntRange(0, 6000)).Draw(t, "size"))
		it.InMemory = rapid.Bool().Draw(t, "in memory")
		evicted, err := m.queue.Put(it, nil)
		if errors.Is(err, queue.ErrNoFile) {
			synctest.Wait() // the file is made
			it.InMemory = true
			evicted, err = m.queue.Put(it, evicted)
		}
		m.drop(evicted)
		switch {
		case err == nil:
			m.queued = append(m.queued, m.last)
			m.memory[m.last], m.doubt[m.last] = !it.Kept, m.gone
		case !errors.Is(err, queue.ErrFull):
			t.Fatalf("Put: got %v, want at most %v", err, queue.ErrFull)
		}
		if m.rest {
			synctest.Wait()
		}
	}
}

// drop takes the oldest records, which were evicted, out of the model. Those
// whose files are gone may be among them, and those that were final before.
func (m *machine) drop(records []queue.Record) {
	if len(records) == 0 {
		return
	}
	if !m.evict {
		m.Fatalf("got %d records evicted, want none", len(records))
	}
	m.end(records)
	m.queue.Pass(records)
	m.queue.Release(records)
	for i := range records {
		if records[i].UUID == ([16]byte{}) { // it was in no memory: some of the oldest
			m.doubtAll()
		} else {
			m.leave(int(records[i].Accepted)) // its payload is gone
		}
	}
}

// doubtAll says that any queued record may be missing: nobody can tell which
// were evicted.
func (m *machine) doubtAll() {
	for _, n := range m.queued {
		m.doubt[n] = true
	}
}

// leave takes record n from the front of the queue, with those before it that may
// be missing.
func (m *machine) leave(n int) {
	for len(m.queued) > 0 && m.queued[0] < n {
		if !m.doubt[m.queued[0]] {
			m.Fatalf("got record %d, and record %d is missing", n, m.queued[0])
		}
		m.ends = append(m.ends, m.queued[0]) // evicted, or lost
		m.queued = m.queued[1:]
	}
	switch {
	case len(m.queued) > 0 && m.queued[0] == n:
		m.queued = m.queued[1:]
	case m.again[n]:
		delete(m.again, n)
		m.doubt[n] = m.removed // along with the files of earlier processes
	default:
		m.Fatalf("got record %d, which is final or never was accepted, want one of %v", n, m.queued)
	}
}

// take takes records, and compares them with the oldest.
func (m *machine) take(t *rapid.T) {
	most := rapid.IntRange(1, 30).Draw(t, "records")
	say := m.queue.WakeAt(queue.Depth{Records: 10, Bytes: 1000})
	records := m.queue.Take(nil, most, 1<<30)
	if len(records) < min(most, say.Records) { // more may have been read in between
		t.Fatalf("WakeAt says that %d can be taken, and Take of %d gives %d", say.Records, most, len(records))
	}
	for i := range records {
		m.leave(m.process.number(&records[i]))
	}
	m.flying = append(m.flying, records...)
	synctest.Wait()
}

// finish ends some of the records that were taken.
func (m *machine) finish(t *rapid.T) {
	records := pick(t, &m.flying)
	m.queue.Finish(records, queue.Delivered)
	m.queue.Pass(records)
	m.end(records)
	m.final = append(m.final, records...)
}

// end notes that records are final.
func (m *machine) end(records []queue.Record) {
	m.ended += uint64(len(records))
	for i := range records {
		if n := int(records[i].Accepted); n > 0 { // otherwise it was in no memory
			m.ends = append(m.ends, n)
		}
	}
}

// release gives the memory of some finished records back.
func (m *machine) release(t *rapid.T) {
	m.queue.Release(pick(t, &m.final))
	synctest.Wait()
}

// pick removes some records from a slice. What it draws does not depend on
// them, so that a sequence can be shrunk.
func pick(t *rapid.T, from *[]queue.Record) (picked []queue.Record) {
	if rapid.Bool().Draw(t, "all") {
		picked, *from = *from, nil
		return picked
	}
	for _, at := range rapid.SliceOfN(rapid.IntRange(0, 1000), 1, 10).Draw(t, "picks") {
		if len(*from) > 0 {
			i := at % len(*from)
			picked = append(picked, (*from)[i])
			*from = slices.Delete(*from, i, i+1)
		}
	}
	return picked
}

// flush delivers everything, and expects that nothing is left anywhere.
func (m *machine) flush(t *rapid.T) {
	barrier := m.queue.Barrier()
	m.queue.Release(m.final)
	m.final = nil
	for m.queue.Depth().Records > 0 || len(m.flying) > 0 {
		before := m.queue.Depth().Records
		taken := len(m.flying)
		records := m.queue.Take(nil, 50, 1<<30)
		for i := range records {
			m.leave(m.process.number(&records[i]))
		}
		m.flying = append(m.flying, records...)
		m.queue.Finish(m.flying, queue.Delivered)
		m.queue.Pass(m.flying)
		m.end(m.flying)
		m.queue.Release(m.flying)
		m.flying = nil
		synctest.Wait() // something was read
		if taken == 0 && before == m.queue.Depth().Records {
			pass(2 * time.Minute) // or is tried again for a while
		}
		m.lose()
		if taken == 0 && before == m.queue.Depth().Records && m.queue.WakeAt(queue.Depth{}).Records == 0 {
			t.Fatalf("stuck with %d records queued", before)
		}
	}
	for _, n := range m.queued {
		if !m.doubt[n] {
			t.Fatalf("the queue is empty, and record %d is missing", n)
		}
	}
	m.queued = nil
	if left := m.queue.Left(barrier); left > 0 {
		t.Fatalf("the queue is empty, and the barrier waits for %d", left)
	}
	m.queue.Leave(barrier)
	clear(m.memory)
	clear(m.doubt)
}

// lose takes in what the queue says to be lost.
func (m *machine) lose() {
	lost, why := m.queue.Lost()
	m.lost += uint64(len(lost))
	m.queue.Pass(lost)
	if len(lost) > 0 && !m.removed {
		m.Fatalf("got %d records lost because of %v, although nothing was taken away", len(lost), why)
	}
}

// crash ends the process as a signal does, and starts the next.
func (m *machine) crash(*rapid.T) {
	s := m.queue.Snapshot()
	safe := s.Kept == int(s.Pending) && !m.gone
	m.kill()
	for _, n := range m.ends {
		m.again[n] = true
	}
	var left []int
	for _, n := range append(m.numbers(m.flying), m.queued...) {
		if !m.doubt[n] && (safe || !m.memory[n]) {
			left = append(left, n)
		} else {
			m.again[n] = true
		}
	}
	m.restart(left)
}

func (m *machine) numbers(records []queue.Record) (all []int) {
	for i := range records {
		all = append(all, m.process.number(&records[i]))
	}
	return all
}

// restart begins the next process, which has to find what is left.
func (m *machine) restart(left []int) {
	slices.Sort(left)
	m.queued = left
	m.begin()
	s := m.queue.Snapshot()
	if got := int(s.Recovered); got < len(left) || got > len(left)+len(m.again) {
		m.Fatalf("the next process found %d records, want the %d that are left, and at most %d others: %v",
			got, len(left), len(m.again), slices.Sorted(maps.Keys(m.again)))
	}
}

// closeAndOpen ends the process in order, and starts the next.
func (m *machine) closeAndOpen(t *rapid.T) {
	synctest.Wait()
	m.queue.Close()
	for m.queue.Persist() {
		continue
	}
	unclean := m.trouble || m.spool.Stats().Down != nil
	kept := m.queue.Keep(m.flying)
	var left []int
	for _, n := range m.numbers(m.flying[:kept]) {
		if m.doubt[n] {
			m.again[n] = true
		} else {
			left = append(left, n)
		}
	}
	n, _ := m.queue.Retire()
	rest := m.queue.Take(m.flying[kept:], 1<<30, 1<<30)
	m.lose()
	m.queue.Finish(rest, queue.Shutdown)
	m.queue.Pass(rest)
	m.queue.Release(rest)
	m.end(rest)
	m.queue.Release(m.final)
	missing := m.numbersOf(rest)
	for _, n := range m.queued {
		if !missing[n] && !m.doubt[n] {
			left = append(left, n)
		} else {
			m.again[n] = true
		}
	}
	if s := m.queue.Snapshot(); int(s.Pending) != kept+n || s.Queued.Records != 0 {
		t.Fatalf("at the end: got %d pending and %d queued, want the %d that were kept and none", s.Pending, s.Queued.Records, kept+n)
	}
	m.queue.End()
	if err := m.spool.Close(context.Background()); err != nil && !unclean {
		t.Fatalf("Close: %v", err)
	}
	m.life.Wait()
	if unclean { // else it was all written down
		for _, n := range m.ends {
			m.again[n] = true
		}
	}
	m.restart(left)
}

func (m *machine) numbersOf(records []queue.Record) map[int]bool {
	all := make(map[int]bool)
	for i := range records {
		all[int(records[i].Accepted)] = true
	}
	return all
}

// full lets the disk be full, and heal lets it have room again.
func (m *machine) full(*rapid.T) { m.system.Limit(0); m.trouble = true }
func (m *machine) heal(*rapid.T) { m.system.Heal() }

// remove takes the directory away. What was accepted until the spool is at work
// again may be lost with the process, and what is in files only at once.
func (m *machine) remove(t *rapid.T) {
	synctest.Wait() // a file that is made meanwhile would be an error
	if err := os.RemoveAll(m.dir); err != nil {
		t.Fatalf("remove %s: %v", m.dir, err)
	}
	m.gone, m.removed, m.trouble = true, true, true
	for _, n := range append(m.numbers(m.flying), m.queued...) {
		m.doubt[n] = true
	}
}

// settle gives the spool all the time and room that it needs. Then everything
// that is pending is in a file, unless the files for it are full, or it was in
// files only that are gone.
func (m *machine) settle(t *rapid.T) {
	m.system.Heal()
	pass(2 * time.Second)
	file, supply := m.spool.Begin(segmentSize) // so that it looks at its directory
	if file != nil {
		file.Discard()
	}
	pass(40 * time.Second)
	if down := m.spool.Stats().Down; down != nil {
		t.Fatalf("on a disk that works, the spool is down: %v", down)
	}
	m.trouble = false
	m.lose()
	s := m.queue.Snapshot()
	if s.Kept != int(s.Pending) && !m.gone && supply != segment.Full {
		t.Fatalf("on a disk that works: got %d of %d pending records in files, want all", s.Kept, s.Pending)
	}
	if s.Kept == int(s.Pending) {
		clear(m.memory)
		m.gone = false
		for n := range m.doubt { // nobody looks at the directories of earlier processes
			m.doubt[n] = m.doubt[n] && (n <= m.first || len(m.again) > 0 || s.Queued.Records != len(m.queued))
		}
	}
}

// pass lets some time pass.
func (m *machine) pass(t *rapid.T) {
	pass(time.Duration(rapid.IntRange(1, 5000).Draw(t, "ms")) * time.Millisecond)
}

// check compares what can be seen from outside.
func (m *machine) check(t *rapid.T) {
	if m.rest {
		synctest.Wait()
		if !m.trouble {
			m.ends = nil
		}
	}
	m.lose()
	s := m.queue.Snapshot()
	sum := s.Pending
	for o := range s.Outcomes() {
		sum += s.Ended(o)
	}
	if s.Accepted != sum {
		t.Fatalf("got %d accepted and a sum of %d, want them equal: %+v", s.Accepted, sum, s)
	}
	if got, want := s.Ended(queue.Delivered)+s.Ended(queue.QueueFull)+s.Ended(queue.Shutdown), m.ended+uint64(m.excess); got != want {
		t.Fatalf("got %d ended, want %d", got, want)
	}
	if got := s.Ended(queue.Unreadable); got != m.lost {
		t.Fatalf("got %d unreadable, want %d", got, m.lost)
	}
	if s.Bytes > memory+2*segmentSize {
		t.Fatalf("got %d bytes of memory, want at most %d", s.Bytes, memory)
	}
	if got := m.spool.Stats().Bytes; got > files {
		t.Fatalf("got %d bytes of files, want at most %d", got, files)
	}
}
