package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// shy is a value whose text panics.
type shy struct{ n int }

func (shy) String() string { panic("String") }

// loud is a value with a text of its own.
type loud struct{}

func (loud) String() string { return "LOUD" }

// noCharges returns a map that cannot be written to.
func noCharges() (m map[string]int) { return m }

// caughtBy returns what f panics with, nil for nothing.
func caughtBy(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// A panic that the library ends is reported as what it was, on the stack of the
// panic. Proves EXC-4, EXC-5, EXC-14, EXC-16, EXC-18, EXC-36, PY-44, ZIG-43.
func TestRecover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails     func()
		title     string
		value     string
		synthetic bool
	}{
		"a text":            {func() { panic("out of paper") }, "panic", "out of paper", false},
		"an error":          {func() { panic(&chargeError{17}) }, "posthog_test.chargeError", "charge 17 failed", false},
		"a wrapped error":   {func() { panic(fmt.Errorf("order: %w", &chargeError{17})) }, "posthog_test.chargeError", "order: charge 17 failed", false},
		"nil":               {func() { panic(nil) }, "runtime.Error", "panic called with nil argument", false}, //nolint:govet // of the nil that is panicked with
		"a nil pointer":     {func() { noCharge().order++ }, "runtime.Error", "runtime error: invalid memory address or nil pointer dereference", false},
		"an index":          {func() { _ = make([]int, 3)[len("twelve")] }, "runtime.Error", "runtime error: index out of range [6] with length 3", false},
		"a division":        {func() { n := 0; _ = 1 / n }, "runtime.Error", "runtime error: integer divide by zero", false},
		"a map":             {func() { noCharges()["a"]++ }, "runtime.Error", "assignment to entry in nil map", false},
		"a closed channel":  {func() { c := make(chan int); close(c); close(c) }, "runtime.Error", "close of closed channel", false},
		"a number":          {func() { panic(42) }, "int", "42", true},
		"a struct":          {func() { panic(struct{ A, B int }{1, 2}) }, "struct { A int; B int }", "{1 2}", true},
		"a slice":           {func() { panic([]string{"a", "b"}) }, "[]string", "[a b]", true},
		"a pointer":         {func() { panic(new(int)) }, "*int", "(*int)", true},
		"a stringer":        {func() { panic(loud{}) }, "posthog_test.loud", "LOUD", true},
		"a shy stringer":    {func() { panic(shy{7}) }, "posthog_test.shy", "<panic in String(): posthog_test.shy>", true},
		"a hostile error":   {func() { panic(&hostile{}) }, "posthog_test.hostile", "<panic in Error(): *posthog_test.hostile>", false},
		"a nil error":       {func() { panic((*chargeError)(nil)) }, "posthog_test.chargeError", "<nil>", false},
		"text that is long": {func() { panic(strings.Repeat("x", 10<<20)) }, "panic", strings.Repeat("x", 10_000), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{})
			returned := func() (result string) {
				defer client.Recover(t.Context())
				result = "as it was" //nolint:wastedassign // this is what a function returns whose panic ends
				c.fails()
				return "never"
			}()
			if returned != "as it was" {
				t.Errorf("the function returned %q, want its result of the moment", returned)
			}
			e := onlyException(t, client, server)
			requireStored(t, e, map[string]any{"$exception_level": "error", "$exception_source": "go.recover"})
			first := e.Exceptions()[0]
			m := first.Mechanism
			if first.Type != c.title || first.Value != c.value {
				t.Errorf("got %s: %.200q, want %s: %.200q", first.Type, first.Value, c.title, c.value)
			}
			if m.Type != "panic" || m.Handled == nil || !*m.Handled || m.Synthetic == nil || *m.Synthetic != c.synthetic {
				t.Errorf("the mechanism is %s, want that of a panic that was handled, synthetic %v", canonical(t, m), c.synthetic)
			}
			if !strings.HasPrefix(last(first.Frames), "posthog_test.TestRecover.func") {
				t.Errorf("the stack ends in %s, want the function that panicked", last(first.Frames))
			}
		})
	}
}

