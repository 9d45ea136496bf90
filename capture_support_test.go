package posthog_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// captureOne captures err with a client of its own and returns the event that
// arrived, as PostHog's error tracking has it.
func captureOne(t *testing.T, config posthog.Config, err error, opts ...posthog.ExceptionOption) posthogtest.Event {
	t.Helper()
	client, server := open(t, config)
	if err := client.CaptureException(t.Context(), err, opts...); err != nil {
		t.Fatalf("CaptureException: %v", err)
	}
	return onlyException(t, client, server)
}

// onlyException flushes and returns the only event that arrived, which must be
// an exception that PostHog reads without a doubt.
func onlyException(t *testing.T, client *posthog.ServerClient, server *posthogtest.Server) posthogtest.Event {
	t.Helper()
	all := exceptions(t, client, server)
	if len(all) != 1 {
		t.Fatalf("got %d exceptions, want 1", len(all))
	}
	return all[0]
}

// exceptions flushes and returns the exceptions that PostHog has stored, after
// making sure that it has nothing to say against anything that arrived.
func exceptions(t *testing.T, client *posthog.ServerClient, server *posthogtest.Server) []posthogtest.Event {
	t.Helper()
	flush(t, client)
	requireLedger(t, client)
	return stored(t, server)
}

// stored returns the exceptions that PostHog has, after making sure that it has
// nothing to say against anything that arrived, and that every one of them is
// in one piece.
func stored(t *testing.T, server *posthogtest.Server) []posthogtest.Event {
	t.Helper()
	for _, w := range server.Warnings() {
		t.Errorf("PostHog warns: %s", w)
	}
	var all []posthogtest.Event
	for _, e := range server.Rows() {
		if e.Name != "$exception" {
			continue
		}
		list := e.Exceptions()
		if len(list) == 0 || len(list) > 50 {
			t.Fatalf("an exception has %d entries, want 1 to 50: %s", len(list), e.Raw)
		}
		requireFlat(t, e)
		requireLinks(t, list)
		requireBareNames(t, list)
		all = append(all, e)
	}
	return all
}

// requireFlat fails the test unless the flat properties are those of the first
// exception, and nothing is PostHog's own.
func requireFlat(t *testing.T, e posthogtest.Event) {
	t.Helper()
	first := e.Exceptions()[0]
	if e.Properties["$exception_type"] != first.Type || e.Properties["$exception_message"] != first.Value {
		t.Errorf("$exception_type and $exception_message are %v and %.80v, want those of the first exception, %s and %.80s",
			e.Properties["$exception_type"], e.Properties["$exception_message"], first.Type, first.Value)
	}
	for name := range e.Properties {
		switch name {
		case "$exception_list", "$exception_type", "$exception_message", "$exception_level", "$exception_source", "$exception_fingerprint":
		default:
			if strings.HasPrefix(name, "$exception_") || name == "$cymbal_errors" {
				t.Errorf("the event has the property %s, which is PostHog's own", name)
			}
		}
	}
}

// requireLinks fails the test unless every exception has its place, and all but
// the first hang on an earlier one.
func requireLinks(t *testing.T, list []posthogtest.Exception) {
	t.Helper()
	for i := range list {
		m := &list[i].Mechanism
		switch {
		case m.ID == nil || *m.ID != i:
			t.Errorf("exception %d has the id %v", i, m.ID)
		case i == 0 && (m.ParentID != nil || m.Source != ""):
			t.Errorf("the first exception hangs on %v by %q, want on nothing", m.ParentID, m.Source)
		case i > 0 && (m.ParentID == nil || *m.ParentID >= i || m.Type != "chained"):
			t.Errorf("exception %d is %q and hangs on %v, want chained, and an earlier one", i, m.Type, m.ParentID)
		}
	}
}

// requireBareNames fails the test if the name of a function has arguments, or a
// stack begins or ends with the runtime or the library.
func requireBareNames(t *testing.T, list []posthogtest.Exception) {
	t.Helper()
	for i := range list {
		for j, f := range list[i].Frames {
			if strings.Contains(f.Function, "0x") || strings.HasSuffix(f.Function, ")") || strings.Contains(f.Function, "({") {
				t.Errorf("exception %d, frame %d: the function is %q, want its bare name", i, j, f.Function)
			}
			if f.Function == "runtime.goexit" || f.Function == "runtime.main" {
				t.Errorf("exception %d, frame %d: %s is nobody's call", i, j, f.Function)
			}
		}
		if n := len(list[i].Frames); n > 0 {
			if f := list[i].Frames[n-1]; strings.HasPrefix(f.Function, "github.com/hedgerow/posthog.") {
				t.Errorf("exception %d ends in the library, in %s", i, f.Function)
			}
		}
	}
}

// closures are the numbers that the compiler gives to functions without names.
var closures = regexp.MustCompile(`func\d+`)

// last is the function that a stack ends with, without its package, and "" for
// no stack.
func last(frames []posthogtest.Frame) string {
	if len(frames) == 0 {
		return ""
	}
	name := frames[len(frames)-1].Function
	return name[strings.LastIndexByte(name, '/')+1:]
}

// outline is a list of exceptions as golden files have it: everything but what
// differs between machines and between edits of the tests. Of stacks, it has
// the application's own frames without their lines, and long texts by length.
func outline(t *testing.T, list []posthogtest.Exception) []byte {
	t.Helper()
	var out strings.Builder
	for i := range list {
		e := &list[i]
		value := fmt.Sprintf("%q", e.Value)
		if len(value) > 200 {
			value = fmt.Sprintf("%.40s... (%d bytes)", value, len(e.Value))
		}
		fmt.Fprintf(&out, "%d %s: %s\n", i, e.Type, value)
		mechanism, err := json.Marshal(map[string]any{
			"type": e.Mechanism.Type, "source": e.Mechanism.Source, "handled": e.Mechanism.Handled,
			"synthetic": e.Mechanism.Synthetic, "id": e.Mechanism.ID, "parent": e.Mechanism.ParentID, "module": e.Module,
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "  %s\n", mechanism)
		switch {
		case e.Frames == nil:
			out.WriteString("  no stack\n")
		case len(e.Frames) == 0:
			out.WriteString("  an empty stack\n")
		}
		for _, f := range e.Frames {
			if f.InApp {
				fmt.Fprintf(&out, "  %s %s\n", f.Filename, closures.ReplaceAllString(f.Function, "func"))
			}
		}
	}
	return []byte(out.String())
}
