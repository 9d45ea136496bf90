package wire_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

const (
	limit   = 16 << 20
	tooMuch = "larger than 16 MiB"
)

var (
	mebibyte = strings.Repeat("x", 1<<20)
	filler   = strings.Repeat("x", limit-4<<10) // leaves 4 KiB
	text5    = strings.Repeat("x", 5<<10)
	escape1  = strings.Repeat("\x01", 1<<10) // needs six bytes for each
)

// encodeFull encodes a property that holds all but 4 KiB of what it may, and then values. It returns the text
// without the filler.
func encodeFull(t *testing.T, values ...any) (string, []wire.Loss) {
	t.Helper()
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var encoder wire.Encoder
	out := encoder.AppendProperty(append((*buffer)[:0], '{'), "p", append([]any{filler}, values...))
	*buffer = out
	if len(out) > limit+1<<10 {
		t.Errorf("got %d bytes, want 16 MiB at most", len(out))
	}
	const before = `{"p":["`
	text := before + string(out[len(before)+len(filler):]) + "}"
	requireJSON(t, []byte(text))
	return text, encoder.Losses()
}

// buffers are of 16 MiB, which are slow to get from the system.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// A value is lost whole if it holds only scalars.
func TestAValueThatExceedsTheLimitIsLost(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"text":                       text5,
		"text of a named type":       name(text5),
		"text that grows by escapes": escape1,
		"a list of texts":            slices.Repeat([]string{text5[:1<<10]}, 5),
		"a list of short texts":      make([]string, 2<<10),
		"a list with escapes":        []string{"", escape1},
		"a map of texts":             map[string]string{"a": text5[:3<<10], "b": text5[:3<<10]},
		"a map with a long key":      map[string]string{text5: ""},
		"a list of ints":             make([]int, 3<<10),
		"a list of int64s":           make([]int64, 3<<10),
		"a list of floats":           make([]float64, 3<<10),
		"bytes":                      make([]byte, 4<<10),
		"bytes of a named type":      make([]octet, 4<<10),
		"raw JSON":                   json.RawMessage(`"` + text5 + `"`),
		"a number":                   json.Number("1" + strings.Repeat("0", 5<<10)),
		"what MarshalJSON returns":   marshals{text: []byte(`"` + text5 + `"`)},
		"what MarshalText returns":   texts{text: []byte(text5)},
		"an error's message":         errors.New(text5),
		"a struct of escapes":        struct{ S string }{escape1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, losses := encodeFull(t, value)
			if want := []wire.Loss{{Key: "p.1", Reason: tooMuch}}; got != `{"p":["",null]}` || !slices.Equal(losses, want) {
				t.Errorf("got %.100s with losses %v, want null and %v", got, losses, want)
			}
		})
	}
}

// Of a value that may hold anything, what fits is written.
func TestAContainerThatExceedsTheLimitIsCutOff(t *testing.T) {
	t.Parallel()
	kilobyte := text5[:1<<10]
	five := []string{kilobyte, kilobyte, kilobyte, kilobyte, kilobyte}
	type fields struct{ A, B, C, D, E string }
	for name, tc := range map[string]struct {
		value any
		want  string // with K for a kilobyte
		key   string
	}{
		"a list":                        {[]any{kilobyte, kilobyte, kilobyte, kilobyte, 1}, `["K","K","K",null,1]`, "p.1.3"},
		"a list of a named type":        {[]spoken{spoken(kilobyte), spoken(kilobyte), spoken(kilobyte), spoken(kilobyte)}, `["K","K","K",null]`, "p.1.3"},
		"a list of named strings":       {names{name(kilobyte), name(text5), "a"}, `["K",null,"a"]`, "p.1.1"},
		"a list of maps":                {[]map[string]any{{"a": kilobyte}, {"b": text5}, {"c": 1}}, `[{"a":"K"},{},{"c":1}]`, "p.1.1.b"},
		"a map":                         {map[string]any{"a": text5}, `{}`, "p.1.a"},
		"a map of a named type":         {map[int]any{7: text5}, `{}`, "p.1.7"},
		"a struct":                      {fields{kilobyte, kilobyte, kilobyte, text5, "e"}, `{"A":"K","B":"K","C":"K","E":"e"}`, "p.1.D"},
		"a struct with a list of texts": {struct{ L []string }{five}, `{}`, "p.1.L"},
		"a struct that nests":           {struct{ F *fields }{&fields{A: text5}}, `{"F":{"B":"","C":"","D":"","E":""}}`, "p.1.F.A"},
		"a struct with a map":           {struct{ M map[string]int }{map[string]int{text5: 1}}, `{"M":{}}`, "p.1.M." + text5},
		"a struct with raw JSON":        {struct{ R json.RawMessage }{json.RawMessage(`"` + text5 + `"`)}, `{}`, "p.1.R"},
		"a struct with an array":        {struct{ A [5]string }{[5]string(five)}, `{"A":["K","K","K",null,null]}`, "p.1.A.3"},
		"a struct with numbers":         {struct{ N []int }{make([]int, 5<<10)}, `{}`, "p.1.N"},
		"a struct with anything":        {struct{ V any }{five}, `{}`, "p.1.V"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, losses := encodeFull(t, tc.value)
			got = strings.ReplaceAll(got, kilobyte, "K")
			if len(losses) == 0 || losses[0] != (wire.Loss{Key: tc.key, Reason: tooMuch}) || got != `{"p":["",`+tc.want+`]}` {
				t.Errorf("got %.200s with losses %.200v, want %s and the loss of %.50s", got, losses, tc.want, tc.key)
			}
		})
	}
}

