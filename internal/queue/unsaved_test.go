package queue_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

// payloads are the sizes of the payloads that Unsaved ranges over.
func payloads(q *queue.Queue) []int {
	var all []int
	for frame := range q.Unsaved() {
		all = append(all, len(frame.Payload))
	}
	return all
}

// Unsaved ranges over what has not ended, in flight or not, the oldest first.
func TestUnsaved(t *testing.T) {
	t.Parallel()
	q := queue.New(queue.Config{MaxRecords: 10, MaxBytes: 1 << 20, SegmentSize: 512})
	for n := range 6 {
		put(t, q, item(n, 100+n))
	}
	flying := q.Take(nil, 3, 1<<20)
	end(q, flying[1:2], queue.Delivered)
	if got, want := payloads(q), []int{100, 102, 103, 104, 105}; !slices.Equal(got, want) {
		t.Errorf("got records of %v bytes, want %v", got, want)
	}
	for range q.Unsaved() {
		break // and the lock is gone
	}
	end(q, flying[:1], queue.Delivered)
	end(q, flying[2:], queue.Delivered)
	end(q, q.Take(nil, 3, 1<<20), queue.Delivered)
	if got := payloads(q); len(got) > 0 {
		t.Errorf("got records of %v bytes, want none", got)
	}
}
