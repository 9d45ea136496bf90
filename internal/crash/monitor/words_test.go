package monitor_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
)

const text = "panic: out of tea\n\ngoroutine 1 [running]:\n"

func helloOf(t testing.TB, uuid string) string {
	t.Helper()
	line, err := monitor.AppendHello(nil, &monitor.Hello{
		Header: file.Header{UUID: uuid, PID: 4711}, File: "/var/crash/" + uuid, Orders: json.RawMessage(`{"key":"phc_test"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

func TestWhatComesThroughThePipe(t *testing.T) {
	t.Parallel()
	long := "=hello " + strings.Repeat("x", 2<<20) + "\n"
	for name, c := range map[string]struct {
		pipe   string
		uuid   string
		closed bool
		text   string
	}{
		"nothing":                            {},
		"a process that is killed":           {pipe: helloOf(t, "a"), uuid: "a"},
		"one that ends in order":             {pipe: helloOf(t, "a") + "=closed\n", uuid: "a", closed: true},
		"one that panics":                    {pipe: helloOf(t, "a") + text, uuid: "a", text: text},
		"one that panics after Close":        {pipe: helloOf(t, "a") + "=closed\n" + text, uuid: "a", closed: true, text: text},
		"one that panics before it says who": {pipe: text, text: text},
		"a second client":                    {pipe: helloOf(t, "a") + "=closed\n" + helloOf(t, "b") + text, uuid: "b", text: text},
		"a line that nobody knows":           {pipe: "=later {}\n" + helloOf(t, "a") + "=closed \n" + text, uuid: "a", text: text},
		"a hello without an id":              {pipe: `=hello {"header":{"pid":1}}` + "\n" + text, text: text},
		"a hello that is no JSON":            {pipe: helloOf(t, "a") + "=hello {\n" + text, uuid: "a", text: text},
		"a hello that is cut off":            {pipe: helloOf(t, "a")[:40]},
		"a goodbye that is cut off":          {pipe: helloOf(t, "a") + "=clo", uuid: "a"},
		"a line without an end to it":        {pipe: long + helloOf(t, "a") + text, uuid: "a", text: text},
		"a text like a hello further on":     {pipe: helloOf(t, "a") + text + "=closed\n", uuid: "a", text: text + "=closed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, pipe := range map[string]io.Reader{
				"at once":              strings.NewReader(c.pipe),
				"byte by byte":         iotest.OneByteReader(strings.NewReader(c.pipe)),
				"with an error at end": iotest.DataErrReader(strings.NewReader(c.pipe)),
			} {
				w := monitor.Read(pipe)
				uuid := ""
				if w.Hello != nil {
					uuid = w.Hello.Header.UUID
					if w.Hello.File != "/var/crash/"+uuid || string(w.Hello.Orders) != `{"key":"phc_test"}` || w.Hello.Header.PID != 4711 {
						t.Errorf("%s: got %+v, want what was said", how, w.Hello)
					}
				}
				if uuid != c.uuid || w.Closed != c.closed || string(w.Text) != c.text || w.Time.IsZero() {
					t.Errorf("%s: got uuid %q, closed %t, text %q at %s; want %q, %t, %q", how, uuid, w.Closed, w.Text, w.Time, c.uuid, c.closed, c.text)
				}
			}
		})
	}
}

// A reader that stopped would leave the runtime waiting for room in the pipe.
func TestALongTextIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	whole := strings.NewReader(strings.Repeat(text, crash.MaxText/len(text)+1000))
	w := monitor.Read(whole)
	if len(w.Text) != crash.MaxText || whole.Len() != 0 {
		t.Errorf("got a text of %d bytes, and %d are left; want the first %d and none left", len(w.Text), whole.Len(), crash.MaxText)
	}
}

func TestAHelloThatIsTooLong(t *testing.T) {
	t.Parallel()
	orders, err := json.Marshal(strings.Repeat("x", 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]*monitor.Hello{
		"longer than a reader takes": {Orders: orders},
		"orders that are no JSON":    {Orders: json.RawMessage(`{`)},
	} {
		if got, err := monitor.AppendHello([]byte("before"), h); err == nil || string(got) != "before" {
			t.Errorf("%s: got %d bytes and no error, want an error and nothing more", name, len(got))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(helloOf(f, "a") + text)
	f.Add(helloOf(f, "a") + "=closed\n")
	f.Add("=hello {}\n=\n=closed")
	f.Add(text)
	f.Fuzz(func(t *testing.T, pipe string) {
		w := monitor.Read(iotest.HalfReader(strings.NewReader(pipe)))
		if !strings.HasSuffix(pipe, string(w.Text)) && len(w.Text) < crash.MaxText {
			t.Errorf("got text %q, which is not the end of %q", w.Text, pipe)
		}
		if len(w.Text) > 0 && w.Text[0] == '=' {
			t.Errorf("got a text that begins with an equals sign: %q", w.Text)
		}
		if w.Hello == nil {
			return
		}
		line, err := monitor.AppendHello(nil, w.Hello)
		if err != nil {
			return // JSON that grew
		}
		if again := monitor.Read(strings.NewReader(string(line))); again.Hello == nil || again.Hello.Header.UUID != w.Hello.Header.UUID {
			t.Errorf("%q was not read again", line)
		}
	})
}
