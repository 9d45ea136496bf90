package model_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

const (
	segmentSize = 4096
	memory      = 6 * segmentSize
	files       = 40 * (segmentSize + 2*4096) // with what describes them
)

// process is one life of a queue and its spool.
type process struct {
	*rapid.T

	system *faulty.System
	spool  *spool.Spool
	queue  *queue.Queue
	life   *life.Group
	excess int // recovered records for which there was no room
}

// start begins a process on dir.
func start(t *rapid.T, dir string, evict bool) *process {
	p := &process{T: t, system: faulty.New(disk.Local())}
	p.life = &life.Group{Panicked: func(name string, value any, stack []byte) {
		t.Errorf("goroutine %s panicked: %v\n%s", name, value, stack)
	}}
	p.spool = spool.Open(spool.Config{
		Dir: dir, Lane: "analytics", ProjectKey: "phc_test",
		SegmentSize: segmentSize, MaxBytes: files,
		Notices: notice.New(false, func(notice.Level, string) {}),
		Life:    p.life, System: p.system,
	})
	p.queue = queue.New(queue.Config{
		MaxRecords: 1 << 30, MaxBytes: memory, SegmentSize: segmentSize, EvictOldest: evict, Store: p.spool,
	})
	p.Recover(p.spool.Found())
	p.spool.Start(p)
	synctest.Wait()
	return p
}

// Persist is what the spool asks of the queue.
func (p *process) Persist() bool { return p.queue.Persist() }

// Recover is what the spool asks of the queue.
func (p *process) Recover(found []segment.Found) { p.excess += len(p.queue.Recover(found)) }

// kill ends the process as a signal does.
func (p *process) kill() {
	p.system.Kill()
	_ = p.spool.Close(context.Background()) // its goroutine must not outlive the test
	p.life.Wait()
}

// record returns an item that is recognised by its number, in all its parts.
func record(number, size int) *queue.Item {
	it := &queue.Item{Frame: segment.Frame{
		Payload:  bytes.Repeat([]byte{byte(number), byte(number >> 8), 'x'}, size/3+1),
		Format:   1,
		Mark:     uint32(number % 7),
		Accepted: int64(number),
	}}
	binary.BigEndian.PutUint64(it.UUID[8:], uint64(number))
	binary.BigEndian.PutUint64(it.UUID[:], uint64(size))
	return it
}

// number returns the number of a record, and fails the test unless it is what
// was put, byte by byte.
func (p *process) number(r *queue.Record) int {
	number := int(binary.BigEndian.Uint64(r.UUID[8:]))
	want := record(number, int(binary.BigEndian.Uint64(r.UUID[:])))
	if r.UUID != want.UUID || r.Format != want.Format || r.Mark != want.Mark || r.Accepted != want.Accepted || !bytes.Equal(r.Payload, want.Payload) {
		p.Fatalf("record %d: got %d bytes %.20x, format %d, accepted %d, want %d bytes %.20x, %d, %d",
			number, len(r.Payload), r.Payload, r.Format, r.Accepted, len(want.Payload), want.Payload, want.Format, want.Accepted)
	}
	return number
}

// pass lets virtual time pass, and everything that it sets off happen.
func pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}
