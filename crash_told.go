package posthog

import (
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/crash"
)

// lastCalls is how long deferred functions may run between a panic that the
// library has recorded and the end of the process. It is beyond what Flush and
// Close wait for by default.
const lastCalls = time.Minute

// told reports whether one of the records is about the same death as r. The
// library records a panic before it passes it on, so the runtime tells of one
// that was recovered and happened again, with the same value on the same goroutine,
// and soon: the same goroutine may have survived a panic like it long ago. If the
// value has no text, because its method panics, the runtime has another fatal error,
// and the record says so as well.
func told(r *crash.Report, died time.Time, records [][]byte) bool {
	g := r.Crashed()
	repanicked := len(r.Panics) > 0 && r.Panics[0].Repanicked
	unprintable := r.Kind == crash.Fatal && r.Message == crash.Unprintable
	if g == nil || g.ID == 0 || g.ID > math.MaxInt32 || !repanicked && !unprintable {
		return false
	}
	for _, record := range records {
		var e struct {
			Timestamp  time.Time `json:"timestamp"`
			Properties struct {
				List []struct {
					Type     string `json:"type"`
					Value    string `json:"value"`
					ThreadID uint64 `json:"thread_id"`
				} `json:"$exception_list"`
			} `json:"properties"`
		}
		if json.Unmarshal(record, &e) != nil || len(e.Properties.List) == 0 || died.Sub(e.Timestamp).Abs() > lastCalls {
			continue
		}
		first := e.Properties.List[0]
		same := repanicked && sameValue(first.Type, first.Value, &r.Panics[0]) ||
			unprintable && (first.Value == "<nil>" || strings.HasPrefix(first.Value, "<panic in "))
		if same && first.ThreadID == g.ID {
			return true
		}
	}
	return false
}

// sameValue reports whether the library and the runtime say the same of the value
// of a panic. Of values that are no texts at heart, the runtime prints the type and an
// address; and where a text looks as if it had done so, the type is a guess.
func sameValue(title, text string, printed *crash.Value) bool {
	const panicked = "panic" // what texts are titled
	switch {
	case sameText(text, printed.Message):
		return true
	case printed.Message == "" && printed.Type != panicked:
		return title == printed.Type || title == panicked && strings.HasPrefix(text, "("+printed.Type+") 0x")
	default:
		written, found := strings.CutPrefix(text, printed.Type+"(")
		return title == panicked && found && sameText(strings.Trim(written, `")`), strings.Trim(printed.Message, `")`))
	}
}

// sameText compares texts of panics that were cut off, or mended, in different
// ways.
func sameText(a, b string) bool {
	const enough = 1000 // bytes
	if a == b {
		return true
	}
	a, b = withoutMending(a), withoutMending(b)
	n := min(len(a), len(b))
	return a == b || n >= enough && a[:n] == b[:n]
}

// withoutMending returns text without what may stand for something else.
func withoutMending(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r == '?' || r == '\r' {
			return -1
		}
		return r
	}, text)
}