// What is no panic is none: a return, and the end of a goroutine.
func TestNoPanicIsReported(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	for name, deferred := range map[string]func(){
		"Recover":      func() { defer client.Recover(t.Context()); runtime.Goexit() },
		"CapturePanic": func() { defer client.CapturePanic(t.Context()); runtime.Goexit() },
		"Task": func() {
			_ = client.Task(t.Context(), func(context.Context) error { runtime.Goexit(); return nil })()
		},
	} {
		var ended sync.WaitGroup
		went := "out"
		ended.Go(func() {
			deferred()
			went = "on"
		})
		ended.Wait()
		if went != "out" {
			t.Errorf("%s: the goroutine went on after runtime.Goexit", name)
		}
	}
	func() {
		defer client.Recover(t.Context())
		defer client.CapturePanic(t.Context())
	}()
	if err := client.Task(t.Context(), func(context.Context) error { return errOutOfPaper })(); !errors.Is(err, errOutOfPaper) {
		t.Errorf("Task: got %v, want the function's own error", err)
	}
	if err := client.Task(t.Context(), nil)(); err != nil {
		t.Errorf("Task of no function: got %v, want nil", err)
	}
	client.Go(t.Context(), nil)
	flush(t, client)
	if n := len(server.Events()); n != 0 {
		t.Errorf("%d events arrived, want none", n)
	}
}

// A panic that goes on has its value, whatever became of the report. Proves
// EXC-9, EXC-34, EXC-35, ZIG-38, ZIG-44.
func TestPanicsGoOnWithTheirValue(t *testing.T) {
	t.Parallel()
	closed, _ := open(t, posthog.Config{})
	closeNow(t, closed)
	out, _ := open(t, posthog.Config{})
	out.OptOut()
	disabled, _ := open(t, posthog.Config{Disabled: true})
	broken, _ := open(t, posthog.Config{Hooks: []posthog.Hook{func(*posthog.Event) *posthog.Event { panic("hook") }}})
	works, _ := open(t, posthog.Config{})
	keyless, err := posthog.NewWithConfig("", posthog.Config{Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]*posthog.ServerClient{
		"one that works": works, "closed": closed, "opted out": out, "disabled": disabled, "a hook that panics": broken,
		"without a key": keyless, "nil": nil, "zero": new(posthog.ServerClient),
	} {
		for _, value := range []any{"text", errOutOfPaper, 42, http.ErrAbortHandler} {
			if got := caughtBy(func() { defer client.CapturePanic(t.Context()); panic(value) }); got != value {
				t.Errorf("%s: CapturePanic: the panic is %v, want %v", name, got, value)
			}
			got := caughtBy(func() {
				defer client.CapturePanic(t.Context(), func(*posthog.ExceptionOptions) { panic("option") })
				panic(value)
			})
			if got != value {
				t.Errorf("%s: an option that panics: the panic is %v, want %v", name, got, value)
			}
			got = caughtBy(func() { defer client.Recover(t.Context()); panic(value) })
			switch {
			case value == http.ErrAbortHandler && got != value:
				t.Errorf("%s: Recover: the panic is %v, want %v", name, got, value)
			case value != http.ErrAbortHandler && got != nil:
				t.Errorf("%s: Recover: the panic %v goes on", name, got)
			}
		}
	}
	if s := requireLedger(t, works); s.Accepted != 9 {
		t.Errorf("%d panics were accepted, want 9 of the 12: http.ErrAbortHandler is none", s.Accepted)
	}
}

// A panic that may end the program is fatal and delivered before it goes on.
func TestCapturePanic(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{Interval: time.Hour})
	enqueue(t, client, capture("before"))
	ctx, cancel := context.WithCancel(posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_9"}))
	cancel() // which is no reason not to tell
	caughtBy(func() {
		defer client.CapturePanic(ctx, posthog.WithProperties(posthog.Properties{"job": "nightly"}))
		panic(&chargeError{17})
	})
	all := stored(t, server) // without Flush
	if len(all) != 1 || len(server.Rows()) != 2 {
		t.Fatalf("%d exceptions of %d events are delivered, want 1 of 2", len(all), len(server.Rows()))
	}
	requireStored(t, all[0], map[string]any{"$exception_level": "fatal", "$exception_source": "go.panic", "job": "nightly"})
	if m := all[0].Exceptions()[0].Mechanism; m.Type != "panic" || *m.Handled || *m.Synthetic || all[0].DistinctID != "u_9" {
		t.Errorf("the mechanism is %s, of %s, want a panic of u_9 that nobody handled", canonical(t, m), all[0].DistinctID)
	}
}

// A server that does not answer holds up a dying program for two seconds, however
// events are sent.
func TestAPanicWaitsNoLongerThanTwoSeconds(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]posthog.Config{
		"queued": {}, "sent at once": {SyncMode: true}, "without room": {Overflow: posthog.OverflowWait, MaxQueueSize: 1, BatchSize: 1, Workers: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, config, func(w *world) {
				w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
				if name == "without room" {
					w.enqueue(0, 1)
					elapse(0)
					w.enqueue(1, 2)
				}
				start := time.Now()
				value := caughtBy(func() { defer w.client.CapturePanic(w.Context()); panic("the end") })
				if waited := time.Since(start); waited != 2*time.Second || value != "the end" {
					w.Errorf("the panic %v went on after %v, want 2s", value, waited)
				}
			})
		})
	}
}

