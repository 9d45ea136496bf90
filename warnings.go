package posthog

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/wire"
)

// warnOfLosses names the properties that were left out of an event. Values
// are never logged.
func (c *ServerClient) warnOfLosses(name string, losses []wire.Loss) {
	text := make([]string, len(losses))
	for i, loss := range losses {
		text[i] = fmt.Sprintf("%s (%s)", loss.Key, loss.Reason)
	}
	c.notices.Report(notice.Warn, "property "+losses[0].Key+" left out of "+name,
		"posthog: properties of the event %q cannot be sent and were left out: %s", name, strings.Join(text, ", "))
}

// warnOfInvalid says why a message was refused.
func (c *ServerClient) warnOfInvalid(err error) {
	condition := "invalid message"
	if field, ok := errors.AsType[FieldError](err); ok {
		condition = "invalid " + field.Type + "." + field.Name
	}
	c.notices.Report(notice.Warn, condition, "posthog: a message was refused: %v", err)
}

// warnOfIllegalID names a distinct id that PostHog refuses to give a person.
func (c *ServerClient) warnOfIllegalID(d *event.Draft) {
	for _, id := range [...]string{d.DistinctID, aliasOf(d)} {
		if event.Illegal(id) {
			c.notices.Report(notice.Warn, "illegal distinct id",
				"posthog: PostHog refuses to identify or merge the distinct id %q, which looks like a placeholder", id)
		}
	}
}

// warnOfLongID warns of a distinct id that PostHog shortens.
func (c *ServerClient) warnOfLongID(id string) {
	if event.TooLong(id) {
		c.notices.Report(notice.Warn, "distinct id too long",
			"posthog: a distinct id is longer than %d characters; PostHog cuts it", event.MaxDistinctID)
	}
}

// aliasOf returns the other id of an alias.
func aliasOf(d *event.Draft) string {
	for _, f := range d.Owned {
		if f.Key == "alias" || f.Key == "$anon_distinct_id" {
			id, _ := f.Value.(string)
			return id
		}
	}
	return ""
}

// tooLarge is the error of an event that exceeds the limit.
func (l *lane) tooLarge(name string, size int) error {
	if size <= l.maxEvent { // because the value that makes it too large was left out
		return fmt.Errorf("%w: a value of event %q is larger than any event, Config.%s is %d", ErrMessageTooBig, name, l.limits.eventBytes, l.maxEvent)
	}
	return fmt.Errorf("%w: event %q is %d bytes, Config.%s is %d", ErrMessageTooBig, name, size, l.limits.eventBytes, l.maxEvent)
}

// tooLargeForQueue is the error of an event that the queue has no room for even
// when it is empty.
func (l *lane) tooLargeForQueue() error {
	return fmt.Errorf("%w: it does not fit into Config.%s, %d", ErrMessageTooBig, l.limits.queueBytes, l.maxBytes)
}
