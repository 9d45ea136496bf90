package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/posthogtest"
)

// An error that the application captures has the defaults of that, and ends at
// the line that captured it. Proves EXC-1, EXC-5, EXC-14, EXC-16, EXC-17, EXC-18, EXC-38,
// ZIG-06.
func TestCaptureException(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	_, _, line, _ := runtime.Caller(0)
	if err := client.CaptureException(t.Context(), &chargeError{17}); err != nil {
		t.Fatalf("CaptureException: %v", err)
	}
	e := onlyException(t, client, server)
	requireStored(t, e, map[string]any{
		"$exception_level": "error", "$exception_type": "posthog_test.chargeError", "$exception_message": "charge 17 failed",
		"$exception_source": absent, "$exception_fingerprint": absent, "$debug_images": absent, "$release_id": absent,
		"$process_person_profile": false,
	})
	first := e.Exceptions()[0]
	m := first.Mechanism
	if m.Type != "generic" || m.Handled == nil || !*m.Handled || m.Synthetic == nil || !*m.Synthetic {
		t.Errorf("the mechanism is %s, want a generic one, handled, with a stack that was made for it", canonical(t, m))
	}
	at := first.Frames[len(first.Frames)-1]
	if last(first.Frames) != "posthog_test.TestCaptureException" || at.Line != line+1 || at.Filename != "capture_exception_test.go" || !at.InApp {
		t.Errorf("the stack ends at %s, %s:%d, want the line of the capture, %d", at.Function, at.Filename, at.Line, line+1)
	}
	if outermost := first.Frames[0]; outermost.Function != "testing.tRunner" || outermost.InApp {
		t.Errorf("the stack begins with %+v, want testing.tRunner, which is not the application's", outermost)
	}
}

// requireStored fails the test unless an event has all of want.
func requireStored(t *testing.T, e posthogtest.Event, want map[string]any) {
	t.Helper()
	requireProperties(t, wireEvent{Event: e.Name, Properties: e.Properties}, want)
}

// What a call says of an exception wins, part by part, and a part that is wrong
// gives way to the default. Proves EXC-3, EXC-17, EXC-20, EXC-21, EXC-23, EXC-24, ZIG-33,
// ZIG-34.
func TestExceptionOptions(t *testing.T) {
	t.Parallel()
	set := func(change func(*posthog.ExceptionOptions)) posthog.ExceptionOption { return change }
	for name, c := range map[string]struct {
		opts       []posthog.ExceptionOption
		properties map[string]any
		mechanism  string
	}{
		"nothing": {nil, map[string]any{"$exception_level": "error"},
			`{"exception_id":0,"handled":true,"synthetic":true,"type":"generic"}`},
		"a level": {[]posthog.ExceptionOption{posthog.WithLevel(posthog.LevelWarning)}, map[string]any{"$exception_level": "warning"}, ""},
		"a level in other words": {[]posthog.ExceptionOption{posthog.WithLevel(" CRITICAL ")},
			map[string]any{"$exception_level": "fatal"}, ""},
		"a level that is none": {[]posthog.ExceptionOption{posthog.WithLevel("loud"), posthog.WithHandled(false)},
			map[string]any{"$exception_level": "error"}, `{"exception_id":0,"handled":false,"synthetic":true,"type":"generic"}`},
		"a fingerprint":  {[]posthog.ExceptionOption{posthog.WithFingerprint("billing")}, map[string]any{"$exception_fingerprint": "billing"}, ""},
		"no fingerprint": {[]posthog.ExceptionOption{posthog.WithFingerprint(" ")}, map[string]any{"$exception_fingerprint": absent}, ""},
		"one in the bag": {[]posthog.ExceptionOption{posthog.WithProperties(posthog.Properties{"$exception_fingerprint": "b"})}, map[string]any{"$exception_fingerprint": "b"}, ""},
		"one that is none": {[]posthog.ExceptionOption{posthog.WithProperties(posthog.Properties{"$exception_fingerprint": 17, "$issue_name": []int{1}, "$issue_description": "d", "$issue_severity": 3})},
			map[string]any{"$exception_fingerprint": absent, "$issue_name": absent, "$issue_description": "d", "$issue_severity": absent}, ""},
		"a source and a mechanism": {[]posthog.ExceptionOption{posthog.WithSource("go.cron", "timer")},
			map[string]any{"$exception_source": "go.cron"}, `{"exception_id":0,"handled":true,"synthetic":true,"type":"timer"}`},
		"a source alone": {[]posthog.ExceptionOption{posthog.WithSource("go.cron", "")},
			map[string]any{"$exception_source": "go.cron"}, `{"exception_id":0,"handled":true,"synthetic":true,"type":"generic"}`},
		"a blank source": {[]posthog.ExceptionOption{posthog.WithSource(" ", "\t")},
			map[string]any{"$exception_source": absent}, `{"exception_id":0,"handled":true,"synthetic":true,"type":"generic"}`},
		"synthetic": {[]posthog.ExceptionOption{set(func(o *posthog.ExceptionOptions) { o.Synthetic = posthog.Ptr(false) })}, nil,
			`{"exception_id":0,"handled":true,"synthetic":false,"type":"generic"}`},
		"properties of several calls": {[]posthog.ExceptionOption{
			posthog.WithProperties(posthog.Properties{"area": "checkout", "handled": true}), posthog.WithProperties(posthog.Properties{"area": "cart"}),
		}, map[string]any{"area": "cart", "handled": true}, ""},
		"forged properties": {[]posthog.ExceptionOption{posthog.WithProperties(posthog.Properties{
			"$exception_list": 1, "$exception_level": "debug", "$exception_source": "forged", "$exception_type": "T", "$exception_message": "m",
			"$debug_images": 1, "$exception_handled": true, "$exception_issue_id": "i", "mine": 1,
		})}, map[string]any{"$exception_level": "error", "$exception_source": absent, "$exception_handled": absent, "mine": 1}, ""},
		"an option that panics, and nil": {[]posthog.ExceptionOption{
			nil, set(func(o *posthog.ExceptionOptions) { o.Level = posthog.LevelDebug; panic("option") }), posthog.WithFingerprint("kept"),
		}, map[string]any{"$exception_level": "error", "$exception_fingerprint": "kept"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := captureOne(t, posthog.Config{}, errors.New("out of paper"), c.opts...)
			requireStored(t, e, c.properties)
			list, _ := e.Properties["$exception_list"].([]any)
			if got := canonical(t, list[0].(map[string]any)["mechanism"]); c.mechanism != "" && got != c.mechanism {
				t.Errorf("the mechanism is %s, want %s", got, c.mechanism)
			}
		})
	}
}