func TestAListEndsWhereTheLimitIs(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"numbers":           slices.Repeat([]any{7}, 5<<10),
		"numbers of a type": slices.Repeat([]level{7}, 5<<10),
		"nothings":          make([]any, 5<<10),
		"those of a struct": struct{ V any }{make([]any, 5<<10)},
		"empty maps":        slices.Repeat([]map[string]any{{}}, 5<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, losses := encodeFull(t, value)
			if len(got) < 4<<10 || len(losses) != 1 || !strings.HasPrefix(losses[0].Key, "p.1.") || losses[0].Reason != tooMuch {
				t.Errorf("got %d bytes with losses %v, want 4 KiB and one loss", len(got), losses)
			}
		})
	}
}

// A few pointers can be gigabytes of text.
func TestManyPlacesOfOneLargeValueAreBounded(t *testing.T) {
	t.Parallel()
	large := slices.Repeat([]string{mebibyte}, 10)
	type lists struct{ Lists [][]string }
	for name, tc := range map[string]struct {
		value any
		want  string // with L for the large list
		key   string
	}{
		"in a list":       {slices.Repeat([]any{large}, 300), `{"p":[L` + strings.Repeat(",null", 299) + "]", "p.1"},
		"in a typed list": {slices.Repeat([][]string{large}, 300), `{"p":[L` + strings.Repeat(",null", 299) + "]", "p.1"},
		"in a struct": {
			lists{slices.Repeat([][]string{large}, 300)}, `{"p":{"Lists":[L` + strings.Repeat(",null", 299) + "]}", "p.Lists.1",
		},
		"in structs": {
			slices.Repeat([]lists{{[][]string{large}}}, 300),
			`{"p":[{"Lists":[L]}` + strings.Repeat(`,{"Lists":[null]}`, 299) + "]", "p.1.Lists.0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var encoder wire.Encoder
			out := encoder.AppendProperty([]byte("{"), "p", tc.value)
			list := `["` + strings.Join(large, `","`) + `"]`
			if got := strings.ReplaceAll(string(out), list, "L"); got != tc.want || cap(out) > 2*limit {
				t.Errorf("got %.200s in %d bytes, want %.200s in 32 MiB at most", got, cap(out), tc.want)
			}
			if losses := encoder.Losses(); len(losses) != 65 || losses[0] != (wire.Loss{Key: tc.key, Reason: tooMuch}) {
				t.Errorf("got losses %.300v, want 64 and one for the rest, from %s on", losses, tc.key)
			}
		})
	}
}

// Or a large value in a million places would be written, and taken back, a million times.
func TestWhatIsWrittenAndTakenBackCounts(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"text":             strings.Repeat("\x01", 400),
		"a list of texts":  slices.Repeat([]string{text5[:200]}, 11),
		"a map of texts":   map[string]string{"a": text5[:700], "b": text5[:700], "c": text5[:700]},
		"a list of ints":   make([]int, 1100),
		"a list of floats": make([]float64, 1100),
		"a struct":         struct{ S string }{strings.Repeat("\x01", 400)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, losses := encodeFull(t, value, value, text5[:1800])
			want := []wire.Loss{{Key: "p.2", Reason: tooMuch}, {Key: "p.3", Reason: tooMuch}}
			if !slices.Equal(losses, want) {
				t.Errorf("got losses %v, want %v, for the second does not fit and leaves no room for more", losses, want)
			}
		})
	}
}

// The limit is that of a property: the next one has all of it again.
func TestTheLimitIsThatOfOneProperty(t *testing.T) {
	t.Parallel()
	var encoder wire.Encoder
	out := encoder.AppendProperty([]byte("{"), "lost", filler+text5)
	out = encoder.AppendProperty(out, "too", []any{filler, escape1})
	known := len(encoder.Losses())
	out = encoder.AppendProperty(out, "large", filler)
	if losses := encoder.Losses(); known != 2 || len(losses) != 2 || len(out) < 2*len(filler) {
		t.Errorf("got %d bytes with losses %v, want two properties written and two values lost", len(out), losses)
	}
	out, ok := encoder.AppendValue(out, filler)
	if !ok || len(out) < 3*len(filler) {
		t.Errorf("AppendValue: got %d bytes, %t, want another value written", len(out), ok)
	}
}
