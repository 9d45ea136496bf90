package posthog_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// What an application gets wrong in a list of its own is mended, because one
// malformed number would lose the whole event. Proves EXC-10, EXC-11, EXC-21, EXC-25,
// EXC-44.
func TestListsAreMended(t *testing.T) {
	t.Parallel()
	type item = posthog.ExceptionItem
	type mechanism = posthog.ExceptionMechanism
	stack := func(frames ...posthog.StackFrame) *posthog.ExceptionStacktrace {
		return &posthog.ExceptionStacktrace{Type: "invented", Frames: frames}
	}
	for name, c := range map[string]struct {
		list   []item
		images []posthog.DebugImage
		want   string // of the list
	}{
		"numbers that are none": {list: []item{{Type: "T", ThreadID: -1, Stacktrace: stack(posthog.StackFrame{LineNo: -1, Filename: "a.go", Function: "f"}, posthog.StackFrame{LineNo: math.MaxInt})}},
			want: `[{"mechanism":{"exception_id":0},"stacktrace":{"frames":[` +
				`{"filename":"a.go","function":"f","in_app":false,"lineno":0,"platform":"go","synthetic":false},` +
				`{"filename":"unknown","function":"unknown","in_app":false,"lineno":0,"platform":"go","synthetic":false}],"type":"raw"},"type":"T","value":""}]`},
		"no frames": {list: []item{{Type: "T", Stacktrace: &posthog.ExceptionStacktrace{}}},
			want: `[{"mechanism":{"exception_id":0},"stacktrace":{"frames":[],"type":"raw"},"type":"T","value":""}]`},
		"a platform that nobody knows": {list: []item{{Type: "T", Stacktrace: stack(posthog.StackFrame{Platform: "cobol"}, posthog.StackFrame{Platform: "python"})}},
			want: `[{"mechanism":{"exception_id":0},"stacktrace":{"frames":[` +
				`{"filename":"unknown","function":"unknown","in_app":false,"lang":"cobol","lineno":0,"platform":"custom","resolved":true,"synthetic":false},` +
				`{"filename":"unknown","function":"unknown","in_app":false,"lineno":0,"platform":"python","synthetic":false}],"type":"raw"},"type":"T","value":""}]`},
		"addresses that are none": {
			list:   []item{{Type: "T", Stacktrace: stack(posthog.StackFrame{Platform: "native", InstructionAddr: "401000", SymbolAddr: "0xg", ImageAddr: "0x"})}},
			images: []posthog.DebugImage{{DebugID: "d", ImageAddr: "0x"}, {DebugID: "d", ImageAddr: "0x1"}, {ImageAddr: "0x400000"}},
			want: `[{"mechanism":{"exception_id":0},"stacktrace":{"frames":[` +
				`{"filename":"unknown","function":"unknown","in_app":false,"lineno":0,"platform":"native","synthetic":false}],"type":"raw"},"type":"T","value":""}]`,
		},
		"ids of the application's own": {
			list: []item{
				{Type: "A", Mechanism: &mechanism{ExceptionID: posthog.Ptr(7), ParentID: posthog.Ptr(3), Source: "cause"}},
				{Type: "B", Mechanism: &mechanism{ExceptionID: posthog.Ptr(9), ParentID: posthog.Ptr(7), Type: "generic", Source: "member"}},
				{Type: "C", Mechanism: &mechanism{ExceptionID: posthog.Ptr(9), ParentID: posthog.Ptr(7), Source: "member"}},
				{Type: "D", Mechanism: &mechanism{ParentID: posthog.Ptr(9)}},
				{Type: "E", Mechanism: &mechanism{ParentID: posthog.Ptr(-4), Handled: posthog.Ptr(false)}},
				{Type: "F"},
			},
			want: `[{"mechanism":{"exception_id":0},"type":"A","value":""},` +
				`{"mechanism":{"exception_id":1,"parent_id":0,"source":"member","type":"chained"},"type":"B","value":""},` +
				`{"mechanism":{"exception_id":2,"parent_id":0,"source":"member","type":"chained"},"type":"C","value":""},` +
				`{"mechanism":{"exception_id":3,"parent_id":1,"type":"chained"},"type":"D","value":""},` +
				`{"mechanism":{"exception_id":4,"handled":false,"parent_id":3,"type":"chained"},"type":"E","value":""},` +
				`{"mechanism":{"exception_id":5,"parent_id":4,"type":"chained"},"type":"F","value":""}]`,
		},
		"texts that are no UTF-8": {list: []item{{Type: strings.Repeat("\x80", 300), Value: strings.Repeat("\xff", 20_000)}, {Type: "a" + strings.Repeat("\xff日", 100)}},
			want: `[{"mechanism":{"exception_id":0},"type":"�","value":"�"},` +
				`{"mechanism":{"exception_id":1,"parent_id":0,"type":"chained"},"type":"a` + strings.Repeat("\ufffd日", 42) + `","value":""}]`},
		"words that are blank": {
			list: []item{{Type: "T", Mechanism: &mechanism{Type: " ", Source: "\t"}}, {Type: "U", Mechanism: &mechanism{Source: " "}}},
			want: `[{"mechanism":{"exception_id":0},"type":"T","value":""},{"mechanism":{"exception_id":1,"parent_id":0,"type":"chained"},"type":"U","value":""}]`,
		},
		"an image of a frame that has no addresses": {
			list:   []item{{Type: "T", Stacktrace: stack(posthog.StackFrame{Platform: "go", ImageAddr: "0x400000"})}},
			images: []posthog.DebugImage{{DebugID: "d", ImageAddr: "0x400000"}},
			want: `[{"mechanism":{"exception_id":0},"stacktrace":{"frames":[` +
				`{"filename":"unknown","function":"unknown","image_addr":"0x400000","in_app":false,"lineno":0,"platform":"go","synthetic":false}],"type":"raw"},"type":"T","value":""}]`,
		},
		"texts that are long": {list: []item{{Type: strings.Repeat("é", 200), Value: strings.Repeat("é", 6000)}},
			want: `[{"mechanism":{"exception_id":0},"type":"` + strings.Repeat("é", 127) + `","value":"` + strings.Repeat("é", 5000) + `"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i := range 2 { // also through a hook
				config := posthog.Config{}
				if i > 0 {
					config.Hooks = []posthog.Hook{func(e *posthog.Event) *posthog.Event { return e }}
				}
				client, server := open(t, config)
				enqueue(t, client, posthog.Exception{DistinctId: "u", Source: " ", ExceptionList: c.list, DebugImages: c.images})
				e := onlyException(t, client, server)
				if got := canonical(t, e.Properties["$exception_list"]); got != c.want {
					t.Errorf("got  %.2000s\nwant %.2000s", got, c.want)
				}
				requireStored(t, e, map[string]any{"$debug_images": absent, "$exception_source": absent})
			}
		})
	}
}

// Images are those that frames are in, each once. Proves EXC-25.
func TestImagesThatFramesAreIn(t *testing.T) {
	t.Parallel()
	image := func(id, addr string) posthog.DebugImage {
		return posthog.DebugImage{Type: "elf", DebugID: id, ImageAddr: addr, ImageVmaddr: "nowhere", ImageSize: math.MaxUint64, Arch: "x86_64"}
	}
	client, server := open(t, posthog.Config{})
	enqueue(t, client, posthog.Exception{
		ExceptionList: []posthog.ExceptionItem{{Type: "T", Stacktrace: &posthog.ExceptionStacktrace{Frames: []posthog.StackFrame{
			{Platform: "native", ImageAddr: "0x4000", InstructionAddr: "0x4010"}, {Platform: "native", ImageAddr: "0x9000", InstructionAddr: "0x9010"},
		}}}},
		DebugImages: []posthog.DebugImage{image("unused", "0x1000"), image("a", "0x4000"), image("a again", "0x04000"), image("b", "0x9000")},
	})
	var ids []string
	for _, m := range onlyException(t, client, server).Properties["$debug_images"].([]any) {
		ids = append(ids, m.(map[string]any)["debug_id"].(string))
	}
	if got := strings.Join(ids, " "); got != "a b" {
		t.Errorf("the images are %q, want a and b", got)
	}
}

// What JSON cannot carry is left out of a mechanism, and loses nothing else.
// Proves EXC-23, ZIG-43.
func TestExtraMembersOfAMechanism(t *testing.T) {
	t.Parallel()
	cycle := map[string]any{"a": 1}
	cycle["self"] = cycle
	extra := posthog.Properties{"good": 1, "channel": make(chan int), "not a number": math.NaN(), "cycle": cycle, "function": func() {}, "panics": panicsOnMarshal{}}
	e := send(t, posthog.Config{}, posthog.Exception{ExceptionList: []posthog.ExceptionItem{{Type: "T", Mechanism: &posthog.ExceptionMechanism{Extra: extra}}}})
	m := e.Properties["$exception_list"].([]any)[0].(map[string]any)["mechanism"].(map[string]any)
	if canonical(t, m["good"]) != "1" || canonical(t, m["exception_id"]) != "0" || m["channel"] != nil || m["function"] != nil || m["panics"] != nil {
		t.Errorf("the mechanism is %s, want what JSON can carry", canonical(t, m))
	}
	if len(extra) != 6 {
		t.Errorf("the application's map is now %v", extra)
	}
}

type panicsOnMarshal struct{}

func (panicsOnMarshal) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }

// Fifty errors with the longest texts, each of which JSON makes six times as
// long, and all with stacks, are no event that is too large: what is further
// down is shortened.
func TestHugeErrorsAreShortened(t *testing.T) {
	t.Parallel()
	var members []error
	for range 60 {
		callDepth(60, func() { members = append(members, trace(strings.Repeat("\x01", 20_000))) })
	}
	for name, config := range map[string]posthog.Config{"by default": {}, "of small events": {MaxEventBytes: 200_000}} {
		e := captureOne(t, config, fmt.Errorf("batch: %w", errors.Join(members...)))
		list := e.Exceptions()
		if len(list) < 10 || len(list[0].Value) != 10_000 || len(e.Raw) > config.MaxEventBytes && config.MaxEventBytes > 0 {
			t.Errorf("%s: %d bytes with %d exceptions arrived, the first of %d bytes", name, len(e.Raw), len(list), len(list[0].Value))
		}
		if last(list[len(list)-1].Frames) == "" {
			t.Errorf("%s: the last exception has no stack, want its inner end", name)
		}
	}
}

// The first error alone may be too much as well: with all the source lines of a
// deep stack, or for a client of tiny events.
func TestAHugeFirstErrorIsShortened(t *testing.T) {
	t.Parallel()
	line := "//" + strings.Repeat("\"", 290) + "\n"
	sources := fstest.MapFS{"exception_bad_input_test.go": {Data: []byte(strings.Repeat(line, 400))}}
	for name, config := range map[string]posthog.Config{
		"of many lines":  {ErrorTracking: posthog.ErrorTrackingConfig{MaxFrames: 256, SourceContext: true, SourceFS: sources}},
		"of tiny events": {MaxEventBytes: 8_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // where no file takes too long
				client, server := open(t, config)
				callDepth(300, func() {
					if err := client.CaptureException(t.Context(), errors.New(strings.Repeat("\x01", 600))); err != nil {
						t.Error(err)
					}
				})
				first := onlyException(t, client, server).Exceptions()[0]
				if end := last(first.Frames); len(first.Value) < 200 || !strings.Contains(end, "TestAHugeFirstErrorIsShortened") {
					t.Errorf("the text has %d bytes, and the stack ends with %q, want 200 at least, and the test", len(first.Value), end)
				}
			})
		})
	}
}

// callDepth calls f with that many functions around it.
func callDepth(calls int, f func()) {
	if calls == 0 {
		f()
		return
	}
	callDepth(calls-1, f)
}

// Nothing of a request but what the middleware is known to tell is in a report,
// and no word of memory. Proves EXC-45.
func TestReportsTellNothingOfTheRequest(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		secret := []byte("secret-local")
		fail(r, secret)
	}), posthog.WithCapturePanics(client))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://u:secret-password@example.com/pay?token=secret-query#secret-fragment",
		strings.NewReader("secret-body"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer secret-header")
	r.Header.Set("Cookie", "session=secret-cookie")
	_ = caughtBy(func() { handler.ServeHTTP(&sink{header: http.Header{}}, r) })
	e := onlyException(t, client, server)
	if i := bytes.Index(e.Raw, []byte("secret")); i >= 0 {
		t.Errorf("the report tells %q: %s", e.Raw[i:min(i+20, len(e.Raw))], e.Raw)
	}
	if bytes.Contains(e.Raw, []byte("0xc0")) {
		t.Errorf("the report has an address: %s", e.Raw)
	}
}

func fail(r *http.Request, secret []byte) {
	if len(secret) > 0 && r != nil {
		panic("payment failed")
	}
}

// FuzzExceptionList sends lists that an application may make of what it got from
// elsewhere: PostHog reads them all.
func FuzzExceptionList(f *testing.F) {
	f.Add("T", "v", "a.go", "f", "go", "0x1", int64(1), int32(1), 0, 1, uint8(3))
	f.Add("\xff", "\x00", "", "", "native", "zz", int64(-1), int32(-7), -1, -1, uint8(60))
	f.Add(strings.Repeat("\x80", 300), strings.Repeat("\xff", 20_000), "\xff", "\xff", "\xff", "0x", int64(0), int32(0), 0, 0, uint8(2))
	f.Add("x", strings.Repeat("y", 20_000), "", "", "", "", int64(math.MaxInt64), int32(math.MaxInt32), 9, 9, uint8(0))
	f.Fuzz(func(t *testing.T, title, text, file, function, platform, addr string, line int64, thread int32, id, parent int, n uint8) {
		items := make([]posthog.ExceptionItem, n)
		for i := range items {
			items[i] = posthog.ExceptionItem{
				Type: title, Value: text, Module: text, ThreadID: thread,
				Mechanism: &posthog.ExceptionMechanism{
					Type: title, Source: text, ExceptionID: &id, ParentID: &parent, Extra: posthog.Properties{title: text, text: line},
				},
				Stacktrace: &posthog.ExceptionStacktrace{Type: title, Frames: []posthog.StackFrame{{
					Filename: file, LineNo: int(line), Function: function, Platform: platform, InstructionAddr: addr, SymbolAddr: addr, ImageAddr: addr,
					Lang: title, ContextLine: text, PreContext: []string{text}, PostContext: nil,
				}}},
			}
		}
		client, server := open(t, posthog.Config{})
		msg := posthog.Exception{
			DistinctId: "u", ExceptionList: items, DebugImages: []posthog.DebugImage{{DebugID: title, ImageAddr: addr, ImageVmaddr: text, Type: text}},
			Level: posthog.Level(text), Source: title, ExceptionFingerprint: &text, Properties: posthog.Properties{title: text, "$issue_name": line, "$issue_severity": line},
		}
		if client.Enqueue(msg) != nil {
			return // it was refused, and the application knows
		}
		flush(t, client)
		for _, w := range server.Warnings() {
			switch w.Kind {
			case posthogtest.MalformedException, posthogtest.ServerOwnedProperty, posthogtest.ExceptionCut, posthogtest.ImplausibleException:
				t.Errorf("PostHog warns: %s", w)
			}
		}
		if n := len(server.Rows()); n != 1 {
			t.Errorf("%d events are stored, want 1", n)
		}
	})
}