// What is said of one exception is said of no other, and not kept: the memory
// of options is used again. One that captures has options of its own.
func TestOptionsAreThoseOfOneCapture(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	var given []*posthog.ExceptionOptions
	capture := func(text string, opts ...posthog.ExceptionOption) {
		opts = append(opts, func(o *posthog.ExceptionOptions) { given = append(given, o) })
		if err := client.CaptureException(t.Context(), errors.New(text), opts...); err != nil {
			t.Fatal(err)
		}
	}
	capture("outer", posthog.WithLevel(posthog.LevelFatal), posthog.WithFingerprint("f"), posthog.WithSource("go.cron", "task"),
		posthog.WithDistinctId("u_1"), posthog.WithHandled(false), posthog.WithProperties(posthog.Properties{"of": "outer"}),
		func(*posthog.ExceptionOptions) {
			capture("inner", posthog.WithProperties(posthog.Properties{"of": "inner"}))
		})
	capture("panicking", func(o *posthog.ExceptionOptions) { o.DistinctId = "u_2"; panic("option") })
	capture("bare")

	for i, o := range given {
		if !reflect.ValueOf(*o).IsZero() {
			t.Errorf("after capture %d its options are %+v, want none", i, *o)
		}
	}
	bare := map[string]any{"$exception_level": "error", "$exception_fingerprint": absent, "$exception_source": absent, "$process_person_profile": false}
	want := map[string]map[string]any{
		"outer": {"$exception_level": "fatal", "$exception_fingerprint": "f", "$exception_source": "go.cron", "of": "outer"},
		"inner": merged(bare, "of", "inner"), "panicking": merged(bare, "of", absent), "bare": merged(bare, "of", absent),
	}
	all := exceptions(t, client, server)
	if len(all) != len(want) {
		t.Fatalf("got %d exceptions, want %d", len(all), len(want))
	}
	for _, e := range all {
		requireStored(t, e, want[e.Exceptions()[0].Value])
	}
}

// merged returns a copy of properties with one more.
func merged(properties map[string]any, key string, value any) map[string]any {
	all := maps.Clone(properties)
	all[key] = value
	return all
}

