package posthog_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// NewDefaultException is an exception that was handled, and a title is all that
// it needs beside the person.
func TestNewDefaultException(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := send(t, posthog.Config{}, posthog.NewDefaultException(at, "u_1", "PaymentError", "card declined"))
	if e.Event != "$exception" || e.DistinctID != "u_1" {
		t.Errorf("%s of %s arrived, want $exception of u_1", e.Event, e.DistinctID)
	}
	requireProperties(t, e, map[string]any{
		"$exception_level": "error", "$exception_type": "PaymentError", "$exception_message": "card declined",
		"$exception_list": []any{map[string]any{
			"type": "PaymentError", "value": "card declined",
			"mechanism": map[string]any{"handled": true, "synthetic": false, "type": "generic"},
		}},
	})
	if err := posthog.NewDefaultException(at, "u_1", "", "card declined").Validate(); err == nil {
		t.Error("an exception without a title is valid, want an error")
	}
	if err := posthog.NewDefaultException(time.Time{}, "u_1", "PaymentError", "").Validate(); err != nil {
		t.Errorf("an exception without a description: %v, want no error", err)
	}
}
