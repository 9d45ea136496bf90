package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// Hook sees every event before it is encoded, complete with everything the
// client adds, and returns the event to send: the same one, changed or not,
// or another. Returning nil drops the event. A hook that panics drops the
// event as well, with a warning.
//
// Maps and slices of the event are copies, nested ones and those of exceptions
// included; what other structs and pointers hold is the application's own. The
// list of an exception is an [ExceptionItem] slice, and what stands beside it,
// such as $exception_message, follows it afterwards.
// Hooks run on the goroutine that enqueues, possibly on several at once.
type Hook func(*Event) *Event

// runHooks puts the event that draft and static stand for through the hooks,
// and makes draft stand for what they return. An outcome other than Delivered ends the
// event.
func (c *ServerClient) runHooks(h header, draft *event.Draft, static *event.Static, now time.Time) queue.Outcome {
	ev := &Event{
		Uuid:       draft.UUID.String(),
		Event:      draft.Event,
		DistinctId: draft.DistinctID,
		Timestamp:  draft.Timestamp,
		Properties: event.Build(draft, static),
	}
	if list, ok := ev.Properties[propertyExceptionList].([]ExceptionItem); ok {
		ev.Properties[propertyExceptionList] = cloneItems(list)
	}
	outcome := queue.Delivered
	if c.config.BeforeSend != nil {
		ev, outcome = c.beforeSend(h, draft, ev)
	}
	for i := 0; i < len(c.config.Hooks) && outcome == queue.Delivered; i++ {
		ev, outcome = c.runHook(i, ev)
	}
	if outcome != queue.Delivered {
		return outcome
	}
	if event.Blank(ev.Event) || event.Blank(ev.DistinctId) {
		c.notices.Report(notice.Warn, "hook made an event invalid",
			"posthog: a hook left an event without a name or without a distinct id, so it was dropped")
		return queue.HookFailed
	}
	if !completeHooked(ev, h) {
		c.notices.Report(notice.Warn, "hook made an exception invalid",
			"posthog: a hook left an exception without its list, or an item of it without a type, so it was dropped")
		return queue.HookFailed
	}
	draft.Reset()
	draft.Event = ev.Event
	draft.DistinctID = ev.DistinctId
	draft.Properties = ev.Properties
	c.stamp(draft, header{uuid: ev.Uuid, timestamp: ev.Timestamp}, now)
	return queue.Delivered
}

// runHook puts ev through the hook number i.
func (c *ServerClient) runHook(i int, ev *Event) (next *Event, outcome queue.Outcome) {
	name := ev.Event
	defer func() {
		if value := recover(); value != nil {
			c.notices.Report(notice.Warn, "hook panicked",
				"posthog: Config.Hooks[%d] panicked, so the event %q was dropped: %v", i, name, value)
			next, outcome = nil, queue.HookFailed
		}
	}()
	if next = c.config.Hooks[i](ev); next == nil {
		c.notices.Detail("posthog: Config.Hooks[%d] dropped the event %q", i, name)
		return nil, queue.HookDropped
	}
	return next, queue.Delivered
}