// Who met the error: the call says, or the request does, or nobody did. Proves
// EXC-38, ZIG-35.
func TestWhoMetTheError(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	within := posthog.WithRequestContext(t.Context(), posthog.RequestContext{
		DistinctId: "u_9", SessionId: "s_9", Properties: posthog.Properties{"path": "/", "tenant": "acme"},
	})
	for i, c := range []struct {
		ctx  context.Context
		opts []posthog.ExceptionOption
	}{
		{within, nil},
		{within, []posthog.ExceptionOption{posthog.WithDistinctId("u_1"), posthog.WithProperties(posthog.Properties{"tenant": "umbrella"})}},
		{t.Context(), []posthog.ExceptionOption{posthog.WithDistinctId("u_2")}},
		{t.Context(), nil},
		{nil, nil},
	} {
		if err := client.CaptureException(c.ctx, fmt.Errorf("failure %d", i), c.opts...); err != nil {
			t.Fatal(err)
		}
	}
	all := exceptions(t, client, server)
	if len(all) != 5 {
		t.Fatalf("got %d exceptions, want 5", len(all))
	}
	requireStored(t, all[0], map[string]any{"path": "/", "tenant": "acme", "$session_id": "s_9", "$process_person_profile": absent})
	requireStored(t, all[1], map[string]any{"path": "/", "tenant": "umbrella", "$session_id": "s_9"})
	for i, want := range []string{"u_9", "u_1", "u_2"} {
		if all[i].DistinctID != want {
			t.Errorf("exception %d is of %q, want %q", i, all[i].DistinctID, want)
		}
	}
	for _, e := range all[3:] {
		requireStored(t, e, map[string]any{"$process_person_profile": false})
		if e.DistinctID == "" || e.DistinctID == all[2].DistinctID {
			t.Errorf("an exception of nobody has the distinct id %q, want one of its own", e.DistinctID)
		}
	}
	if all[3].DistinctID == all[4].DistinctID {
		t.Errorf("two exceptions of nobody have the same distinct id %q", all[3].DistinctID)
	}
}

// The options of an event are those of other messages.
func TestAnExceptionHasAnEventsOptions(t *testing.T) {
	t.Parallel()
	const id = "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22"
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := captureOne(t, posthog.Config{}, errors.New("late"), func(o *posthog.ExceptionOptions) { o.Uuid, o.Timestamp = id, at })
	if e.UUID != id || e.Timestamp.Round(time.Second) != at { // PostHog corrects it by the difference of clocks
		t.Errorf("the event is %s of %v, want %s of %v", e.UUID, e.Timestamp, id, at)
	}
}

// Default and registered properties are on exceptions, and what describes the
// exception is not theirs to change. Proves PY-22.
func TestPropertiesOfEveryEventAreOnExceptions(t *testing.T) {
	t.Parallel()
	defaults := posthog.Properties{"service": "shop", "tenant": "default", "$exception_level": "info", "$exception_fingerprint": "all"}
	client, server := open(t, posthog.Config{DefaultEventProperties: defaults})
	client.Register(posthog.Properties{"shard": 3, "$exception_source": "registered"})
	if err := client.CaptureException(t.Context(), errors.New("e"), posthog.WithProperties(posthog.Properties{"tenant": "acme"})); err != nil {
		t.Fatal(err)
	}
	requireStored(t, onlyException(t, client, server), map[string]any{
		"service": "shop", "shard": 3, "tenant": "acme", "$exception_level": "error", "$exception_source": absent, "$exception_fingerprint": absent,
	})
	if len(defaults) != 4 {
		t.Errorf("the application's map is now %v", defaults)
	}
}

// A message that is made without a client says nothing that only a client
// knows. Proves EXC-14, EXC-22, EXC-24.
func TestNewException(t *testing.T) {
	t.Parallel()
	msg := posthog.NewException(fmt.Errorf("order 17: %w", &chargeError{17}))
	ev := msg.APIfy()
	list := ev.Properties["$exception_list"].([]posthog.ExceptionItem)
	frames := list[0].Stacktrace.Frames
	if f := frames[len(frames)-1]; !strings.HasSuffix(f.Function, ".TestNewException") {
		t.Errorf("the stack ends in %s, want in the test", f.Function)
	}
	list[0].Stacktrace.Frames = []posthog.StackFrame{} // which lines there are is no matter of the library's
	golden.Compare(t, "testdata/exceptions/new_exception.json", indented(t, []byte(canonical(t, ev.Properties))))
	if err := posthog.NewException(nil).Validate(); err == nil {
		t.Error("a message of no error is valid, want an error")
	}
}

