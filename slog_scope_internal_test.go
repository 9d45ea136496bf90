package posthog

import (
	"fmt"
	"log/slog"
	"testing"
)

// A logger that is made of itself for ever keeps no more than properties there
// may be.
func TestLoggersKeepABoundedNumberOfAttributes(t *testing.T) {
	t.Parallel()
	var handler slog.Handler = NewSlogCaptureHandler(nil, new(ServerClient))
	for i := range 1000 {
		handler = handler.WithAttrs([]slog.Attr{slog.Int(fmt.Sprint("a", i), i)})
	}
	fields := handler.(*SlogCaptureHandler).scope.fields
	if len(fields) != maxLogFields || fields[len(fields)-1].key != "a999" {
		t.Errorf("the handler keeps %d attributes, want the last %d", len(fields), maxLogFields)
	}
}
