package posthog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// Proves EXC-16: NewDefaultException is an exception that was handled, with the
// stack of the call. A title is all that it needs beside the person.
func TestNewDefaultException(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	client, server := open(t, posthog.Config{})
	enqueue(t, client, posthog.NewDefaultException(at, "u_1", "PaymentError", "card declined"))
	e := one(t, client, server)
	if e.Event != "$exception" || e.DistinctID != "u_1" {
		t.Errorf("%s of %s arrived, want $exception of u_1", e.Event, e.DistinctID)
	}
	requireProperties(t, e, map[string]any{
		"$exception_level": "error", "$exception_type": "PaymentError", "$exception_message": "card declined",
	})
	list := server.Events()[0].Exceptions()
	if len(list) != 1 || list[0].Type != "PaymentError" || list[0].Value != "card declined" {
		t.Fatalf("the exceptions are %+v, want the one", list)
	}
	if m := list[0].Mechanism; m.Synthetic == nil || !*m.Synthetic || m.Type != "generic" || m.Handled == nil || !*m.Handled {
		t.Errorf("the mechanism is %+v, want generic, handled and synthetic", m)
	}
	if f := list[0].Frames[len(list[0].Frames)-1]; !strings.HasSuffix(f.Function, "TestNewDefaultException") || !f.InApp {
		t.Errorf("the stack ends with %+v, want this test", f)
	}
	if err := posthog.NewDefaultException(at, "u_1", "", "card declined").Validate(); err == nil {
		t.Error("an exception without a title is valid, want an error")
	}
	if err := posthog.NewDefaultException(time.Time{}, "u_1", "PaymentError", "").Validate(); err != nil {
		t.Errorf("an exception without a description: %v, want no error", err)
	}
}