// One panic that several catchers see is one event, of the first. Proves EXC-42.
func TestAPanicIsReportedOnce(t *testing.T) {
	t.Parallel()
	for name, catch := range map[string]func(*posthog.ServerClient, context.Context, func()){
		"CapturePanic twice, then Recover": func(c *posthog.ServerClient, ctx context.Context, f func()) {
			defer c.Recover(ctx)
			defer c.CapturePanic(ctx)
			func() {
				defer c.CapturePanic(ctx)
				f()
			}()
		},
		"CapturePanic of no client, within Recover": func(c *posthog.ServerClient, ctx context.Context, f func()) {
			defer c.Recover(ctx)
			defer (*posthog.ServerClient)(nil).CapturePanic(ctx)
			f()
		},
		"middleware of no client, within Recover": func(c *posthog.ServerClient, ctx context.Context, f func()) {
			defer c.Recover(ctx)
			posthog.NewRequestContextMiddleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { f() }),
				posthog.WithCapturePanics((*posthog.ServerClient)(nil))).ServeHTTP(&sink{header: http.Header{}}, visit(t))
		},
		"CapturePanic within Task": func(c *posthog.ServerClient, ctx context.Context, f func()) {
			_ = c.Task(ctx, func(ctx context.Context) error { defer c.CapturePanic(ctx); f(); return nil })()
		},
		"middleware within CaptureRecovered": func(c *posthog.ServerClient, ctx context.Context, f func()) {
			defer func() { _ = c.CaptureRecovered(ctx, recover()) }()
			posthog.NewRequestContextMiddleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { f() }), posthog.WithCapturePanics(c)).
				ServeHTTP(&sink{header: http.Header{}}, visit(t))
		},
		"CapturePanic within middleware": func(c *posthog.ServerClient, _ context.Context, f func()) {
			_ = caughtBy(func() {
				posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					defer c.CapturePanic(r.Context())
					f()
				}), posthog.WithCapturePanics(c)).ServeHTTP(&sink{header: http.Header{}}, visit(t))
			})
		},
	} {
		for kind, fails := range map[string]func(){"text": func() { panic("text") }, "an error": func() { panic(&chargeError{17}) }, "a fault": func() { noCharge().order++ }} {
			client, server := open(t, posthog.Config{})
			catch(client, t.Context(), fails)
			e := onlyException(t, client, server)
			if f := last(e.Exceptions()[0].Frames); !strings.HasPrefix(f, "posthog_test.TestAPanicIsReportedOnce.func") {
				t.Errorf("%s, %s: the stack ends in %s, want where the panic was", name, kind, f)
			}
		}
	}
}

// A panic that replaces another one is a failure of its own: the stack shows what
// the first one was doing, and an error that wraps the first value shows that.
func TestAPanicThatReplacesAnother(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	func() {
		defer client.Recover(t.Context())
		defer func() { panic("cleanup failed") }()
		settle()
	}()
	func() {
		defer client.Recover(t.Context())
		defer func() { panic(fmt.Errorf("cleanup: %w", recover().(error))) }()
		settle()
	}()
	func() { // the first one was reported when the library let it go on
		defer client.Recover(t.Context())
		defer func() { panic("cleanup failed after the report") }()
		defer client.CapturePanic(t.Context())
		settle()
	}()
	var titles []string
	for _, e := range exceptions(t, client, server) {
		var line []string
		for _, x := range e.Exceptions() {
			line = append(line, x.Type+"="+x.Value)
		}
		var names []string
		for _, f := range e.Exceptions()[0].Frames {
			names = append(names, f.Function)
		}
		titles = append(titles, strings.Join(line, "+"))
		if !strings.Contains(strings.Join(names, " "), ".settle") {
			t.Errorf("%s: the stack is %q, want settle on it", titles, names)
		}
	}
	want := "panic=cleanup failed|posthog_test.chargeError=cleanup: charge 17 failed+posthog_test.chargeError=charge 17 failed|" +
		"posthog_test.chargeError=charge 17 failed|panic=cleanup failed after the report"
	if got := strings.Join(titles, "|"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func settle() { panic(&chargeError{17}) }

// A panic of a goroutine that is to survive ends it, and one of a task becomes an
// error that is not reported again.
func TestGoAndTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testGoAndTask)
}

