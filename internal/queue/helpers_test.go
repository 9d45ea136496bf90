package queue_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// frameHeader is what a record takes in a segment beside its payload.
const frameHeader = 40

// roomy are bounds that no test reaches by accident.
var roomy = queue.Config{MaxRecords: 1000, MaxBytes: 1 << 20, SegmentSize: 1 << 12}

// item returns an item that is recognised by its number: in its payload of
// size bytes, at least one, in its uuid and in its time.
func item(number, size int) *queue.Item {
	it := &queue.Item{Frame: segment.Frame{
		Payload:  bytes.Repeat([]byte{byte(number)}, size),
		Format:   3,
		Mark:     uint32(number % 7),
		Accepted: int64(number) * 1000,
	}}
	binary.BigEndian.PutUint64(it.UUID[8:], uint64(number))
	return it
}

// number returns the number that the record's item was made with.
func number(r *queue.Record) int { return int(binary.BigEndian.Uint64(r.UUID[8:])) }

// numbers returns those of several records.
func numbers(records []queue.Record) []int {
	all := make([]int, len(records))
	for i := range records {
		all[i] = number(&records[i])
	}
	return all
}

// requireWhole fails the test unless the record is what item made.
func requireWhole(t *testing.T, r *queue.Record) {
	t.Helper()
	want := item(number(r), len(r.Payload))
	if !bytes.Equal(r.Payload, want.Payload) || r.Format != want.Format || r.Mark != want.Mark || r.Accepted != want.Accepted {
		t.Fatalf("record %d: got payload %x, format %d, mark %d, accepted %d, want %x, %d, %d, %d",
			number(r), r.Payload, r.Format, r.Mark, r.Accepted, want.Payload, want.Format, want.Mark, want.Accepted)
	}
}

// put puts an item that must be accepted without evicting anything.
func put(t *testing.T, q *queue.Queue, it *queue.Item) {
	t.Helper()
	if evicted, err := q.Put(it, nil); err != nil || len(evicted) > 0 {
		t.Fatalf("Put of %d bytes: got evicted %v, error %v, want none", len(it.Payload), numbers(evicted), err)
	}
}

// fill puts the items first to last, of ten bytes each.
func fill(t *testing.T, q *queue.Queue, first, last int) {
	t.Helper()
	for n := first; n <= last; n++ {
		put(t, q, item(n, 10))
	}
}

// filling returns a call of fill, for tables.
func filling(first, last int) func(*testing.T, *queue.Queue) {
	return func(t *testing.T, q *queue.Queue) {
		t.Helper()
		fill(t, q, first, last)
	}
}

// putting returns a call of put, for tables.
func putting(n, size int) func(*testing.T, *queue.Queue) {
	return func(t *testing.T, q *queue.Queue) {
		t.Helper()
		put(t, q, item(n, size))
	}
}

// fillingAndTaking returns calls of fill and Take, for tables.
func fillingAndTaking(first, last, taken int) func(*testing.T, *queue.Queue) {
	return func(t *testing.T, q *queue.Queue) {
		t.Helper()
		fill(t, q, first, last)
		q.Take(nil, taken, 1<<10)
	}
}

// finish finishes and passes records.
func finish(q *queue.Queue, records []queue.Record, o queue.Outcome) {
	q.Finish(records, o)
	q.Pass(records)
}

// end finishes, passes and releases records.
func end(q *queue.Queue, records []queue.Record, o queue.Outcome) {
	finish(q, records, o)
	q.Release(records)
}

// requireSum fails the test unless everything that was accepted is pending or
// has ended.
func requireSum(t *testing.T, s *queue.Snapshot) {
	t.Helper()
	sum := s.Pending
	for o := range s.Outcomes() {
		sum += s.Ended(o)
	}
	if s.Accepted != sum {
		t.Fatalf("got %d accepted and a sum of %d, want them equal: %+v", s.Accepted, sum, s)
	}
}

// requireLedger fails the test unless so many events were accepted, are
// pending, and ended in each outcome.
func requireLedger(t *testing.T, q *queue.Queue, accepted, pending uint64, ended map[queue.Outcome]uint64) {
	t.Helper()
	s := q.Snapshot()
	requireSum(t, &s)
	if s.Accepted != accepted || s.Pending != pending {
		t.Fatalf("got %d accepted and %d pending, want %d and %d", s.Accepted, s.Pending, accepted, pending)
	}
	for o := range s.Outcomes() {
		if s.Ended(o) != ended[o] {
			t.Fatalf("got %d events that ended as %v, want %d", s.Ended(o), o, ended[o])
		}
	}
}

// signalled reports whether the channel has something to receive now.
func signalled(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