// A message of an error arrives as the error does that is captured. Proves
// PY-44.
func TestAMessageAndACaptureAreOneIssue(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	for i := range 2 {
		err := fmt.Errorf("order: %w", &chargeError{17})
		if i == 0 {
			enqueue(t, client, posthog.NewException(err))
			continue
		}
		if err := client.CaptureException(t.Context(), err); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range exceptions(t, client, server) {
		requireStored(t, e, map[string]any{"$exception_level": "error"})
	}
	server.Recorder(t).IssueCount(1)
}

// Another client gets the error as a message, and one with the method gets the
// error.
func TestCaptureExceptionForAnyClient(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	for _, c := range []posthog.EnqueueClient{client, nil, (*posthog.ServerClient)(nil)} {
		if err := posthog.CaptureException(t.Context(), c, errors.New("e")); err != nil {
			t.Errorf("CaptureException for %T: %v", c, err)
		}
	}
	if f := onlyException(t, client, server).Exceptions()[0].Frames; last(f) != "posthog_test.TestCaptureExceptionForAnyClient" {
		t.Errorf("the stack ends in %s, want in the test", last(f))
	}
	other := new(plainClient)
	if err := posthog.CaptureException(t.Context(), other, &chargeError{17}, posthog.WithLevel("warn"), posthog.WithFingerprint("f")); err != nil || len(other.got) != 1 {
		t.Fatalf("CaptureException: %v, and the client got %d messages, want 1", err, len(other.got))
	}
	msg := other.got[0].(posthog.Exception)
	if msg.Level != posthog.LevelWarning || *msg.ExceptionFingerprint != "f" || len(msg.ExceptionList) != 1 || !*msg.ExceptionList[0].Mechanism.Handled {
		t.Errorf("the client got %s, want a warning with its fingerprint", canonical(t, msg))
	}
	own := new(ownCapture)
	if err := posthog.CaptureException(t.Context(), own, errOutOfPaper); err != nil || !errors.Is(own.got, errOutOfPaper) {
		t.Errorf("CaptureException: %v, and the client got %v, want the error", err, own.got)
	}
}

// ownCapture is a client of somebody else's that captures errors itself.
type ownCapture struct {
	posthog.EnqueueClient
	got error
}

func (c *ownCapture) CaptureException(_ context.Context, err error, _ ...posthog.ExceptionOption) error {
	c.got = err
	return nil
}

// A client that captures nothing says what it does, and never panics. Proves
// EXC-9, ZIG-39, ZIG-44.
func TestClientsThatCaptureNothing(t *testing.T) {
	t.Parallel()
	disabled, _ := open(t, posthog.Config{Disabled: true})
	dry, dryServer := open(t, posthog.Config{DryRun: true})
	out, outServer := open(t, posthog.Config{})
	out.OptOut()
	log := new(logLines)
	closed, closedServer := open(t, posthog.Config{Logger: log, ErrorTracking: posthog.ErrorTrackingConfig{LogCaptured: true}})
	closeNow(t, closed)
	keyless, err := posthog.NewWithConfig("", posthog.Config{Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		client *posthog.ServerClient
		err    error
	}{
		"nil": {nil, nil}, "zero": {new(posthog.ServerClient), nil}, "disabled": {disabled, nil}, "opted out": {out, nil}, "dry": {dry, nil},
		"closed": {closed, posthog.ErrClosed}, "without a key": {keyless, posthog.ErrSDKDisabled},
	} {
		for range 2 {
			if err := c.client.CaptureException(t.Context(), errOutOfPaper); !errors.Is(err, c.err) {
				t.Errorf("%s: got %v, want %v", name, err, c.err)
			}
		}
		if err := c.client.CaptureException(t.Context(), nil); err != nil {
			t.Errorf("%s: no error: got %v, want none", name, err)
		}
	}
	if lines := log.having("captured"); len(lines) != 0 {
		t.Errorf("a client that was closed says %q", lines)
	}
	for _, server := range []*posthogtest.Server{dryServer, outServer, closedServer} {
		if n := len(server.Events()); n != 0 {
			t.Errorf("%d events arrived, want none", n)
		}
	}
	for client, outcome := range map[*posthog.ServerClient]posthog.Outcome{disabled: posthog.OutcomeDisabled, dry: posthog.OutcomeDryRun, out: posthog.OutcomeOptedOut} {
		if s := requireLedger(t, client); s.DroppedBy[outcome] != 2 {
			t.Errorf("%d exceptions were dropped as %s, want 2: %v", s.DroppedBy[outcome], outcome, s.DroppedBy)
		}
	}
	out.OptIn()
	if err := out.CaptureException(t.Context(), errors.New("e")); err != nil {
		t.Error(err)
	}
	onlyException(t, out, outServer)
}
