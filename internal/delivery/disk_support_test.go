package delivery_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
)

// disk is a spool whose files are memory. Reading one takes a millisecond.
type disk struct {
	mu      sync.Mutex
	supply  segment.Supply // of the next Begin
	changed chan struct{}  // closed and replaced by become
	files   []*paper
	unsure  error         // of Secure
	secured []uint64      // sequences that Secure was asked about
	queue   segment.Queue // that the lane started it with
}

// paper is one file of a disk.
type paper struct {
	disk    *disk
	area    []byte
	used    int
	ended   map[int]bool
	damaged bool
	broken  bool
}

func newDisk() *disk { return &disk{changed: make(chan struct{})} }

var errDamaged = errors.New("the file is damaged")

// become changes what Begin finds.
func (d *disk) become(s segment.Supply) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.supply = s
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *disk) Begin(size int) (segment.File, segment.Supply) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.supply != segment.Ready {
		return nil, d.supply
	}
	f := &paper{disk: d, area: make([]byte, size), ended: make(map[int]bool)}
	d.files = append(d.files, f)
	return f, segment.Ready
}

func (d *disk) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

func (d *disk) Start(q segment.Queue) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = q
}

func (d *disk) Hasten(context.Context) {}

func (d *disk) Secure(_ context.Context, sequence uint64, _ bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.secured = append(d.secured, sequence)
	return d.unsure
}

func (f *paper) Append(offset int, frame []byte, _ uint64) bool {
	segment.Copy(f.area[offset:], frame, 0)
	f.used = offset + len(frame)
	return true
}

func (f *paper) Broken() bool         { return f.broken }
func (f *paper) Settled() bool        { return true }
func (f *paper) Seal(segment.Summary) {}

func (f *paper) End(offsets []int) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	for _, at := range offsets {
		f.ended[at] = true
	}
}

func (f *paper) Discard() {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.files = slices.DeleteFunc(f.disk.files, func(other *paper) bool { return other == f })
}

func (f *paper) Load(area []byte, done func(segment.Contents)) {
	go func() {
		wait(time.Millisecond)
		copy(area, f.area)
		c := segment.Contents{Pending: f.pending()}
		if f.damaged {
			c = segment.Contents{Err: errDamaged}
		}
		for _, at := range c.Pending {
			c.Payload += segment.PayloadSize(area[at:])
		}
		done(c)
	}()
}

// pending are the offsets of the frames that have not ended.
func (f *paper) pending() (all []int) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	for scan := segment.Scan(f.area[:f.used], 0); scan.Next(); {
		if !f.ended[scan.Offset] {
			all = append(all, scan.Offset)
		}
	}
	return all
}

// events are those that the next process would find.
func (d *disk) events() (all []string) {
	for _, f := range d.files {
		for _, at := range f.pending() {
			var frame segment.Frame
			segment.View(f.area[at:], &frame)
			all = append(all, string(frame.Payload))
		}
	}
	return all
}

// found is what the next process is given.
func (d *disk) found() (all []segment.Found) {
	for _, f := range d.files {
		summary := segment.Summary{Used: f.used}
		for _, at := range f.pending() {
			accepted := segment.Accepted(f.area[at:])
			if summary.Records == 0 {
				summary.Oldest = accepted
			}
			summary.Records++
			summary.Payload += segment.PayloadSize(f.area[at:])
			summary.Newest = accepted
		}
		all = append(all, segment.Found{File: f, Pending: summary})
	}
	return all
}

// onDisk gives a lane a spool, with four small events to a file and memory for
// 32 of them.
func onDisk(d *disk, adjust func(*delivery.Config)) func(*delivery.Config) {
	return func(c *delivery.Config) {
		c.Spool = d
		c.Queue = newQueue(queue.Config{MaxBytes: 32 * 64, SegmentSize: 4 * 64, Store: d})
		if adjust != nil {
			adjust(c)
		}
	}
}

// leftBy returns a disk with events that another process left.
func leftBy(t *testing.T, accepted time.Time, names ...string) *disk {
	t.Helper()
	d := newDisk()
	q := newQueue(queue.Config{MaxBytes: 32 * 64, SegmentSize: 4 * 64, Store: d})
	for _, name := range names {
		item := &queue.Item{Frame: segment.Frame{Payload: []byte(name), Accepted: accepted.UnixNano()}}
		if _, err := q.Put(item, nil); err != nil {
			t.Fatalf("Put(%q): %v", name, err)
		}
	}
	return d
}