func testGoAndTask(t *testing.T) {
	client, server := open(t, posthog.Config{})
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_9"})
	client.Go(ctx, func(got context.Context) {
		if rc, _ := posthog.RequestContextFromContext(got); rc.DistinctId != "u_9" {
			t.Errorf("the goroutine has the context of %q, want u_9", rc.DistinctId)
		}
		settle()
	}, posthog.WithRecover(), posthog.WithProperties(posthog.Properties{"worker": 3}))
	synctest.Wait()

	err := client.Task(ctx, func(context.Context) error { settle(); return nil })()
	failed, ok := errors.AsType[*posthog.PanicError](err)
	var charge *chargeError
	if !ok || !errors.As(err, &charge) || failed.Value != error(charge) || err.Error() != "panic: charge 17 failed" {
		t.Errorf("Task: got %v, want a PanicError of the charge", err)
	}
	if err := client.CaptureException(ctx, err); err != nil { // as whoever gets the error does
		t.Error(err)
	}
	if text := (&posthog.PanicError{Value: 42}); text.Error() != "panic: 42" || errors.Unwrap(text) != nil {
		t.Errorf("a PanicError of 42 is %q and wraps %v", text.Error(), errors.Unwrap(text))
	}
	sources := make(map[any]string)
	for _, e := range exceptions(t, client, server) {
		m := e.Exceptions()[0].Mechanism
		sources[e.Properties["$exception_source"]] = fmt.Sprint(e.Properties["$exception_level"], " ", m.Type, " ", *m.Handled, " ", e.DistinctID, " ", e.Properties["worker"])
		for _, f := range e.Exceptions()[0].Frames {
			if f.InApp && strings.Contains(f.Function, "(*ServerClient)") {
				t.Errorf("%s at %s:%d counts as the application's, want it to be the library's", f.Function, f.Filename, f.Line)
			}
		}
	}
	if len(sources) != 2 || sources["go.goroutine"] != "error task false u_9 3" || sources["go.worker"] != "error task true u_9 <nil>" {
		t.Errorf("got %v", sources)
	}
	if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeDuplicate] != 1 {
		t.Errorf("%v were dropped, want the error of the task as a duplicate", s.DroppedBy)
	}
}

// What a program recovers itself it can report, to any client. Proves ZIG-38.
func TestCaptureRecovered(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	other, own := new(plainClient), new(ownRecovered)
	for _, c := range []posthog.EnqueueClient{client, other, own, nil, (*posthog.ServerClient)(nil)} {
		func() {
			defer func() {
				if err := posthog.CaptureRecovered(t.Context(), c, recover(), posthog.WithHandled(false), posthog.WithSource("go.jobs", "task")); err != nil {
					t.Errorf("CaptureRecovered for %T: %v", c, err)
				}
			}()
			settle()
		}()
		for _, value := range []any{nil, http.ErrAbortHandler} {
			if err := posthog.CaptureRecovered(t.Context(), c, value); err != nil {
				t.Errorf("CaptureRecovered of %v for %T: %v", value, c, err)
			}
		}
	}
	first := onlyException(t, client, server).Exceptions()[0]
	if m := first.Mechanism; m.Type != "task" || *m.Handled || *m.Synthetic || last(first.Frames) != "posthog_test.settle" {
		t.Errorf("the mechanism is %s, and the stack ends in %s, want a task, not handled, and settle", canonical(t, m), last(first.Frames))
	}
	if len(other.got) != 1 {
		t.Fatalf("the other client got %d messages, want 1", len(other.got))
	}
	if item := other.got[0].(posthog.Exception).ExceptionList[0]; item.Mechanism.Type != "task" || *item.Mechanism.Synthetic {
		t.Errorf("the other client got %s", canonical(t, item))
	}
	if own.got == nil {
		t.Error("the client that reports panics itself got none")
	}
}

// ownRecovered is a client of somebody else's that reports panics itself.
type ownRecovered struct {
	plainClient
	got any
}

func (c *ownRecovered) CaptureRecovered(_ context.Context, value any, _ ...posthog.ExceptionOption) error {
	if value != nil && value != http.ErrAbortHandler {
		c.got = value
	}
	return nil
}
