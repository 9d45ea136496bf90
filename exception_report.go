package posthog

import (
	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/wire"
)

// report is an exception that the library put together: the message of an
// event whose list is encoded already.
type report struct {
	Exception

	list []stack.Exception
	held uint64 // exceptions of the same type that were not sent
	most int    // bytes of the list

	buffer *[]byte // for the list

	elsewhere bool     // it is the end of another process
	steps     [][]byte // of that process
}

// propertyHeldBack is the property with the number of exceptions of the same
// type that the rate limit dropped since the last one that was sent.
const propertyHeldBack = "exceptions_held_back"

func (r *report) load(d *event.Draft) (header, error) {
	text := r.encode()
	h := r.describe(d, r.list[0].Type, r.list[0].Value)
	d.Own(propertyExceptionList, wire.Verbatim(text))
	if len(r.DebugImages) > 0 {
		d.Own(propertyDebugImages, r.DebugImages)
	}
	h.elsewhere = r.elsewhere
	if r.held > 0 {
		d.Own(propertyHeldBack, r.held)
	}
	ownSteps(d, r.steps)
	return h, nil
}

// itemize gives d the list as hooks see it.
func (r *report) itemize(d *event.Draft) {
	for i := range d.Owned {
		if d.Owned[i].Key == propertyExceptionList {
			d.Owned[i].Value = items(r.list)
		}
	}
}

// listShare is the part of the largest event that a list of exceptions may be.
// Fifty texts and stacks of the greatest length would be more than PostHog takes.
const listShare = 4

// encode returns the list as JSON. It shortens the exceptions below the first
// if all are too long, and lists fewer if that is not enough. The first one is
// shortened where the event would not be taken otherwise.
func (r *report) encode() []byte {
	text := stack.AppendExceptions((*r.buffer)[:0], r.list)
	for _, keep := range [...]struct{ share, first, value, frames, exceptions int }{
		{1, 1, 1000, 32, 50}, {1, 1, 200, 8, 50}, {1, 1, 200, 8, 10},
		{2, 0, 1000, 32, 10}, {2, 0, 1000, 8, 1}, {2, 0, 200, 2, 1},
	} {
		if len(text) <= r.most*keep.share {
			continue
		}
		r.list = r.list[:min(keep.exceptions, len(r.list))]
		for i := keep.first; i < len(r.list); i++ {
			shorten(&r.list[i], keep.value, keep.frames)
		}
		text = stack.AppendExceptions(text[:0], r.list)
	}
	*r.buffer = text
	return text
}

// shorten leaves the beginning of an exception's text and the inner end of its
// stack.
func shorten(e *stack.Exception, value, frames int) {
	e.Value = shortened(e.Value, value)
	if e.Stack == nil || len(e.Stack.Frames) <= frames {
		return
	}
	kept := e.Stack.Frames[len(e.Stack.Frames)-frames:]
	for len(kept) > 1 && kept[0].Inline { // it belongs to a frame that is gone
		kept = kept[1:]
	}
	e.Stack = &stack.Stack{Type: e.Stack.Type, Frames: kept}
}
