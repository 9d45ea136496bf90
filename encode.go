package posthog

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/wire"
)

// scratch is the memory that one Enqueue works in.
type scratch struct {
	draft   event.Draft
	encoder wire.Encoder
	buffer  []byte
	item    queue.Item
	fatal   bool // an exception that is likely to be the last
}

// newScratch returns a pool of *scratch.
func newScratch() *sync.Pool { return &sync.Pool{New: func() any { return new(scratch) }} }

// maxScratch is the largest buffer that is kept for the next event.
const maxScratch = 64 << 10

// recycle keeps the memory of s for the next event, and nothing else.
func (c *ServerClient) recycle(s *scratch) {
	s.draft.Reset()
	s.encoder.Reset()
	s.item, s.fatal = queue.Item{}, false
	if cap(s.buffer) > maxScratch {
		s.buffer = nil
	}
	c.scratch.Put(s)
}

// encode makes msg the item of s, for the lane l. An outcome other than Delivered ends the
// event although nothing is wrong with the call.
func (c *ServerClient) encode(ctx context.Context, l *lane, s *scratch, msg Message) (queue.Outcome, error) {
	now := time.Now()
	h, err := load(&s.draft, msg)
	if err == nil {
		err = c.identify(ctx, &s.draft, &h)
	}
	if err != nil {
		l.refused.count(refusedInvalid, 1)
		c.warnOfInvalid(err)
		return 0, err
	}
	if h.flags != nil || h.sendFlags != nil {
		c.attachFlags(ctx, &s.draft, &h)
	}
	if h.kind == kindException {
		c.describeException(ctx, &s.draft, &h)
		s.fatal = h.level == LevelFatal && !h.elsewhere
	}
	c.stamp(&s.draft, h, now)
	static := c.static.Load()
	if h.minimal {
		static = c.minimal.Load()
		s.draft.Spread()
		s.draft.Context = minimal(s.draft.Context)
	}
	if h.elsewhere {
		static = c.library
	}
	if c.config.BeforeSend != nil || len(c.config.Hooks) > 0 {
		if r, ok := msg.(*report); ok {
			r.itemize(&s.draft)
		}
		showSteps(&s.draft)
		if outcome := c.runHooks(h, &s.draft, static, now); outcome != queue.Delivered {
			return outcome, nil
		}
		static = c.library
	}
	var tail int
	s.buffer, tail = event.Append(s.buffer[:0], &s.encoder, &s.draft, static)
	if losses := s.encoder.Losses(); len(losses) > 0 {
		c.warnOfLosses(s.draft.Event, losses)
	}
	if len(s.buffer) > l.maxEvent || slices.ContainsFunc(s.encoder.Losses(), wire.Loss.TooLarge) {
		l.refused.count(refusedTooLarge, 1)
		err := l.tooLarge(s.draft.Event, len(s.buffer))
		c.notices.Report(notice.Warn, "event too large", "posthog: %v", err)
		return 0, err
	}
	s.item = queue.Item{Frame: segment.Frame{
		Payload:  s.buffer,
		UUID:     s.draft.UUID,
		Format:   l.format(s.draft.Event),
		Mark:     mark(tail),
		Accepted: now.UnixNano(),
	}}
	if c.config.DryRun {
		return queue.DryRun, nil
	}
	return queue.Delivered, nil
}

// mark is the mark of a record whose special properties begin at tail.
func mark(tail int) uint32 {
	if tail > segment.MaxMark {
		return 0
	}
	return uint32(tail)
}

// format is the format of an event of that name.
func (l *lane) format(name string) uint8 {
	if l.name != LaneAI || strings.HasPrefix(name, aiPrefix) {
		return formatEvent
	}
	l.client.notices.Detail("posthog: the event %q went to the AI endpoint, which takes names that begin with %s", name, aiPrefix)
	return formatMisfiled
}

// identify completes the draft from the request context, and makes sure that
// it has a distinct id.
func (c *ServerClient) identify(ctx context.Context, d *event.Draft, h *header) error {
	if !h.usesContext {
		c.warnOfIllegalID(d)
		c.warnOfLongID(d.DistinctID)
		c.warnOfLongID(aliasOf(d))
		return nil
	}
	request := requestContext(ctx)
	if request != nil {
		request.apply(d)
	}
	if event.Blank(d.DistinctID) && (request != nil || h.kind == kindException) {
		d.DistinctID = c.ids.New(time.Now()).String()
		d.Personless = true
	}
	if event.Blank(d.DistinctID) {
		return h.kind.invalid("DistinctId", d.DistinctID)
	}
	c.warnOfLongID(d.DistinctID)
	return nil
}

// stamp gives the draft its uuid and time.
func (c *ServerClient) stamp(d *event.Draft, h header, now time.Time) {
	var replaced bool
	if d.UUID, replaced = event.ID(&c.ids, h.uuid, now); replaced {
		c.notices.Report(notice.Warn, "invalid uuid", "posthog: the Uuid of a message is no UUID; it was replaced by a new one")
	}
	if d.Timestamp, replaced = event.Moment(h.timestamp, now); replaced {
		c.notices.Report(notice.Warn, "invalid timestamp",
			"posthog: the Timestamp of a message is outside of the years 0 to 9999; it was replaced by now")
	}
}
