package posthog

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash"
)

// A death that a record tells of is told once, and one that is like it, and is
// another, is told as well.
func TestWhatIsTheSameDeath(t *testing.T) {
	t.Parallel()
	const stack = "\n\ngoroutine 7 [running]:\npanic({0x1, 0x2})\n\t/panic.go:1 +0x1\nmain.main()\n\t/main.go:1 +0x1\n"
	const again = " [recovered, repanicked]" + stack
	const unprintable = "\n\ngoroutine 7 [running]:\nruntime.throw({0x1, 0x2})\n\t/panic.go:1 +0x1\nruntime.preprintpanics(0x1)\n\t/panic.go:2 +0x1\n" +
		"panic({0x1, 0x2})\n\t/panic.go:1 +0x1\nmain.main()\n\t/main.go:1 +0x1\n"
	long := strings.Repeat("0123456789", 2000)
	for name, c := range map[string]struct {
		text        string
		title       string
		value       string
		thread, ago int // ago in seconds
		want        bool
	}{
		"the same text":                        {"panic: a" + again, "panic", "a", 7, 1, true},
		"an error, whose type is lost":         {"panic: a" + again, "main.T", "a", 7, 59, true},
		"a text that was cut off":              {"panic: " + long + again, "panic", long[:9_990], 7, 1, true},
		"another text":                         {"panic: a" + again, "panic", "b", 7, 1, false},
		"a text that begins like it":           {"panic: ab" + again, "panic", "a", 7, 1, false},
		"a long text that differs early":       {"panic: x" + long + again, "panic", long, 7, 1, false},
		"no text, and some":                    {"panic: " + again, "panic", "a", 7, 1, false},
		"no text":                              {"panic: " + again, "panic", "", 7, 1, true},
		"another goroutine":                    {"panic: a" + again, "panic", "a", 8, 1, false},
		"a goroutine that nobody knows":        {"panic: a" + again, "panic", "a", 0, 1, false},
		"long ago":                             {"panic: a" + again, "panic", "a", 7, 61, false},
		"a panic that nobody passed on":        {"panic: a" + stack, "panic", "a", 7, 1, false},
		"a struct":                             {"panic: (main.T) 0xc000" + again, "main.T", "{1 2}", 7, 1, true},
		"a struct of another type":             {"panic: (main.T) 0xc000" + again, "main.U", "{1 2}", 7, 1, false},
		"a text that looks like a struct":      {"panic: (main.T) 0xc000" + again, "panic", "(main.T) 0xc000", 7, 1, true},
		"a text that looks like another":       {"panic: (main.T) 0xc000" + again, "panic", "(main.U) 0xc000", 7, 1, false},
		"a number with a name":                 {"panic: main.T(5)" + again, "main.T", "5", 7, 1, true},
		"another number":                       {"panic: main.T(5)" + again, "main.T", "6", 7, 1, false},
		"a text that looks like it":            {"panic: main.T(5)" + again, "panic", "main.T(5)", 7, 1, true},
		"a text with a name":                   {`panic: main.T("say "a"")` + again, "main.T", `say "a"`, 7, 1, true},
		"a text that looks like one":           {`panic: main.T("a")` + again, "panic", `main.T("a")`, 7, 1, true},
		"a text that looks like another name":  {`panic: main.T("a")` + again, "panic", `main.U("a")`, 7, 1, false},
		"a value without a text":               {unprintable, "main.T", "<panic in Error(): main.T>", 7, 1, true},
		"a nil error":                          {unprintable, "main.T", "<nil>", 7, 1, true},
		"a value without a text, and a record": {unprintable, "main.T", "a", 7, 1, false},
		"a text that says there was none":      {"panic: a" + again, "main.T", "<panic in Error(): main.T>", 7, 1, false},
	} {
		died := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		value, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		record := fmt.Sprintf(`{"event":"$exception","timestamp":%q,"properties":{"$exception_list":[{"type":%q,"value":%s,"thread_id":%d}]}}`,
			died.Add(time.Duration(-c.ago)*time.Second).Format(time.RFC3339Nano), c.title, value, c.thread)
		r := crash.Parse([]byte(c.text))
		if got := told(&r, died, [][]byte{[]byte(`{"closed":true}`), []byte("{"), []byte(record)}); got != c.want {
			t.Errorf("%s: %.60q after %s: %.60q: told is %t, want %t", name, c.text, c.title, c.value, got, c.want)
		}
	}
}
