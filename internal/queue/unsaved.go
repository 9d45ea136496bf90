package queue

import (
	"iter"

	"github.com/hedgerow/posthog/internal/segment"
)

// Unsaved ranges over the records that were accepted, have not ended, and would
// not outlive the process, the oldest first; those that are in flight are among
// them. The queue is locked for as long as it takes, so the body of the loop
// must neither wait nor call the queue. It must keep nothing of a frame.
func (q *Queue) Unsaved() iter.Seq[*segment.Frame] {
	return func(yield func(*segment.Frame) bool) {
		q.mu.Lock()
		defer q.mu.Unlock()
		var frame segment.Frame
		for _, s := range q.spans {
			if s.region == nil || s.survives() {
				continue
			}
			for _, at := range s.frames() {
				if segment.Final(s.region[at:]) {
					continue
				}
				segment.View(s.region[at:], &frame)
				if !yield(&frame) {
					return
				}
			}
		}
	}
}
