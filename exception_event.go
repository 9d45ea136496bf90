package posthog

import (
	"context"
	"strings"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
)

// describeException adds to the event of an exception what the client knows of
// it.
func (c *ServerClient) describeException(ctx context.Context, d *event.Draft, h *header) {
	if h.level == "" {
		h.level = LevelError
		d.Own(propertyExceptionLevel, string(h.level))
	}
	if h.elsewhere {
		return
	}
	if request := requestContext(ctx); request != nil {
		ownSteps(d, request.root.steps.all())
	}
	if id := c.config.ErrorTracking.ReleaseID; id != "" && !given(d, "$release_id") {
		d.Own("$release_id", id)
	}
	if c.config.ErrorTracking.ActiveSpan == nil || ctx == nil || given(d, "$trace_id") || given(d, "$span_id") {
		return
	}
	if traceID, spanID := c.activeSpan(ctx); traceID != "" {
		d.Own("$trace_id", traceID)
		d.Own("$span_id", spanID)
	}
}

// given reports whether the application's own properties have one of that name.
func given(d *event.Draft, key string) bool {
	_, ok := d.Properties[key]
	return ok
}

// activeSpan returns the ids of the active span, or nothing if they are none.
func (c *ServerClient) activeSpan(ctx context.Context) (traceID, spanID string) {
	defer func() {
		if value := recover(); value != nil {
			c.notices.Report(notice.Warn, "ActiveSpan panicked", "posthog: Config.ErrorTracking.ActiveSpan panicked: %v", value)
			traceID, spanID = "", ""
		}
	}()
	traceID, spanID = c.config.ErrorTracking.ActiveSpan(ctx)
	if !isID(traceID, 32) || !isID(spanID, 16) {
		return "", ""
	}
	return strings.ToLower(traceID), strings.ToLower(spanID)
}

// isID reports whether id has that many hexadecimal digits, and not only zeros,
// which stand for no id.
func isID(id string, digits int) bool {
	return len(id) == digits && strings.Trim(id, "0123456789abcdefABCDEF") == "" && strings.Trim(id, "0") != ""
}
